/**
 * The story of a small fleet on real machines: a server and two agents, each under its own systemd, and everything that may
 * happen to them. The tests build on one another, in order.
 */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { aptRepository, aptSource } from "./apt-repository.ts";
import type { LabHost } from "./host.ts";
import { eventually, Lab, noLab } from "./lab.ts";
import { builtVigo, installServer, Operator } from "./vigo.ts";

/** Files that a run writes one after another, so that it can be struck in the middle. */
const many = 300;

/** How often each side is killed; `scripts/test.sh --all` takes its time. */
const kills = process.env["VIGO_TEST_ALL"] === "1" ? 100 : 6;
const perKillMs = 30_000;

interface Wish {
  /** What the service reads. */
  readonly greeting: string;
  /** In each of the many files. */
  readonly generation: string;
}

/** The whole policy of the fleet. */
const stacks = (
  aptUrl: string,
  { greeting, generation }: Wish,
): Readonly<Record<string, string>> => ({
  "envoys.vgo": `envoys:
  - match: "web-*"
    configcrates: [hello, data]
    vars: { greeting: ${greeting}, generation: ${generation} }
`,
  "configcrates/hello.vgo": `configcrate: hello
vars: { greeting: "" }
resources:
  - name: source
    type: file
    target_path: /etc/apt/sources.list.d/lab.list
    content: "${aptSource(aptUrl).trim()}\\n"
  - { name: package, type: package, package: hello-vigo, depends_on: source }
  - name: config
    type: file
    target_path: /etc/hello-vigo.conf
    source: templates/hello.conf.liquid
    mode: "0644"
    depends_on: package
    notify: service
  - { name: service, type: service, service: hello-vigo, state: running, enabled: true, on_notify: reload, depends_on: package }
  - { name: account, type: user, username: greeter, shell: /bin/sh, comment: Says hello }
`,
  "templates/hello.conf.liquid": `# On {{ envoy.hostname }}, a {{ traits.os.distro }}
greeting {{ vars.greeting }}
`,
  "configcrates/data.vgo": `configcrate: data
vars:
  generation: ""
  parts: [${Array.from({ length: many }, (_, index) => `p${index}`).join(", ")}]
resources:
  - { name: folder, type: directory, target_path: /srv/data }
  - name: part
    type: file
    foreach: parts
    target_path: /srv/data/{{ item }}
    content: "{{ vars.generation }} ${"x".repeat(4_000)} {{ vars.generation }}"
    depends_on: folder
`,
});

describe.skipIf(noLab() !== undefined)("a fleet of three", () => {
  let lab: Lab;
  let server: LabHost;
  let webs: readonly LabHost[];
  let operator: Operator;
  let aptUrl: string;
  let wish: Wish = { greeting: "one", generation: "g0" };

  beforeAll(async () => {
    lab = new Lab();
    const hosts = await lab.boot(["server", "web-1", "web-2"], { vigo: builtVigo() });
    [server] = hosts as [LabHost];
    webs = hosts.slice(1);
    aptUrl = await lab.serve(aptRepository(lab.folder("apt"), ["1.0"]));
    operator = new Operator(server);
  }, 300_000);
  afterAll(() => lab?.end());

  const publish = async (change: Partial<Wish> = {}) => {
    wish = { ...wish, ...change };
    await operator.write(stacks(aptUrl, wish));
    return operator.publish();
  };
  const web = (number: 1 | 2): LabHost => webs[number - 1] as LabHost;
  const everyWeb = <T>(act: (host: LabHost) => Promise<T>) => Promise.all(webs.map(act));
  const count = async (host: LabHost, what: "starts" | "reloads") =>
    Number((await host.get(`/var/lib/hello-vigo/${what}`)) ?? 0);

  /** Every part is of one generation, whole, and nothing else lies beside them. */
  const parts = (host: LabHost) =>
    host.sh(`cd /srv/data; ls -A | wc -l; for f in *; do
      set -- $(cat "$f"); [ "$1" = "$3" ] && [ \${#2} = 4000 ] && [ $# = 3 ] || echo "torn: $f"; echo "$1"; done | sort | uniq -c`);
  const allParts = (generation: string) => `${many}\n${String(many).padStart(7)} ${generation}\n`;

  const converged = (host: LabHost, version: number) =>
    eventually(`${host.name} has version ${version}`, 60_000, async () => {
      const envoy = await operator.envoy(host.name);
      const right = ["converged", "changed"].includes(envoy.status);
      return right && envoy.policy_version >= version ? envoy : undefined;
    });

  test("the server starts, two machines enrol with one token, each under systemd", async () => {
    await installServer(server);
    await operator.settings("checkin: { interval: 1s }\ntuning: { flush_interval: 1s }\n");
    await operator.ready();
    await publish();
    const token = await operator.token(2);
    await everyWeb((host) =>
      host.ok([
        "/opt/vigo/vigo",
        "agent",
        "bootstrap",
        "--server",
        `${server.address}:8443`,
        "--token",
        token,
      ]),
    );
    for (const host of webs) {
      expect(await host.sh("systemctl is-enabled vigo-agent")).toBe("enabled\n");
      const envoy = await eventually("its first check-in", 20_000, async () => {
        const found = await operator.envoy(host.name);
        return found.last_seen_at === undefined ? undefined : found;
      });
      expect(envoy.hostname).toBe(host.name);
    }
  }, 120_000);

  test("the stack is there: package, configuration, service, account", async () => {
    for (const host of webs) {
      await converged(host, 1);
      expect(await host.sh("dpkg -s hello-vigo | grep -E '^(Status|Version):'")).toBe(
        "Status: install ok installed\nVersion: 1.0\n",
      );
      expect(await host.get("/etc/hello-vigo.conf")).toBe(
        `# On ${host.name}, a debian\ngreeting one\n`,
      );
      expect(await host.sh("systemctl is-active hello-vigo; systemctl is-enabled hello-vigo")).toBe(
        "active\nenabled\n",
      );
      expect(await host.sh("getent passwd greeter | cut -d: -f5,7")).toBe("Says hello:/bin/sh\n");
      expect([await count(host, "starts"), await count(host, "reloads")]).toEqual([1, 0]);
      expect(await host.get("/var/lib/hello-vigo/config")).toContain("greeting one");
      expect(await parts(host)).toBe(allParts("g0"));
    }
  }, 120_000);

  test("a change of the configuration reloads the service once", async () => {
    const { version } = await publish({ greeting: "two" });
    for (const host of webs) {
      await eventually("the reload", 30_000, async () =>
        (await count(host, "reloads")) > 0 ? true : undefined,
      );
      await converged(host, version);
      await operator.twoMoreRuns(host.name);
      expect([await count(host, "starts"), await count(host, "reloads")]).toEqual([1, 1]);
      expect(await host.get("/var/lib/hello-vigo/config")).toContain("greeting two");
    }
  }, 90_000);

  test("what a hand has changed is put right, and told as drift", async () => {
    const host = web(1);
    const before = await operator.lastRun(host.name);
    await host.sh(
      "systemctl stop hello-vigo; userdel greeter; rm /srv/data/p7; echo by hand >/srv/data/p8",
    );
    await eventually("everything is back", 30_000, async () =>
      (await host.run(["sh", "-c", "systemctl is-active hello-vigo && getent passwd greeter"]))
        .code === 0 && (await parts(host)) === allParts("g0")
        ? true
        : undefined,
    );
    const changes = await eventually("the report", 20_000, async () => {
      const told = await operator.changesAfter(host.name, before);
      return told.some(({ key }) => key === "data/part[p8]") ? told : undefined;
    });
    expect(new Set(changes.map(({ cause }) => cause))).toEqual(new Set(["drift"]));
  }, 60_000);

  test("a cut cable: still enforced; mended: the reports arrive", async () => {
    const host = web(2);
    const before = await operator.lastRun(host.name);
    host.cut();
    await eventually("the server misses it", 30_000, async () =>
      (await operator.envoy(host.name)).status === "offline" ? true : undefined,
    );
    await host.put("/srv/data/p3", "by hand, offline");
    await eventually("it is repaired without a server", 30_000, async () =>
      (await parts(host)) === allParts("g0") ? true : undefined,
    );
    await eventually("the report waits", 20_000, async () =>
      JSON.parse(await host.ok(["vigo", "status", "--json"])).pending_results > 0
        ? true
        : undefined,
    );
    expect(await operator.lastRun(host.name)).toBe(before);
    const { version } = await publish({ generation: "g1" });
    await converged(web(1), version);
    expect(await parts(host)).toBe(allParts("g0"));
    host.mend();
    const changes = await eventually("the report", 60_000, async () => {
      const told = await operator.changesAfter(host.name, before);
      return told.some(({ key, cause }) => key === "data/part[p3]" && cause === "drift")
        ? told
        : undefined;
    });
    expect(
      changes.filter(({ key, cause }) => key === "data/part[p3]" && cause === "drift"),
    ).toHaveLength(1);
    await converged(host, version);
    expect(await parts(host)).toBe(allParts("g1"));
  }, 180_000);

  test(
    "the agent is killed in the middle of runs: nothing torn, nothing forgotten",
    async () => {
      const host = web(1);
      const starts = await count(host, "starts");
      let reloads = await count(host, "reloads");
      let struck = 0;
      for (let round = 1; round <= kills; round++) {
        const generation = `k${round}`;
        const { version } = await publish({ greeting: `k${round}`, generation });
        await host.sh(`until grep -q ${generation} /srv/data/p${(round * 47) % many}; do :; done
        systemctl kill -s KILL vigo-agent`);
        const found = await parts(host);
        expect(found).not.toContain("torn");
        if (found !== allParts(generation)) struck++;
        await converged(host, version);
        expect(await parts(host)).toBe(allParts(generation));
        expect(await host.get("/var/lib/hello-vigo/config")).toContain(`greeting k${round}`);
        const now = await count(host, "reloads");
        expect(now).toBeGreaterThan(reloads);
        reloads = now;
      }
      expect(struck).toBeGreaterThan(0);
      expect(await count(host, "starts")).toBe(starts);
      expect(await host.sh("systemctl show -P NRestarts vigo-agent")).not.toBe("0\n");
    },
    kills * perKillMs,
  );

  test(
    "the server is killed in the middle of publishing: the old policy or the new one, whole",
    async () => {
      const began = performance.now();
      await publish({ generation: "s0" });
      const usual = performance.now() - began;
      const kept = new Set<boolean>();
      for (let round = 1; round <= kills; round++) {
        const before = await operator.policyVersion();
        wish = { ...wish, generation: `s${round}` };
        await operator.write(stacks(aptUrl, wish));
        const publisher = `publish-${round}`;
        const start = ["systemd-run", "-q", "--uid=vigo", "--collect", `--unit=${publisher}`];
        await server.ok([...start, "vigo", "cli", "publish"]);
        await Bun.sleep((usual * round) / kills);
        await server.run(["systemctl", "kill", "-s", "KILL", publisher, "vigo-server"]);
        const live = await server.sh("basename $(readlink -f /srv/vigo/.live)");
        await operator.ready();
        const version = await operator.policyVersion();
        expect(live).toStartWith(`${version}-`);
        kept.add(version === before);
      }
      process.stdout.write(
        `   cut off while publishing: old policy ${kept.has(true)}, new one ${kept.has(false)}\n`,
      );
      const { version } = await publish({ generation: "last" });
      for (const host of webs) {
        await converged(host, version);
        await eventually("its files", 30_000, async () =>
          (await parts(host)) === allParts("last") ? true : undefined,
        );
      }
      const left = await server.sh(
        "find /srv/vigo/versions -mindepth 1 -maxdepth 1 -printf '%f\\n'",
      );
      for (const name of left.trim().split("\n")) expect(name).toMatch(/^\d+-[0-9a-f]{64}$/);
    },
    kills * perKillMs,
  );

  test("a reboot and a power loss: all of it comes back by itself", async () => {
    await web(1).reboot();
    await web(2).kill();
    await server.kill();
    await Promise.all([server.boot(), web(2).boot()]);
    await operator.ready();
    const { version } = await publish({ greeting: "again", generation: "r1" });
    for (const host of webs) {
      await converged(host, version);
      await eventually("its files", 30_000, async () =>
        (await parts(host)) === allParts("r1") ? true : undefined,
      );
      expect(await host.sh("systemctl is-active hello-vigo vigo-agent")).toBe("active\nactive\n");
      expect(await host.get("/etc/hello-vigo.conf")).toContain("greeting again");
    }
  }, 180_000);

  test("no run of any machine is missing at the server", async () => {
    for (const host of webs) expect(await operator.missingRuns(host.name)).toEqual([]);
  }, 30_000);
});
