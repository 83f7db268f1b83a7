import { describe, expect, test } from "bun:test";
import { cloud } from "../../src/core/traits/cloud.ts";
import { collect } from "../support/collect.ts";
import { fakeHost } from "../support/fake-host.ts";

const dmi = (fields: Readonly<Record<string, string>>) =>
  Object.fromEntries(
    Object.entries(fields).map(([name, text]) => [`/sys/class/dmi/id/${name}`, `${text}\n`]),
  );
const left = (tree: object) => ({ "/run/cloud-init/instance-data.json": JSON.stringify(tree) });

describe("cloud", () => {
  test.each<[Record<string, string>, string]>([
    [{ sys_vendor: "Amazon EC2", product_name: "t3.micro" }, "aws"],
    [{ sys_vendor: "Xen", bios_version: "4.11.amazon" }, "aws"],
    [{ sys_vendor: "Google", product_name: "Google Compute Engine" }, "gcp"],
    [
      {
        sys_vendor: "Microsoft Corporation",
        product_name: "Virtual Machine",
        chassis_asset_tag: "7783-7084-3265-9085-8269-3286-77",
      },
      "azure",
    ],
    [{ sys_vendor: "Microsoft Corporation", product_name: "Virtual Machine" }, "none"],
    [{ sys_vendor: "QEMU", chassis_asset_tag: "OracleCloud.com" }, "oracle"],
    [{ sys_vendor: "Hetzner", product_name: "vServer" }, "hetzner"],
    [{ sys_vendor: "OpenStack Foundation", product_name: "OpenStack Nova" }, "openstack"],
    [{ sys_vendor: "Dell Inc." }, "none"],
    [{}, "none"],
  ])("firmware %p is %s", async (fields, provider) => {
    expect(await collect(cloud, fakeHost({ files: dmi(fields) }).host)).toEqual({ provider });
  });

  test("with what cloud-init left", async () => {
    const files = {
      ...dmi({ sys_vendor: "Amazon EC2" }),
      ...left({
        v1: {
          cloud_name: "aws",
          instance_id: "i-0abcd",
          region: "eu-central-1",
          availability_zone: "eu-central-1a",
        },
        ds: {
          meta_data: {
            "instance-type": "t3.micro",
            "ami-id": "ami-0ab",
            tags: { instance: { Name: "web-1", team: "shop" } },
          },
        },
      }),
    };
    expect(await collect(cloud, fakeHost({ files }).host)).toEqual({
      provider: "aws",
      instance_id: "i-0abcd",
      instance_type: "t3.micro",
      region: "eu-central-1",
      zone: "eu-central-1a",
      image_id: "ami-0ab",
      tags: { Name: "web-1", team: "shop" },
    });
  });

  test("a cloud that only cloud-init knows", async () => {
    const files = left({
      v1: { cloud_name: "exoscale", instance_id: "7f", region: null, availability_zone: "None" },
    });
    expect(await collect(cloud, fakeHost({ files }).host)).toEqual({
      provider: "exoscale",
      instance_id: "7f",
    });
  });

  test.each(["nocloud", "none", "unknown"])("cloud-init's %p is none", async (name) => {
    const files = left({ v1: { cloud_name: name, instance_id: "x" } });
    expect(await collect(cloud, fakeHost({ files }).host)).toEqual({ provider: "none" });
  });

  test("what is not JSON says nothing", async () => {
    const files = { "/run/cloud-init/instance-data.json": "{" };
    expect(await collect(cloud, fakeHost({ files }).host)).toEqual({ provider: "none" });
  });
});
