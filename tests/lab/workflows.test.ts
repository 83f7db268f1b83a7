/**
 * The example workflows on real machines, started by an operator from the command line, start to end: incident containment always, the
 * others with VIGO_TEST_ALL=1. They are used as they ship, but for the time that somebody watches.
 */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { aptRepository, aptSource } from "./apt-repository.ts";
import type { LabHost } from "./host.ts";
import { eventually, Lab, noLab } from "./lab.ts";
import { builtVigo, installServer, Operator } from "./vigo.ts";

const all = process.env["VIGO_TEST_ALL"] === "1";
const example = "examples/fleet-workflows";

interface Ended {
  readonly state: string;
  readonly reason?: string;
  readonly steps: readonly {
    readonly key: string;
    readonly state: string;
    readonly reason?: string;
  }[];
}

describe.skipIf(noLab() !== undefined)("the example workflows", () => {
  let lab: Lab;
  let server: LabHost;
  let operator: Operator;
  const host = (name: string): LabHost => {
    const found = lab.hosts.find((each) => each.name === name);
    if (found === undefined) throw new Error(`no host ${name}`);
    return found;
  };
  const names = ["web-1", "web-2", ...(all ? ["lab-1", "east-1", "west-1"] : [])];

  beforeAll(async () => {
    lab = new Lab();
    const packages = ["nftables", "curl", "procps"];
    const options = {
      vigo: builtVigo(),
      packages,
      off: ["nftables.service"],
      allowed: ["--capability=CAP_NET_ADMIN"],
    };
    await lab.boot(["server", ...names], options);
    server = host("server");
    operator = new Operator(server);
    await installServer(server, "checkin: { interval: 1s }\ntuning: { flush_interval: 1s }\n");
    await operator.ready();
    await written();
    await operator.publish();
    const token = await operator.token(names.length);
    const at = `${server.address}:8443`;
    const enrol = ["/opt/vigo/vigo", "agent", "bootstrap", "--server", at, "--token", token];
    await Promise.all(names.map((name) => host(name).ok(enrol)));
    await Promise.all(names.map(isThere));
  }, 300_000);
  afterAll(() => lab?.end());

  const isThere = (name: string) =>
    eventually(`${name} has its policy`, 30_000, async () => {
      const { status, policy_version: version } = await operator.envoy(name);
      return ["converged", "changed"].includes(status) && version > 0 ? true : undefined;
    });

  /** Stacks as they ship; nobody in a test watches for ten minutes. */
  async function written(change: (path: string, text: string) => string = (_, text) => text) {
    const files = await readdir(example, { recursive: true, withFileTypes: true });
    const tree: Record<string, string> = {};
    for (const file of files.filter((each) => each.isFile() && each.name !== "README.md")) {
      const path = join(file.parentPath, file.name);
      const inside = path.slice(example.length + 1);
      const text = (await readFile(path, "utf8")).replaceAll(
        /hold: \d+m/g,
        `hold: ${all ? 3 : 1}s`,
      );
      tree[inside] = change(inside, text);
    }
    await operator.write(tree);
  }

  const vigo = (...words: readonly string[]) =>
    server.run(["vigo", "cli", "workflow", ...words], { user: "vigo", timeoutMs: 150_000 });
  const begin = async (...words: readonly string[]): Promise<string> => {
    const { stdout, stderr } = await vigo("run", ...words, "--no-follow", "--json");
    expect(stderr).toBe("");
    return (JSON.parse(stdout) as { id: string }).id;
  };
  const shown = async (id: string) =>
    JSON.parse((await vigo("status", id, "--json")).stdout) as Ended & { readonly state: string };
  const isIn = (id: string, state: string) =>
    eventually(`it is ${state}`, 90_000, async () => {
      const now = await shown(id);
      if (now.state !== state && ["failed", "aborted"].includes(now.state))
        throw new Error(JSON.stringify(now));
      return now.state === state ? now : undefined;
    });
  const params = (values: Readonly<Record<string, string>>) =>
    Object.entries(values).flatMap(([name, value]) => ["--param", `${name}=${value}`]);

  test("incident-containment kills, blocks and rotates on every machine", async () => {
    const webs = ["web-1", "web-2"].map(host);
    const infected = `cp /bin/sleep /usr/local/bin/xmrig; useradd -m deploy; mkdir /home/deploy/.ssh
      echo key >/home/deploy/.ssh/authorized_keys; systemd-run -q --uid=deploy xmrig 1000
      getent shadow deploy >/root/before`;
    await Promise.all(webs.map((web) => web.sh(infected)));
    const victim = host("web-2").address;
    const given = params({ process: "xmrig", address: victim, account: "deploy" });
    const { code, stdout, stderr } = await vigo(
      "run",
      "incident-containment",
      "--target",
      "web-*",
      ...given,
    );
    expect([code, stdout]).toEqual([0, ""]);
    expect(stderr).toMatch(/1\.5 {2}over \(run\): ok, 2 targets/);
    expect(stderr).toMatch(/state +done/);
    await Promise.all(
      webs.map(async (web) => {
        expect((await web.run(["pgrep", "-x", "xmrig"])).code).toBe(1);
        expect(await web.sh("nft list set inet containment blocked")).toContain(victim);
        const rotated = await web.sh(`getent shadow deploy | diff -q - /root/before || true
          stat -c '%a %U' /var/lib/vigo-workflows/incident/deploy.password
          cat /var/lib/vigo-workflows/incident/deploy.keys; ls /home/deploy/.ssh`);
        expect(rotated).toMatch(/differ\n600 root\nkey\n$/);
      }),
    );
    const audit = await server.ok(["vigo", "cli", "audit", "list", "--json"], { user: "vigo" });
    for (const action of ["workflow.run", "task.run", "workflow.end"])
      expect(audit).toContain(action);
    // What fails on a machine keeps it from none of the other steps.
    await webs[0]?.sh(
      "userdel deploy; systemd-run -q xmrig 1000; nft delete table inet containment",
    );
    const half = await vigo("run", "incident-containment", "--target", "web-*", ...given);
    expect([half.code, half.stderr]).toEqual([1, expect.stringMatching(/state +done/)]);
    expect((await webs[0]?.run(["pgrep", "-x", "xmrig"]))?.code).toBe(1);
    await Promise.all(webs.map((web) => web.sh("nft delete table inet containment")));
  }, 120_000);

  describe.skipIf(!all)("and the longer ones", () => {
    test("rolling-upgrade takes one machine, waits for a person, then the others, and goes back when the service breaks", async () => {
      const webs = ["web-1", "web-2"].map(host);
      const folder = lab.folder("apt");
      const one = await lab.serve(aptRepository(folder, ["1.0"]));
      const source = (url: string) =>
        Promise.all(webs.map((web) => web.put("/etc/apt/sources.list.d/lab.list", aptSource(url))));
      await source(one);
      for (const web of webs)
        await web.sh(
          "apt-get -qq update; apt-get -qq -y install hello-vigo; systemctl start hello-vigo",
        );
      const two = await lab.serve(aptRepository(lab.folder("apt-2"), ["1.0", "2.0"]));
      await source(two);
      const versions = async () =>
        // biome-ignore lint/suspicious/noTemplateCurlyInString: dpkg-query fills it in.
        Promise.all(webs.map((web) => web.sh("dpkg-query -W -f '${Version}' hello-vigo")));
      const given = params({ package: "hello-vigo", service: "hello-vigo" });
      const id = await begin("rolling-upgrade", ...given);
      await isIn(id, "waiting");
      expect((await versions()).toSorted()).toEqual(["1.0", "2.0"]);
      await vigo("approve", id);
      await isIn(id, "done");
      expect(await versions()).toEqual(["2.0", "2.0"]);
      for (const web of webs)
        await web.sh(
          "rm -rf /var/lib/vigo-workflows; apt-get -qq -y --allow-downgrades install hello-vigo=1.0",
        );
      await host("web-1").sh("systemctl mask -q --runtime --now hello-vigo");
      const bad = await begin("rolling-upgrade", ...given);
      const failed = await hasFailed(bad);
      expect(failed.steps.find(({ key }) => key === "undo.1")?.state).toBe("ok");
      expect(await versions()).toEqual(["1.0", "1.0"]);
    }, 240_000);

    test("ota-update replaces the agent that carries it out", async () => {
      const folder = lab.folder("update");
      const program = await Bun.file(builtVigo()).bytes();
      // Another file that is the same program: nobody reads this byte of an ELF header.
      program[15] = 1;
      await Bun.write(join(folder, "vigo"), program);
      const url = `${await lab.serve(folder)}/vigo`;
      const webs = ["web-1", "web-2"].map(host);
      for (const web of webs)
        await web.sh("systemctl show -p MainPID --value vigo-agent >/root/pid");
      const sha256 = new Bun.CryptoHasher("sha256").update(program).digest("hex");
      const given = params({ url, sha256 });
      const id = await begin("ota-update", "--target", "web-*", ...given);
      const done = await isIn(id, "done");
      expect(done.steps.map(({ key, state }) => `${key} ${state}`)).toContain("2.4 ok");
      for (const web of webs)
        expect(
          await web.sh(
            "systemctl show -p MainPID --value vigo-agent | diff -q - /root/pid >/dev/null || echo new",
          ),
        ).toBe("new\n");
    }, 240_000);

    test("disaster-switch publishes after a second person, and the sites change places", async () => {
      await written((path, text) =>
        path === "common.vgo" ? text.replace("active_site: east", "active_site: west") : text,
      );
      const duty = () =>
        Promise.all(["east-1", "west-1"].map((name) => host(name).sh("cat /etc/site-duty")));
      expect(await duty()).toEqual(["active\n", "standby\n"]);
      const id = await begin("disaster-switch", ...params({ to: "west" }));
      await isIn(id, "waiting");
      const own = await vigo("approve", id);
      expect([own.code, own.stderr]).toEqual([3, expect.stringContaining("somebody else")]);
      await operator.approveAs("second", id);
      await isIn(id, "done");
      expect(await duty()).toEqual(["standby\n", "active\n"]);
    }, 240_000);

    test("disaster-switch publishes nothing while the data is not ready, and goes on without a site that is lost", async () => {
      await written();
      const { policy_version: before } = await operator.envoy("east-1");
      await host("east-1").sh("touch /etc/site-data-not-ready");
      const id = await begin("disaster-switch", ...params({ to: "east" }));
      await isIn(id, "waiting");
      await operator.approveAs("third", id);
      const failed = await hasFailed(id);
      expect(failed.steps.map(({ state }) => state)).not.toContain("running");
      expect((await operator.envoy("east-1")).policy_version).toBe(before);
      expect(await host("west-1").sh("cat /etc/site-duty")).toBe("active\n");
      await host("east-1").sh("rm /etc/site-data-not-ready");
      await host("west-1").sh("systemctl stop vigo-agent");
      await eventually("the site is lost", 30_000, async () =>
        (await operator.envoy("west-1")).status === "offline" ? true : undefined,
      );
      const again = await begin("disaster-switch", ...params({ to: "east" }));
      await isIn(again, "waiting");
      await operator.approveAs("fourth", again);
      await isIn(again, "done");
      expect(await host("east-1").sh("cat /etc/site-duty")).toBe("active\n");
    }, 240_000);

    test("ota-update takes back what does not run, and touches nobody else", async () => {
      const webs = ["web-1", "web-2"].map(host);
      for (const web of webs) {
        await web.put("/usr/local/bin/gadget", "#!/bin/sh\nexec sleep 1000\n", 0o755);
        await web.put(
          "/etc/systemd/system/gadget.service",
          "[Service]\nExecStart=/usr/local/bin/gadget\n",
        );
        await web.sh("systemctl daemon-reload; systemctl start gadget");
      }
      const folder = lab.folder("gadget");
      const program = "#!/bin/sh\nexit 1\n";
      await Bun.write(join(folder, "gadget"), program);
      const sha256 = new Bun.CryptoHasher("sha256").update(program).digest("hex");
      const url = `${await lab.serve(folder)}/gadget`;
      const own = { program: "/usr/local/bin/gadget", service: "gadget" };
      const id = await begin("ota-update", "--target", "web-*", ...params({ url, sha256, ...own }));
      const failed = await hasFailed(id);
      expect(failed.steps.find(({ key }) => key === "undo.1")?.state).toBe("ok");
      await eventually("it runs again", 30_000, async () =>
        (await webs[0]?.run(["systemctl", "is-active", "gadget"]))?.code === 0 ? true : undefined,
      );
      for (const web of webs)
        expect(await web.sh("tail -n1 /usr/local/bin/gadget")).toContain("sleep");
      expect((await webs[1]?.run(["test", "-e", "/usr/local/bin/gadget.before"]))?.code).toBe(1);
    }, 240_000);

    const hasFailed = (id: string) =>
      eventually("it fails", 90_000, async () => {
        const now = await shown(id);
        return now.state === "failed" ? now : undefined;
      });

    test("lab-reset gives the next class a fresh home", async () => {
      const seat = host("lab-1");
      await seat.sh(`useradd -m student; echo mine >/home/student/work; echo fresh >/etc/skel/welcome
        systemd-run -q --uid=student sleep 1000`);
      const id = await begin("lab-reset", ...params({ warning: "1" }));
      await isIn(id, "done");
      expect(
        await seat.sh(
          "ls /home/student; stat -c '%a %U' /home/student; pgrep -u student || echo nobody",
        ),
      ).toBe("welcome\n700 student\nnobody\n");
      const nobody = await begin("lab-reset", ...params({ warning: "0", account: "nobody-here" }));
      const failed = await hasFailed(nobody);
      expect(failed.steps.find(({ key }) => key === "undo.1")?.state).toBe("ok");
      expect(await seat.sh("ls /home/student")).toBe("welcome\n");
    }, 120_000);
  });
});
