import { describe, expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { access, appendFile, mkdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Home } from "../../../src/modes/server/home.ts";
import { callChild, freePorts, inHome, startChild } from "./child.ts";
import { enrolBody, envoyKey } from "./world.ts";

const configured = (work: (home: Home) => Promise<void>, config = freePorts) =>
  inHome(async (home) => {
    await mkdir(dirname(home.config), { recursive: true });
    await writeFile(home.config, config);
    await work(home);
  });

/** Starts it, waits until it is ready, and stops it whatever `work` does. */
const running = async (
  home: Home,
  work: (api: number, child: ReturnType<typeof startChild>) => Promise<void>,
) => {
  const child = startChild(home);
  try {
    const { api } = await child.ready;
    await work(api, child);
  } finally {
    child.kill("SIGKILL");
    await child.exited;
  }
};

const refused = async (home: Home) => {
  const child = startChild(home);
  const code = await child.exited;
  return { code, log: child.log() };
};

describe("first start", () => {
  test("makes all it needs, for its own eyes only", () =>
    configured((home) =>
      running(home, async () => {
        const secret = [
          home.localToken,
          home.initialPassword,
          home.bundleKey,
          home.database,
          join(home.tls, "ca_key.pem"),
          join(home.tls, "key.pem"),
        ];
        for (const file of secret)
          expect([file, (await stat(file)).mode & 0o777]).toEqual([file, 0o600]);
        for (const folder of [home.tls, home.secrets, dirname(home.database)])
          expect([folder, (await stat(folder)).mode & 0o777]).toEqual([folder, 0o700]);
        expect(await readFile(join(home.stacks, "envoys.vgo"), "utf8")).toContain("envoys:");
        expect(await readFile(home.config, "utf8")).toBe(freePorts);
      }),
    ));

  test("says no secret", () =>
    configured((home) =>
      running(home, async (_, child) => {
        for (const file of [home.localToken, home.initialPassword])
          expect(child.log()).not.toContain((await readFile(file, "utf8")).trim());
      }),
    ));

  test("killed at any moment, is completed by the next", () =>
    configured(async (home) => {
      for (const ms of [60, 120, 180, 240, 300, 360]) {
        const child = startChild(home);
        await Promise.race([Bun.sleep(ms), child.exited]);
        child.kill("SIGKILL");
        await child.exited;
      }
      await running(home, async (api) => {
        const { body } = await callChild(home, api, "GET", "/doctor");
        const checks = body["checks"] as { name: string; result: string }[];
        expect(checks.filter(({ result }) => result === "fail")).toEqual([]);
      });
    }));
});

describe("a server", () => {
  test("stops when it is told to, and keeps everything", () =>
    configured(async (home) => {
      let before: unknown;
      await running(home, async (api, child) => {
        const { body } = await callChild(home, api, "POST", "/tokens", { uses: 2 });
        const answer = await callChild(
          home,
          api,
          "POST",
          "/enroll",
          await enrolBody(String(body["token"]), "kept", envoyKey()),
        );
        expect(answer.status).toBe(200);
        before = (await callChild(home, api, "GET", "/envoys/kept")).body;
        child.kill("SIGTERM");
        expect(await child.exited).toBe(0);
        expect(child.log()).toContain("server stopped");
        await expect(access(home.ports)).rejects.toThrow("ENOENT");
      });
      await running(home, async (api) => {
        expect((await callChild(home, api, "GET", "/envoys/kept")).body).toEqual(
          before as Record<string, unknown>,
        );
        const tokens = (await callChild(home, api, "GET", "/tokens")).body["tokens"];
        expect(tokens).toMatchObject([{ uses_left: 1 }]);
      });
    }));

  test("comes back on the ports it had, unless somebody else took them", () =>
    configured(async (home) => {
      const ports: { grpc: number; api: number }[] = [];
      const once = () =>
        running(home, async (_, child) => {
          const { grpc, api } = await child.ready;
          ports.push({ grpc, api });
        });
      await once();
      await once();
      expect(ports[1]).toEqual(ports[0]);
      const squatters = [ports[0]?.grpc ?? 0, ports[0]?.api ?? 0].map((port) =>
        Bun.serve({ port, hostname: "127.0.0.1", fetch: () => new Response() }),
      );
      await once();
      for (const squatter of squatters) await squatter.stop(true);
      expect(ports[2]?.grpc).not.toBe(ports[0]?.grpc ?? 0);
      expect(ports[2]?.api).not.toBe(ports[0]?.api ?? 0);
    }));

  test("killed while machines enrol, has each of them wholly or not at all", () =>
    configured(async (home) => {
      const told: string[] = [];
      await running(home, async (api, child) => {
        const { body } = await callChild(home, api, "POST", "/tokens", { uses: 1000 });
        const asking = Array.from({ length: 60 }, async (_, n) => {
          const request = await enrolBody(String(body["token"]), `crash-${n}`, envoyKey());
          const answer = await callChild(home, api, "POST", "/enroll", request);
          if (answer.status === 200) told.push(String(answer.body["envoy_id"]));
          if (told.length === 10) child.kill("SIGKILL");
        });
        await Promise.allSettled(asking);
        await child.exited;
      });
      expect(told.length).toBeGreaterThanOrEqual(10);
      await running(home, async (api) => {
        const get = async (path: string) => (await callChild(home, api, "GET", path)).body;
        const envoys = (await get("/envoys?limit=1000"))["envoys"] as { id: string }[];
        const ids = new Set(envoys.map(({ id }) => id));
        for (const id of told) expect(ids).toContain(id);
        const [token] = (await get("/tokens"))["tokens"] as { uses_left: number }[];
        expect(token?.uses_left).toBe(1000 - ids.size);
        const entries = (await get("/audit?limit=1000"))["entries"] as {
          action: string;
          subject: string;
        }[];
        const enrolled = entries.filter(({ action }) => action === "envoy.enrol");
        expect(new Set(enrolled.map(({ subject }) => subject))).toEqual(ids);
        const checks = (await get("/doctor"))["checks"] as { name: string; result: string }[];
        expect(checks.find(({ name }) => name === "audit")?.result).toBe("pass");
      });
    }));

  test("is the only one in its home", () =>
    configured((home) =>
      running(home, async () => {
        const { code, log } = await refused(home);
        expect([code, log]).toEqual([
          1,
          expect.stringContaining(`another server runs in ${home.folder}`),
        ]);
      }),
    ));

  test("reads its settings again, and keeps the old ones when the new are wrong", () =>
    configured((home) =>
      running(home, async (api, child) => {
        const metrics = async () => {
          const ca = await readFile(join(home.tls, "ca.pem"), "utf8");
          return (
            await fetch(`https://localhost:${api}/metrics`, { tls: { ca }, keepalive: false })
          ).status;
        };
        const until = async (event: string) => {
          const deadline = Date.now() + 10_000;
          while (!child.log().includes(event)) {
            if (Date.now() > deadline) throw new Error(`no "${event}" in:\n${child.log()}`);
            await Bun.sleep(10);
          }
        };
        expect(await metrics()).toBe(200);
        await appendFile(home.config, "metrics: {allow: []}\ntuning: {flush_interval: 9s}\n");
        child.kill("SIGHUP");
        await until('"event":"reloaded"');
        expect(await metrics()).toBe(403);
        expect(child.log()).toContain('"event":"restart to apply","settings":"tuning"');
        await appendFile(home.config, "metrcs: {}\n");
        child.kill("SIGHUP");
        await until("not reloaded");
        expect(child.log()).toContain("server.yaml:4:1: unknown key");
        expect(await metrics()).toBe(403);
      }),
    ));

  test("that is told to read again while it starts, does so once it serves", () =>
    configured(async (home) => {
      const child = startChild(home);
      try {
        const deadline = Date.now() + 10_000;
        while (!existsSync(join(home.tls, "ca.pem")) && Date.now() < deadline) await Bun.sleep(1);
        expect(child.log()).not.toContain("server ready");
        child.kill("SIGHUP");
        await child.ready;
        while (!child.log().includes('"event":"reloaded"') && Date.now() < deadline)
          await Bun.sleep(10);
        expect(child.log()).toContain('"event":"reloaded"');
      } finally {
        child.kill("SIGKILL");
        await child.exited;
      }
    }));

  test("shows a new certificate without a restart when it has a new name", () =>
    configured((home) =>
      running(home, async (api, child) => {
        const before = await readFile(join(home.tls, "cert.pem"), "utf8");
        await writeFile(
          home.config,
          "server: {grpc_listen: '127.0.0.1:0', api_listen: '127.0.0.1:0', tls_sans: [vigo.test]}\n",
        );
        child.kill("SIGHUP");
        const deadline = Date.now() + 10_000;
        while (!child.log().includes('"event":"reloaded"') && Date.now() < deadline)
          await Bun.sleep(10);
        expect(await readFile(join(home.tls, "cert.pem"), "utf8")).not.toBe(before);
        const ca = await readFile(join(home.tls, "ca.pem"), "utf8");
        const response = await fetch(`https://localhost:${api}/healthz`, {
          headers: { host: "vigo.test" },
          tls: { ca, serverName: "vigo.test" },
          keepalive: false,
        });
        expect(response.status).toBe(200);
      }),
    ));
});

describe("a server refuses to start", () => {
  test.each([
    [
      "on a wrong setting",
      "checkin: {interval: soon}\n",
      2,
      "server.yaml:2:11: checkin.interval must be a duration",
    ],
    [
      "on a setting of a later version",
      "spanner: {}\n",
      2,
      "server.yaml:2:1: spanner is not in this version",
    ],
    ["on an address that is not its own", "", 5, "cannot listen on 192.0.2.1:8443 for HTTPS"],
  ])("%s", (_, more, exit, message) =>
    configured(async (home) => {
      if (more === "")
        await writeFile(
          home.config,
          "server: {grpc_listen: '127.0.0.1:0', api_listen: '192.0.2.1:8443'}\n",
        );
      else await appendFile(home.config, more);
      const { code, log } = await refused(home);
      expect([code, log]).toEqual([exit, expect.stringContaining(message)]);
    }),
  );

  test.each([
    ["the CA", (home: Home) => join(home.tls, "ca.pem"), "ca.pem is missing"],
    ["the CA's key", (home: Home) => join(home.tls, "ca_key.pem"), "ca_key.pem is missing"],
    ["the bundle key", (home: Home) => home.bundleKey, "bundle_key is missing"],
  ])("without %s that envoys trust", (_, file, message) =>
    configured(async (home) => {
      await running(home, async () => {});
      await rm(file(home));
      const { code, log } = await refused(home);
      expect([code, log]).toEqual([1, expect.stringContaining(message)]);
      expect(log).toContain("restore it from a backup");
    }),
  );

  test("on files of its own that are damaged: each is named, with the way out", () =>
    configured(async (home) => {
      await running(home, async () => {});
      for (const [file, message] of [
        [join(home.tls, "ca.pem"), "ca.pem is not an X.509 certificate"],
        [join(home.tls, "ca_key.pem"), "ca_key.pem is not the key of"],
        [join(home.tls, "key.pem"), "key.pem is no private key"],
        [home.auditKey, "audit_key is no key"],
        [home.auditHead, "audit-head holds no head of the audit log"],
      ] as const) {
        const sound = await readFile(file);
        await writeFile(file, "-----BEGIN GARBAGE-----\n");
        const { code, log } = await refused(home);
        expect([code, log]).toEqual([1, expect.stringContaining(message)]);
        expect(log).toContain("restore");
        expect(log).not.toContain("    at ");
        await writeFile(file, sound);
      }
      // That one the server issues itself.
      const own = join(home.tls, "cert.pem");
      await writeFile(own, "-----BEGIN GARBAGE-----\n");
      await running(home, async () => {});
      expect(await readFile(own, "utf8")).toStartWith("-----BEGIN CERTIFICATE-----");
    }));

  test("says it when the database was made anew beside keys of before", () =>
    configured(async (home) => {
      const told = "the database is new, though there was a CA";
      await running(home, async (_, child) => expect(child.log()).not.toContain(told));
      for (const end of ["", "-wal", "-shm"]) await rm(`${home.database}${end}`, { force: true });
      await rm(home.auditHead);
      await running(home, async (_, child) => expect(child.log()).toContain(told));
    }));

  test("on a database that is none", () =>
    configured(async (home) => {
      await mkdir(dirname(home.database), { recursive: true });
      await writeFile(home.database, "no database ".repeat(500));
      const { code, log } = await refused(home);
      expect([code, log]).toEqual([1, expect.stringContaining("the file is no SQLite database")]);
    }));
});
