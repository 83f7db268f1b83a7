/**
 * The `cloud` trait: whose machine this is, from the firmware, and what cloud-init has been told about it. It asks nobody on the
 * network: an address that answers only in clouds costs seconds everywhere else. Must not know hypervisors.
 */
import { z } from "zod";
import type { ReadHost } from "../host.ts";
import { fileLine, fileText } from "../tools/file-text.ts";
import { type CloudTold, cloudTold } from "../tools/cloud-init.ts";
import { type Firmware, providerOf } from "../tools/cloud-provider.ts";
import { unlessDenied } from "../tools/refusal.ts";
import { defineTrait } from "../trait.ts";

const told = (description: string) =>
  z
    .string()
    .exactOptional()
    .meta({ description: `${description} Missing where cloud-init has not left it.` });

export const cloud = defineTrait({
  name: "cloud",
  summary: "The cloud that the machine is in.",
  platforms: ["linux"],
  elsewhere: {
    windows: () => (require("./windows/system.ts") as typeof import("./windows/system.ts")).cloud,
  },
  keep: "hour",
  timeoutMs: 30_000,
  value: () =>
    z.strictObject({
      provider: z.string().meta({
        description:
          "aws, azure, gcp, digitalocean, hetzner, openstack, oracle, vultr, scaleway, alibaba, linode, or what cloud-init calls it; none.",
      }),
      instance_id: told("Id of the machine there."),
      instance_type: told("Size, as the cloud names it."),
      region: told("Region."),
      zone: told("Zone in the region."),
      image_id: told("Id of the image it was made from."),
      tags: z.record(z.string(), z.string()).exactOptional().meta({
        description: "Tags or labels. Missing where the cloud does not hand them to the machine.",
      }),
    }),
  async collect(host) {
    const [dmi, left] = await Promise.all([readFirmware(host), readCloudInit(host)]);
    const { provider = "", ...rest } = left;
    return { provider: providerOf(dmi) ?? (provider === "" ? "none" : provider), ...rest };
  },
  example: {
    provider: "aws",
    instance_id: "i-0abcd1234ef567890",
    instance_type: "t3.micro",
    region: "eu-central-1",
    zone: "eu-central-1a",
    image_id: "ami-0abcdef1234567890",
    tags: { Name: "web-1" },
  },
});

async function readFirmware(host: ReadHost): Promise<Firmware> {
  const [vendor = "", product = "", asset = "", bios = ""] = await Promise.all(
    ["sys_vendor", "product_name", "chassis_asset_tag", "bios_version"].map((name) =>
      fileLine(host, `/sys/class/dmi/id/${name}`),
    ),
  );
  return { vendor, product, asset, bios };
}

async function readCloudInit(host: ReadHost): Promise<Partial<CloudTold>> {
  const text = await unlessDenied(fileText(host, "/run/cloud-init/instance-data.json"));
  return text === undefined ? {} : cloudTold(text);
}
