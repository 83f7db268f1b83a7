/** `service` on a real systemd with units that are masked, static, instances of a template, or failed. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { applying } from "./applying.ts";
import type { LabHost } from "./host.ts";
import { bootHosts, type Lab, noLab } from "./lab.ts";
import { builtVigo } from "./vigo.ts";

const install = "[Install]\nWantedBy=multi-user.target\n";
const sleeps = "[Service]\nExecStart=/bin/sleep 3600\n";
const units = {
  "plain.service": `${sleeps}${install}`,
  "static.service": sleeps,
  "say@.service": `[Service]\nExecStart=/bin/sleep %i\n${install}`,
  "weak.service": `[Unit]\nStartLimitIntervalSec=600\nStartLimitBurst=2\n[Service]\nExecStart=/srv/weak\n${install}`,
};

describe.skipIf(noLab() !== undefined)("units on a real host", () => {
  let lab: Lab;
  let host: LabHost;
  beforeAll(async () => {
    lab = await bootHosts(1, { vigo: builtVigo() });
    [host] = lab.hosts as [LabHost];
    for (const [name, text] of Object.entries(units))
      await host.put(`/etc/systemd/system/${name}`, text);
    await host.put("/srv/weak", "#!/bin/sh\nexit 3\n", 0o755);
    await host.sh("systemctl daemon-reload");
  }, 300_000);
  afterAll(() => lab?.end());

  const run = async (wish: string) => {
    const { resources } = await applying(host)("unit", [`{ name: it, type: service, ${wish} }`]);
    return `${resources[0]?.outcome}: ${resources[0]?.reason ?? ""}`;
  };
  const twice = async (wish: string) => [await run(wish), await run(wish)];
  const state = async (unit: string) =>
    (await host.sh(`systemctl is-active ${unit} || :; systemctl is-enabled ${unit} 2>&1 || :`))
      .trim()
      .split("\n");

  test("masked: nobody can start it until it is unmasked, and stopped it may stay", async () => {
    await host.sh(
      "mv /etc/systemd/system/plain.service /usr/lib/systemd/system/; systemctl daemon-reload; systemctl mask -q plain",
    );
    expect(await run("service: plain")).toMatch(/^failed: plain is masked: nobody can start it/);
    expect(await run("service: plain, state: stopped")).toBe("ok: ");
    expect(await twice("service: plain, masked: false, enabled: true")).toEqual([
      "changed: ",
      "ok: ",
    ]);
    expect(await state("plain")).toEqual(["active", "enabled"]);
    expect(await twice("service: plain, state: stopped, enabled: false, masked: true")).toEqual([
      "changed: ",
      "ok: ",
    ]);
    expect(await state("plain")).toEqual(["inactive", "masked"]);
  }, 120_000);

  test("static: it runs, and there is nothing to enable", async () => {
    expect(await twice("service: static, enabled: true")).toEqual(["changed: ", "ok: "]);
    expect(await state("static")).toEqual(["active", "static"]);
    await host.sh("systemctl stop static");
    expect(await twice("service: static")).toEqual(["changed: ", "ok: "]);
  }, 120_000);

  test("a template's instances are services of their own", async () => {
    expect(await twice("service: say@3601, enabled: true")).toEqual(["changed: ", "ok: "]);
    expect(await state("say@3601")).toEqual(["active", "enabled"]);
    expect(await run("service: say@3602, state: stopped, enabled: false")).toBe("ok: ");
    await host.sh("systemctl disable -q say@3601; systemctl kill say@3601");
    expect(await twice("service: say@3601, enabled: true")).toEqual(["changed: ", "ok: "]);
    expect(await twice("service: say@3601, state: stopped, enabled: false")).toEqual([
      "changed: ",
      "ok: ",
    ]);
  }, 120_000);

  test("failed: it counts as stopped, and that it does not stay up is said", async () => {
    await host.sh("for n in 1 2 3 4; do systemctl start weak || :; sleep 0.2; done || :");
    expect(await state("weak")).toEqual(["failed", "disabled"]);
    expect(await run("service: weak, state: stopped")).toBe("ok: ");
    expect(await run("service: weak")).toStartWith(
      "failed: weak was started and does not run: exit-code, status ",
    );
  }, 120_000);
});
