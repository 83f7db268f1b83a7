/** What a policy asks of a Mac and of a Windows machine, from what their tools are recorded to say. */
import { expect, test } from "bun:test";
import { collectTraits, traitValues } from "../../../src/core/collect.ts";
import type { ReadHost } from "../../../src/core/host.ts";
import { decideOnEnvoy } from "../../../src/core/policy/when/decide-on-envoy.ts";
import { decideOnServer } from "../../../src/core/policy/when/decide-on-server.ts";
import { parseCondition } from "../../../src/core/policy/when/parse.ts";
import { traits as types } from "../../../src/core/traits/index.ts";
import { recordedMac } from "../../support/recorded-mac.ts";
import { recordedWindows } from "../../support/recorded-windows.ts";

const envoy = { id: "6f9619ff-8b86-d011-b42d-00c04fc964ff", hostname: "pc-7.example.com" };

async function both(source: string, host: ReadHost) {
  const condition = parseCondition(source, types);
  if (condition.kind === "error") throw new Error(condition.message);
  const traits = traitValues((await collectTraits(types, host)).sections);
  const travelled = { source, vars: {}, environment: "live", roles: [] };
  const onEnvoy = await decideOnEnvoy(travelled, {
    envoy,
    host,
    notified: false,
    types,
    trait: async (section) => traits[section],
  });
  if (!condition.needsEnvoy) {
    const context = { envoy, traits, vars: {}, roles: [], environment: "live", types };
    expect(decideOnServer(condition, context)).toBe(onEnvoy);
  }
  return onEnvoy;
}

test.each([
  ["os_family('darwin')", true, false],
  ["os_family('windows')", false, true],
  ["traits.os.family == 'darwin' || traits.os.family == 'windows'", true, true],
  ["distro('macos') && arch('arm64') && version_ge('15.0')", true, false],
  ["distro('windows') && arch('amd64') && version_ge('10.0.22000')", false, true],
  ["version_ge('15.2')", false, false],
  ["is_vm || is_container || has_systemd", false, false],
  ["has_display && cpu_count >= 8 && has_enough_ram(8000)", true, true],
  ["package_installed('Git')", false, true],
  ["package_installed('com.example.tool')", true, false],
  ["service_running('sshd')", false, true],
  ["service_running('com.openssh.sshd')", true, false],
  ["port_listening(22) && !port_listening(23)", true, true],
  ["traits.filesystem.root_used_pct > 30.0", true, false],
  ["'dana' in traits.users.sudoers && !('kim' in traits.users.sudoers)", true, true],
  ["has(traits.pressure)", false, false],
  ["traits.cert_lifecycle.certificates.exists(c, c.days_left > -100000)", true, true],
])("%s: a Mac %j, Windows %j", async (source, mac, windows) => {
  expect([
    await both(source, recordedMac().host),
    await both(source, recordedWindows().host),
  ]).toEqual([mac, windows]);
});
