/** What policy would do to Vigo itself, tried on a real host: refused before anything is touched, and the rest goes on. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import type { RunReport } from "../../src/core/converge/report.ts";
import { applying } from "./applying.ts";
import type { LabHost } from "./host.ts";
import { bootHosts, type Lab, noLab } from "./lab.ts";
import { builtVigo } from "./vigo.ts";

setDefaultTimeout(60_000);

/** As a tree of its own says it; the policy says so before there is a run. */
const refused: readonly (readonly [resource: string, why: string])[] = [
  ["type: file, target_path: /etc/./vigo-envoy/config, content: x", "belongs to Vigo itself"],
  ["type: directory, target_path: /var/lib, purge: true", "reach into /var/lib/vigo-envoy"],
  ["type: service, service: vigo-agent, state: stopped", "would stop vigo-agent"],
  ["type: service, service: vigo-agent, enabled: false", "keep vigo-agent from starting"],
  ["type: package, package: vigo, state: absent", "remove the package vigo"],
  ["type: user, username: root, state: absent", "would remove root"],
  ["type: user, username: vigo, state: absent", "the server's account"],
  ["type: process, process: vigo, state: stopped", "end processes of Vigo itself"],
];

describe.skipIf(noLab() !== undefined)("guardrails", () => {
  let lab: Lab;
  let host: LabHost;
  const applied = async (crate: string, resources: readonly string[]): Promise<RunReport> =>
    applying(host)(crate, resources);

  beforeAll(async () => {
    lab = await bootHosts(1, { vigo: builtVigo() });
    host = lab.hosts[0] as LabHost;
    // A disk of its own for what the agent keeps, and the program where an administrator put it.
    await host.sh(`
      useradd --system vigo
      install -d -m 0700 /srv/disk /srv/disk/envoy /srv/disk/old; echo kept >/srv/disk/envoy/kept; touch /srv/disk/old/file
      rm -rf /var/lib/vigo-envoy; ln -s /srv/disk/envoy /var/lib/vigo-envoy
      install -D -m 0755 /opt/vigo/vigo /opt/tools/vigo; ln -sf /opt/tools/vigo /usr/local/bin/vigo`);
  });
  afterAll(() => lab?.end());

  test.each(refused)("{ %s } is refused by the policy: %s", async (resource, why) => {
    await host.put("/root/refused.vgo", `configcrate: refused\nresources:\n  - { ${resource} }\n`);
    const { code, stderr } = await host.run([
      "/opt/vigo/vigo",
      "agent",
      "apply",
      "/root/refused.vgo",
    ]);
    expect([code, stderr]).toEqual([expect.any(Number), expect.stringContaining(why)]);
    expect(code).not.toBe(0);
  });

  test("where a link leads is known on the machine alone, and is refused there", async () => {
    const { resources } = await applied("links", [
      "{ name: data, type: directory, target_path: /srv/disk, purge: true, recurse: true }",
      "{ name: tools, type: directory, target_path: /opt/tools, state: absent, recurse: true }",
      '{ name: other, type: file, target_path: /srv/other, content: "x" }',
    ]);
    expect(resources.map(({ key, outcome, reason = "" }) => `${key} ${outcome} ${reason}`)).toEqual(
      [
        "links/data failed refused: it would reach into /srv/disk/envoy, which is Vigo's own",
        "links/tools failed refused: it would reach into /opt/tools/vigo, which is Vigo's own",
        "links/other changed ",
      ],
    );
    const inside = await applied("inside", [
      "{ name: home, type: file, target_path: /srv/disk/envoy/kept, content: mine }",
    ]);
    expect(inside.resources[0]?.reason).toBe(
      "refused: /srv/disk/envoy/kept belongs to Vigo itself",
    );
    expect(await host.get("/srv/disk/envoy/kept")).toBe("kept\n");
    expect(await host.exists("/srv/disk/old/file")).toBe(true);
    expect(await host.exists("/opt/tools/vigo")).toBe(true);
  });
});
