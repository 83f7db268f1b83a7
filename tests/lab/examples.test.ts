/**
 * The example stacks on real hosts, as somebody would use them: copied out of the executable, applied, applied again with nothing
 * left to do, and then what they promise is looked at from outside.
 */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import type { RunReport } from "../../src/core/converge/report.ts";
import type { LabHost } from "./host.ts";
import { eventually, Lab, noLab } from "./lab.ts";
import { builtVigo } from "./vigo.ts";

/** What was not ok, and why. */
const rest = ({ resources }: RunReport) =>
  resources
    .filter(({ outcome }) => outcome !== "ok")
    .map(({ key, outcome, reason }) => `${key}: ${outcome}${reason ? ` (${reason})` : ""}`);

type Row = RunReport["resources"][number];
const changesIn = ({ key, changes }: Row) => ({ key, changes });
/** All but what depends on something that nobody can know before. */
const isForetold = ({ reason }: Row) => reason === undefined || reason === "would refresh";

const keys = (lines: readonly string[], outcome: string): readonly string[] =>
  lines.filter((line) => line.includes(`: ${outcome}`)).map((line) => line.split(": ")[0] ?? "");

const podman = ["podman", "crun", "netavark", "aardvark-dns", "iptables", "busybox-static"];
const podmanUnits = [
  ...["podman.socket", "podman-auto-update.timer", "podman-auto-update.service"],
  "podman-restart.service",
];

describe.skipIf(noLab() !== undefined)("the example stacks", () => {
  let lab: Lab;
  const host = (name: string): LabHost => {
    const found = lab.hosts.find((each) => each.name === name);
    if (found === undefined) throw new Error(`no host ${name}`);
    return found;
  };

  beforeAll(async () => {
    lab = new Lab();
    const vigo = builtVigo();
    const allowed = ["--capability=CAP_NET_ADMIN", "--system-call-filter=add_key keyctl bpf"];
    await lab.boot(["containers-1"], { vigo, allowed, packages: podman, off: podmanUnits });
    const sites = ["app-east-1", "app-west-1"];
    await lab.boot(
      ["web-1", "web-2", "lab-01", "test-1", ...sites, "screen-lobby", "till-vienna-1"],
      {
        vigo,
        packages: [
          ...["cron", "curl", "git", "less", "libpam-pwquality", "nano", "nftables", "nginx-light"],
        ],
        off: ["nginx.service", "nftables.service"],
        allowed,
      },
    );
  }, 180_000);
  afterAll(() => lab?.end());

  /** One example on one host. */
  async function copied(on: LabHost, name: string) {
    const stacks = `/root/${name}`;
    const argv = ["/opt/vigo/vigo", "cli", "config", "examples", "copy", name, "--to", stacks];
    await on.ok(argv);
    const apply = async (...flags: readonly string[]): Promise<RunReport> => {
      const words = ["/opt/vigo/vigo", "agent", "apply", stacks, "--json", ...flags];
      const { stdout, stderr } = await on.run(words, { timeoutMs: 120_000 });
      if (!stdout.startsWith("{")) throw new Error(`${stderr}${stdout}`);
      return JSON.parse(stdout) as RunReport;
    };
    return {
      apply,
      /** As its user would: another value in one of its files. */
      edit: (file: string, from: string, to: string) =>
        on.sh(`grep -q '${from}' ${stacks}/${file}; sed -i 's|${from}|${to}|' ${stacks}/${file}`),
      /** The first run does what the dry run said, and the next one nothing. Gives what was changed. */
      async settle(): Promise<readonly string[]> {
        const [said, done] = [await apply("--dry-run"), await apply()];
        const [dry, changed] = [rest(said), rest(done)];
        const told = said.resources.filter(isForetold);
        const kept = new Set(told.map(({ key }) => key));
        expect(told.map(changesIn)).toEqual(
          done.resources.filter(({ key }) => kept.has(key)).map(changesIn),
        );
        expect(changed.filter((line) => !/: (changed|skipped)/.test(line))).toEqual([]);
        expect(keys(dry, "pending")).toEqual(keys(changed, "changed"));
        expect(keys(changed, "changed").length).toBeGreaterThan(0);
        const again = rest(await apply());
        expect(again.filter((line) => !line.includes(": skipped"))).toEqual([]);
        return keys(changed, "changed");
      },
    };
  }

  test("base-hardening: sshd lets nobody in as root, and says so to who tries", async () => {
    const web = host("web-1");
    const stack = await copied(web, "base-hardening");
    await stack.settle();
    const effective = await web.ok(["/usr/sbin/sshd", "-T"]);
    for (const line of ["permitrootlogin no", "passwordauthentication no", "maxauthtries 3"])
      expect(effective.split("\n")).toContain(line);
    expect(await web.ok(["sysctl", "-n", "net.ipv4.conf.all.rp_filter"])).toBe("1\n");
    const ssh = ["ssh", "-o", "StrictHostKeyChecking=no", "-o", "BatchMode=yes"];
    const tried = await host("test-1").run([...ssh, `root@${web.address}`, "true"]);
    expect(tried.code).toBe(255);
    expect(tried.stderr).toContain("Authorised use only");
    expect(tried.stderr).toContain("Permission denied (publickey)");
    // Another hand opens it again: the next run shuts it.
    await web.sh("sed -i 's/^PermitRootLogin.*/PermitRootLogin yes/' /etc/ssh/sshd_config");
    expect(rest(await stack.apply())).toContain("sshd/setting[PermitRootLogin]: changed");
    expect(await web.ok(["/usr/sbin/sshd", "-T"])).toContain("permitrootlogin no\n");
  }, 180_000);

  test("lab-workstations: what a student leaves is gone after a restart", async () => {
    const seat = host("lab-01");
    const stack = await copied(seat, "lab-workstations");
    await stack.settle();
    expect(await seat.get("/etc/issue")).toContain("lab-01 - row 1, window");
    expect(await seat.ok(["su", "student", "-c", "ulimit -Hu"])).toBe("400\n");
    await seat.sh("su student -c 'echo mine >~/mine; echo ours >/srv/exchange/ours'");
    await seat.reboot();
    await eventually("a clean home", 30_000, async () =>
      (await seat.exists("/home/student/README.txt")) && !(await seat.exists("/home/student/mine"))
        ? true
        : undefined,
    );
    expect(await seat.get("/home/student/README.txt")).toContain("This is lab-01, row 1, window.");
    expect(await seat.get("/srv/exchange/ours")).toBe("ours\n");
    expect(rest(await stack.apply())).toEqual([]);
  }, 180_000);

  test("canary-rollout: the switch is one number, there and back", async () => {
    const canary = host("test-1");
    const stack = await copied(canary, "canary-rollout");
    await stack.settle();
    const version = () => canary.ok(["greeter", "--version"]);
    expect(await version()).toBe("greeter 2.1.0\n");
    await stack.edit("environments.vgo", "next_percent: 100", "next_percent: 0");
    expect(await stack.settle()).toEqual(["release/current-stable", "release/proven"]);
    expect(await version()).toBe("greeter 2.0.0\n");
    await stack.edit(
      "environments.vgo",
      "testing: { vars: { next_percent: 0",
      "testing: { vars: { next_percent: 100",
    );
    await stack.apply();
    expect(await version()).toBe("greeter 2.1.0\n");
  }, 180_000);

  test("disaster-recovery: one word, and the other site answers", async () => {
    const [east, west] = [host("app-east-1"), host("app-west-1")];
    const answers = async (site: LabHost) =>
      (await host("test-1").run(["curl", "-sf", "-m", "5", `http://${site.address}/`])).code === 0;
    await west.ok(["systemctl", "enable", "--now", "nginx"]);
    const stacks = await Promise.all([east, west].map((site) => copied(site, "disaster-recovery")));
    for (const stack of stacks) await stack.settle();
    expect([await answers(east), await answers(west)]).toEqual([true, false]);
    expect(await west.get("/etc/motd")).toContain("STANDBY. Work is done at east");
    for (const stack of stacks) {
      await stack.edit("common.vgo", "active_site: east", "active_site: west");
      await stack.settle();
    }
    expect([await answers(east), await answers(west)]).toEqual([false, true]);
    expect(await east.exists("/etc/cron.d/nightly-report")).toBe(false);
    expect(await west.get("/etc/cron.d/nightly-report")).toContain("15 2 * * *");
    expect(await east.ok(["getent", "hosts", "service.internal"])).toContain("198.51.100.10");
  }, 180_000);

  test("web-server-tls: who knows its certificate gets the page, and nothing else over HTTP", async () => {
    const [web, other] = [host("web-2"), host("test-1")];
    const stack = await copied(web, "web-server-tls");
    await web.put("/srv/www/main/index.html", "hello over TLS\n");
    await stack.settle();
    const pem = (await web.get("/etc/nginx/tls/www.pem")) ?? "";
    await other.put("/root/www.pem", pem);
    const curl = (...words: readonly string[]) =>
      other.run([
        ...["curl", "-s", "-m", "5", "--cacert", "/root/www.pem"],
        ...["--resolve", `www.example.com:443:${web.address}`, ...words],
      ]);
    expect((await curl("https://www.example.com/")).stdout).toBe("hello over TLS\n");
    expect((await curl("-D-", "https://www.example.com/")).stdout).toContain("max-age=300");
    const plain = await curl(
      "-o/dev/null",
      "-w%{http_code} %{redirect_url}",
      `http://${web.address}/x`,
    );
    expect(plain.stdout).toBe(`301 https://${web.address}/x`);
    expect((await curl("-k", `https://${web.address}/`)).code).not.toBe(0);
    // A site that nginx would not take: the run fails with nginx's words, and what is served goes on being served.
    await stack.edit("envoys.vgo", "root: /srv/www/main", 'root: "/srv/www/main; bad"');
    expect(rest(await stack.apply()).join()).toContain("unknown directive");
    expect((await curl("https://www.example.com/")).stdout).toBe("hello over TLS\n");
    await stack.edit("envoys.vgo", "main; bad", "main");
    expect(rest(await stack.apply()).join()).not.toContain("failed");
  }, 180_000);

  test("kiosk: the page is asked for again and again, whatever happens to the browser", async () => {
    const [screen, web] = [host("screen-lobby"), host("test-1")];
    const stack = await copied(screen, "kiosk");
    // The lab has no screen: a stand-in for the browser asks for the page once a second.
    const asking =
      'while :; do curl -s -A "screen of $(id -un)" "$PAGE" >/dev/null; sleep 0.3; done';
    await screen.put("/srv/browser", `#!/bin/sh\n${asking}\n`, 0o755);
    await stack.edit("common.vgo", "\\[cage, chromium\\]", "[curl]");
    await stack.edit("common.vgo", "screen_command: .*", "screen_command: /srv/browser");
    await stack.edit(
      "common.vgo",
      "https://signage.example.com/lobby",
      `http://${web.address}/lobby`,
    );
    await web.ok(["systemctl", "start", "nginx"]);
    const shown = async () =>
      ((await web.get("/var/log/nginx/access.log")) ?? "")
        .split("\n")
        .filter((line) => line.includes("GET /lobby") && line.includes("screen of kiosk")).length;
    const more = async () => {
      const before = await shown();
      await eventually("the page is asked for", 20_000, async () =>
        (await shown()) > before ? true : undefined,
      );
    };
    await stack.settle();
    await more();
    await screen.sh("pkill -KILL -u kiosk");
    await more();
    await screen.reboot();
    await more();
    expect((await screen.run(["su", "kiosk", "-c", "true"])).code).not.toBe(0);
  }, 180_000);

  test("pos-terminal: a till reaches its server and nothing else, and survives a wrong filter", async () => {
    const [till, server, other] = [host("till-vienna-1"), host("web-2"), host("test-1")];
    const stack = await copied(till, "pos-terminal");
    await till.put(
      "/srv/till",
      "#!/bin/sh\nenv >/var/lib/till/env\ntouch /srv/mine\nexec sleep infinity\n",
      0o755,
    );
    await server.ok(["systemctl", "start", "ssh", "nginx"]);
    await other.ok(["systemctl", "start", "nginx"]);
    await stack.edit("shops/vienna/common.vgo", "192.0.2.10", server.address);
    await stack.edit("common.vgo", "server_port: 8443", "server_port: 80");
    await stack.edit("common.vgo", "/opt/till/bin/till", "/srv/till");
    const reaches = async (from: LabHost, address: string, port: number) =>
      (await from.run(["timeout", "3", "bash", "-c", `</dev/tcp/${address}/${port}`])).code === 0;
    expect(await reaches(till, other.address, 80)).toBe(true);
    await stack.settle();
    expect(await reaches(till, server.address, 80)).toBe(true);
    expect(await reaches(till, server.address, 22)).toBe(false);
    expect(await reaches(other, server.address, 22)).toBe(true);
    expect(await reaches(till, other.address, 80)).toBe(false);
    await eventually("the till's program runs", 10_000, async () =>
      (await till.exists("/var/lib/till/env")) ? true : undefined,
    );
    expect(await till.get("/var/lib/till/env")).toContain("TERMINAL=till-vienna-1\n");
    expect(await till.exists("/srv/mine")).toBe(false);
    // A filter that would cut it off from its server is taken back by itself.
    await stack.edit("common.vgo", "server_port: 80", "server_port: 81");
    expect(rest(await stack.apply()).join()).toContain("filter/table: failed");
    expect(await reaches(till, server.address, 80)).toBe(true);
    await till.reboot();
    expect(await reaches(till, other.address, 80)).toBe(false);
    expect(await reaches(till, server.address, 80)).toBe(true);
  }, 240_000);

  /**
   * A host of the lab has no disk and no control groups of its own to give away, and no registry to ask: limits are left out, and
   * the image is made of what the host has.
   */
  const engine = `mkdir -p /etc/systemd/system/run-.service.d /etc/containers
    printf '[Service]\\nKillMode=process\\n' >/etc/systemd/system/run-.service.d/lab.conf; systemctl daemon-reload
    printf '[storage]\\ndriver="vfs"\\nrunroot="/run/containers/storage"\\ngraphroot="/var/lib/containers/storage"\\n' >/etc/containers/storage.conf
    printf '[containers]\\ncgroups="disabled"\\n[engine]\\ncgroup_manager="cgroupfs"\\nevents_logger="file"\\n' >/etc/containers/containers.conf
    cd /root; mkdir -p image/bin image/srv image/etc image/tmp image/proc image/sys image/dev; cp /bin/busybox image/bin
    for name in sh httpd cat; do ln -s busybox image/bin/$name; done
    tar -C image -cf image.tar .; for tag in 1 2; do podman import -q image.tar localhost/web:$tag; done`;

  test("container-host: a container answers, and again after a restart and with another image", async () => {
    const [containers, other] = [host("containers-1"), host("test-1")];
    await containers.sh(engine, { timeoutMs: 120_000 });
    const stack = await copied(containers, "container-host");
    for (const limit of ["memory", "cpus"])
      await stack.edit("configcrates/containers.vgo", `^    ${limit}: .*`, "");
    await stack.edit("common.vgo", "pull: missing", "pull: never");
    await stack.edit("envoys.vgo", "docker.io/library/nginx:1.27", "localhost/web:1");
    const httpd = "command: [httpd, -f, -p, 80, -h, /usr/share/nginx/html]";
    await stack.edit(
      "envoys.vgo",
      'ports: \\["8080:80"\\]',
      `${httpd}\\n          ports: ["8080:80"]`,
    );
    await containers.sh(`sed -i '/^        cache:/,$d' /root/container-host/envoys.vgo`);
    await stack.settle();
    await containers.put("/srv/containers/web/index.html", "hello from a container\n");
    const answers = () =>
      eventually("the container answers", 60_000, async () => {
        const words = ["curl", "-s", "-m", "2", `http://${containers.address}:8080/`];
        const { stdout } = await other.run(words);
        return stdout === "hello from a container\n" ? true : undefined;
      });
    await answers();
    await containers.ok(["podman", "rm", "-f", "-t", "0", "web"]);
    expect(keys(rest(await stack.apply()), "changed")).toEqual(["containers/run[web]"]);
    await answers();
    await stack.edit("envoys.vgo", "localhost/web:1", "localhost/web:2");
    expect(await stack.settle()).toEqual(["containers/run[web]"]);
    await answers();
    expect(await containers.sh("podman ps --format '{{.Image}}'")).toBe("localhost/web:2\n");
    await containers.reboot();
    await answers();
  }, 400_000);
});
