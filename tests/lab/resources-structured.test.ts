/** The types of structured files, archives, downloads, and a few of the system, on a real Debian host. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { createHash } from "node:crypto";
import { writeFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { tar } from "../support/tar.ts";
import type { LabHost } from "./host.ts";
import { bootHosts, type Lab, noLab } from "./lab.ts";
import { applying } from "./applying.ts";
import { filled, lifeTimeoutMs, liveThrough } from "./life.ts";
import { structured, structuredBefore, structuredGiven } from "./lives/structured.ts";
import { proven } from "./proof.ts";
import { builtVigo } from "./vigo.ts";

const packed = gzipSync(
  tar([
    { name: "tool-1/", type: "5", mode: 0o755 },
    { name: "tool-1/run", body: "go\n", mode: 0o755 },
    { name: "tool-1/latest", type: "2", target: "run" },
  ]),
);
const sha256 = createHash("sha256").update(packed).digest("hex");

const why = noLab();

describe.skipIf(why !== undefined)("on a real host", () => {
  let lab: Lab;
  let host: LabHost;
  let url: string;
  beforeAll(async () => {
    lab = await bootHosts(1, { vigo: builtVigo(), packages: ["git"] });
    [host] = lab.hosts as [LabHost];
    const folder = lab.folder("files");
    writeFileSync(`${folder}/tool.tgz`, packed);
    url = (await lab.serve(folder)).replace(/\/$/, "");
    for (const [path, text] of Object.entries(structuredGiven)) await host.put(path, text);
    await host.sh(structuredBefore);
  }, 300_000);
  afterAll(() => lab?.end());

  for (const [name, life] of Object.entries(structured))
    test(
      name,
      () => liveThrough(host, name, filled(life, { URL: url, SHA: sha256 })),
      lifeTimeoutMs,
    );

  test("time zone and name of the machine", async () => {
    const apply = applying(host);
    const wish = [
      "{ name: zone, type: timezone, timezone: Europe/Vienna }",
      "{ name: called, type: hostname, hostname: lab.example.net }",
    ];
    const first = await apply("names", wish);
    expect(first.resources.map(({ outcome, reason }) => reason ?? outcome)).toEqual([
      "changed",
      "changed",
    ]);
    expect((await apply("names", wish)).outcome).toBe("ok");
    expect(
      await host.sh("date +%Z | tr -d 'ES'; cat /etc/timezone; hostname; cat /etc/hostname"),
    ).toBe("CT\nEurope/Vienna\nlab.example.net\nlab.example.net\n");
    await host.sh("hostname other; ln -sf /usr/share/zoneinfo/UTC /etc/localtime");
    const mended = await apply("names", wish);
    expect(
      mended.resources.map(({ changes }) => changes.map(({ field, cause }) => [field, cause])),
    ).toEqual([[["zone", "drift"]], [["running", "drift"]]]);
    proven(host, "timezone", "hostname");
  }, 60_000);
});
