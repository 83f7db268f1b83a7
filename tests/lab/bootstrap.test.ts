/**
 * From a bare Debian to an envoy with one line, as `vigo cli tokens create` prints it: enrolled, under systemd, converged; updated in
 * place; reset; and an image whose copies enrol at their first start. The tests build on one another, in order.
 */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import type { LabHost } from "./host.ts";
import { eventually, Lab, noLab } from "./lab.ts";
import { builtVigo, installServer, Operator } from "./vigo.ts";

const policy = {
  "envoys.vgo": 'envoys:\n  - { match: "*", configcrates: [motto] }\n',
  "configcrates/motto.vgo":
    'configcrate: motto\nresources:\n  - { name: file, type: file, target_path: /etc/motto, content: "{{ envoy.hostname }} is managed" }\n',
};

describe.skipIf(noLab() !== undefined)("one line on a bare Debian", () => {
  let lab: Lab;
  let server: LabHost;
  let web: LabHost;
  let image: LabHost;
  let operator: Operator;
  /** What `tokens create` says to run. */
  let line: string;

  beforeAll(async () => {
    lab = new Lab();
    [server] = (await lab.boot(["server"], { vigo: builtVigo() })) as [LabHost];
    // Nothing of Vigo is there, and of what it takes only curl.
    [web, image] = (await lab.boot(["web-1", "image-1"], { packages: ["curl"] })) as [
      LabHost,
      LabHost,
    ];
    operator = new Operator(server);
    await installServer(server);
    await operator.settings(
      `server: { hostname: ${server.address} }\ncheckin: { interval: 1s, stream: always }\ntuning: { flush_interval: 1s }\n`,
    );
    await operator.ready();
    await operator.write(policy);
    await operator.publish();
    const printed = await server.ok(["vigo", "cli", "tokens", "create", "--uses", "9"], {
      user: "vigo",
    });
    line =
      printed
        .split("\n")
        .find((text) => text.includes("curl "))
        ?.trim() ?? "";
  }, 300_000);
  afterAll(() => lab?.end());

  const cli = (...words: readonly string[]) =>
    server.ok(["vigo", "cli", ...words], { user: "vigo" });
  const managed = (host: LabHost) =>
    eventually(`${host.name} is managed`, 60_000, async () =>
      (await host.get("/etc/motto")) === `${host.name} is managed` ? true : undefined,
    );
  const seen = (host: LabHost) =>
    eventually(`${host.name} has called`, 30_000, async () => {
      const envoy = await operator.envoy(host.name).catch(() => undefined);
      return envoy?.last_seen_at === undefined ? undefined : envoy;
    });
  const program = (host: LabHost) => host.sh("stat -c %i:%a:%U /usr/local/bin/vigo");
  const started = (host: LabHost) =>
    host.sh("systemctl show -P ExecMainStartTimestampMonotonic vigo-agent");

  test("the line installs the program and the service, enrols, and the machine converges", async () => {
    expect(line).toContain(`https://${server.address}:8443/bootstrap | VIGO_TOKEN=vgt_`);
    expect(await web.exists("/usr/local/bin/vigo")).toBe(false);
    const said = await web.sh(line);
    expect(said).toContain(`enrolled at ${server.address}:8443 as web-1`);
    await managed(web);
    expect(await web.sh("systemctl is-enabled vigo-agent; systemctl is-active vigo-agent")).toBe(
      "enabled\nactive\n",
    );
    expect((await program(web)).endsWith(":755:root\n")).toBe(true);
    expect((await seen(web)).status).toMatch(/^(?:changed|converged|no data)$/);
  }, 120_000);

  test("the line again updates in place: the same envoy, a new program, a new process", async () => {
    const [before, old, since] = [await seen(web), await program(web), await started(web)];
    const said = await web.sh(line);
    expect(said).toContain(`enrolled before: web-1, envoy ${before.id}`);
    expect(await program(web)).not.toBe(old);
    expect(await started(web)).not.toBe(since);
    expect((await operator.envoy("web-1")).id).toBe(before.id);
    expect(JSON.parse(await cli("envoys", "list", "--json")).envoys).toHaveLength(1);
  }, 120_000);

  test("a server in between that has another key gets nothing", async () => {
    const pin = line.replace(/sha256\/\/[^']+/, `sha256//${"A".repeat(43)}=`);
    const { stderr } = await web.run(["sh", "-c", pin]);
    expect(stderr).toContain("public key");
  });

  test("a revoked machine is cut off at once, and told so", async () => {
    const { id } = await operator.envoy("web-1");
    await cli("envoys", "revoke", id);
    await eventually("the agent says so", 30_000, async () =>
      /revoked/.test(await web.sh("journalctl -o cat -u vigo-agent")) ? true : undefined,
    );
    expect(await web.sh("systemctl is-active vigo-agent")).toBe("active\n");
  }, 60_000);

  // It waits for a person, and for a poll after that: the short form is in the integration suite.
  test.skipIf(process.env["VIGO_TEST_ALL"] !== "1")(
    "a reset takes the agent away; the line brings another envoy, and the former one is an orphan",
    async () => {
      const { id: former } = await operator.envoy("web-1").catch(() => ({ id: "revoked" }));
      expect(former).toBe("revoked");
      const fetched = line.replace("/bootstrap", "/reset").replace(/VIGO_TOKEN=\S+ /, "");
      expect(await web.sh(fetched)).toContain("/var/lib/vigo-envoy is removed");
      expect(await web.exists("/etc/systemd/system/vigo-agent.service")).toBe(false);
      await web.sh(line);
      const { id: second } = await seen(web);
      await web.sh(fetched);
      // Its name is an active envoy's now: whoever comes with it waits for a person.
      const coming = web.sh(line, { timeoutMs: 90_000 });
      const request = await eventually("it waits", 30_000, async () => {
        const { pending } = JSON.parse(await cli("enroll", "pending", "--json"));
        return pending[0] as { id: string } | undefined;
      });
      await cli("enroll", "approve", request.id);
      expect(await coming).toContain("enrolled at");
      const list = await cli("envoys", "list");
      expect(list.split("\n").find((row) => row.includes("orphaned"))).toContain("web-1");
      const shown = JSON.parse(await cli("envoys", "show", second, "--json"));
      expect(shown.orphaned).toBe(true);
    },
    180_000,
  );

  test("an image is prepared without an identity, and enrols at its first start", async () => {
    const said = await image.sh(line.replace(/ sh$/, " sh -s -- --defer"));
    expect(said).toContain("when the agent first runs");
    expect(await image.sh("systemctl is-enabled vigo-agent")).toBe("enabled\n");
    expect((await image.run(["systemctl", "is-active", "vigo-agent"])).code).not.toBe(0);
    expect(await image.sh("stat -c %a /var/lib/vigo-envoy/deferred.json")).toBe("600\n");
    await image.reboot();
    await managed(image);
    expect((await seen(image)).hostname).toBe("image-1");
    expect(await image.exists("/var/lib/vigo-envoy/deferred.json")).toBe(false);
  }, 180_000);
});
