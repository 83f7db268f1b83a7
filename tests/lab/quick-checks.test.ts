/**
 * What was found right and has been at rest is not checked again (ADR 9): on a real host, whatever somebody then does by hand to a
 * service, a package, an account, a kernel parameter or a line is found all the same, one at a time.
 */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import type { LabHost } from "./host.ts";
import { bootHosts, type Lab, noLab } from "./lab.ts";
import { applying } from "./applying.ts";

import { builtVigo } from "./vigo.ts";

const service = (name: string, more: string) =>
  `{ name: ${name}, type: service, service: ${name}, ${more} }`;

const wish: readonly string[] = [
  service("on", "enabled: true"),
  service("off", "state: stopped, enabled: false"),
  service("kept", "enabled: true, masked: false"),
  "{ name: dana, type: user, username: dana, shell: /bin/sh, comment: Dana, groups: [adm] }",
  "{ name: eve, type: user, username: eve, state: absent }",
  "{ name: sudo, type: user, username: sam, sudo_nopasswd: true }",
  "{ name: ttl, type: sysctl, key: net.ipv4.ip_default_ttl, value: '70' }",
  "{ name: hold, type: package, package: [tar, sed], lock_version: false }",
  "{ name: gone, type: package, package: nosuch-vigo, state: absent }",
  "{ name: line, type: file_line, target_path: /srv/lines, line: kept }",
];

/** What is done by hand, and who finds it. */
const harms: readonly (readonly [what: string, harm: string, found: string])[] = [
  ["a service is stopped", "systemctl stop on", "on"],
  ["a service is disabled", "systemctl disable -q on", "on"],
  ["a process of a service dies", "systemctl kill -s KILL on; sleep 0.2", "on"],
  ["a service is started", "systemctl start off", "off"],
  ["a service is enabled", "systemctl enable -q off", "off"],
  [
    "a service is enabled for the runtime alone",
    "systemctl disable -q kept; systemctl enable -q --runtime kept",
    "kept",
  ],
  ["a service is masked", "systemctl mask -q --now kept", "kept"],
  ["a shell is changed", "usermod -s /bin/bash dana", "dana"],
  ["a group is left", "gpasswd -d dana adm", "dana"],
  ["a home goes", "rm -r /home/dana", "dana"],
  ["an account comes", "useradd -M eve", "eve"],
  ["a right goes", "rm /etc/sudoers.d/vigo-sam", "sudo"],
  ["a kernel parameter is set", "sysctl -q -w net.ipv4.ip_default_ttl=61", "ttl"],
  ["a kernel parameter is not kept", "rm /etc/sysctl.d/99-zz-net.ipv4.ip_default_ttl.conf", "ttl"],
  ["a package is held", "apt-mark hold sed", "hold"],
  ["a line goes", "sed -i /kept/d /srv/lines", "line"],
];

/** Each takes seconds: all of them are the long form. */
const tried =
  process.env["VIGO_TEST_ALL"] === "1"
    ? harms
    : [0, 5, 7, 12, 14].flatMap((at) => harms.slice(at, at + 1));

/** Longer than what was changed a moment before is looked at in full. */
const rest = 2_100;

describe.skipIf(noLab() !== undefined)("what is at rest on a real host", () => {
  let lab: Lab;
  let host: LabHost;

  const apply = async () => {
    const { outcome, resources } = await applying(host)("quick", wish);
    const told = resources.filter((one) => one.outcome !== "ok");
    return { outcome, told: told.map(({ key }) => key.replace(/^[^/]*\//, "")) };
  };

  beforeAll(async () => {
    lab = await bootHosts(1, { vigo: builtVigo() });
    host = lab.hosts[0] as LabHost;
    await host.sh(`
      for unit in /etc/systemd/system/on /etc/systemd/system/off /usr/lib/systemd/system/kept; do
        printf '[Service]\\nExecStart=/bin/sleep infinity\\n[Install]\\nWantedBy=multi-user.target\\n' >$unit.service
      done
      systemctl daemon-reload
      echo first >/srv/lines`);
    expect((await apply()).outcome).toBe("changed");
  }, 120_000);

  afterAll(() => lab.end());

  test("nothing is found as long as nothing is done, and everything that is", async () => {
    const found: (readonly [string, readonly string[]])[] = [];
    for (const [what, harm] of tried) {
      // The second of these has known what was right; the last one takes its word.
      await Bun.sleep(rest);
      expect(await apply()).toEqual({ outcome: "ok", told: [] });
      expect(await apply()).toEqual({ outcome: "ok", told: [] });
      await host.sh(harm);
      found.push([what, (await apply()).told]);
    }
    expect(found).toEqual(tried.map(([what, , who]) => [what, [who]]));
  }, 240_000);
});
