/** `revert: true` on a real host: what was there first is put back once, also after a kill in the middle, and then it is let be. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import type { LabHost } from "./host.ts";
import { bootHosts, type Lab, noLab } from "./lab.ts";
import { applying } from "./applying.ts";

import { builtVigo } from "./vigo.ts";

const kept = "/var/lib/vigo-envoy/apply/reversals.json";
const wish = (more: string) => [
  `{ name: zone, type: timezone, timezone: Asia/Tokyo${more} }`,
  `{ name: called, type: hostname, hostname: reverted.example.net${more} }`,
  `{ name: made, type: exec, command: 'echo made >/srv/made', creates: /srv/made, on_revert: [rm, /srv/made]${more} }`,
];

describe.skipIf(noLab() !== undefined)("revert", () => {
  let lab: Lab;
  let host: LabHost;
  let before = "";
  const state = () =>
    host.sh(
      "hostname; cat /etc/hostname; readlink /etc/localtime; cat /etc/timezone; if [ -e /srv/made ]; then cat /srv/made; fi",
    );

  beforeAll(async () => {
    lab = await bootHosts(1, { vigo: builtVigo() });
    host = lab.hosts[0] as LabHost;
    await host.sh(
      "ln -sf /usr/share/zoneinfo/Europe/Rome /etc/localtime; echo Europe/Rome >/etc/timezone",
    );
    before = await state();
  }, 300_000);
  afterAll(() => lab?.end());

  const outcomes = async (more: string, ...flags: readonly string[]) =>
    (await applying(host)("undo", wish(more), ...flags)).resources.map(
      ({ outcome, reason }) => reason ?? outcome,
    );

  test("what was there first is put back, once", async () => {
    expect(await outcomes("")).toEqual(["changed", "changed", "changed"]);
    expect(await state()).toBe(
      "reverted.example.net\nreverted.example.net\n/usr/share/zoneinfo/Asia/Tokyo\nAsia/Tokyo\nmade\n",
    );
    expect(await outcomes(", revert: true", "--dry-run")).toEqual([
      "pending",
      "pending",
      "pending",
    ]);
    expect(await outcomes(", revert: true")).toEqual(["changed", "changed", "changed"]);
    expect(await state()).toBe(before);
    await host.sh("hostname mine; echo mine >/etc/hostname; echo by hand >/srv/made");
    expect(await outcomes(", revert: true")).toEqual(["ok", "ok", "ok"]);
    expect(await host.sh(`hostname; cat /etc/hostname /srv/made; stat -c '%a %U' ${kept}`)).toBe(
      "mine\nmine\nby hand\n600 root\n",
    );
    await host.sh(`hostname ${host.name}; echo ${host.name} >/etc/hostname; rm /srv/made`);
  }, 60_000);

  test("killed at any moment, there is a way back to what was first", async () => {
    const crate = ["configcrate: undo", "resources:", ...wish("").map((line) => `  - ${line}`)];
    await host.put("/root/kill.vgo", `${crate.join("\n")}\n`);
    const was = await state();
    for (const ms of [20, 60, 120, 200, 300, 450]) {
      await host.run([
        "timeout",
        "-s",
        "KILL",
        `${ms / 1000}`,
        "/opt/vigo/vigo",
        "agent",
        "apply",
        "/root/kill.vgo",
      ]);
      await outcomes(", revert: true");
      expect([ms, await state()]).toEqual([ms, was]);
    }
  }, 120_000);
});
