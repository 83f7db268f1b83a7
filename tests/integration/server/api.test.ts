import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { access, chmod, readFile } from "node:fs/promises";
import { codeOf, makeWorld, messageOf, type World } from "./world.ts";

let w: World;
beforeAll(async () => {
  w = await makeWorld("metrics: {token: a-secret-for-prometheus, allow: []}\n");
});
afterAll(() => w.stop());

const login = async (password: string) => w.call("POST", "/login", { name: "admin", password }, "");

describe("callers", () => {
  test("on this host are admins by the local token", async () => {
    expect((await w.call("GET", "/me")).body).toMatchObject({
      name: "local",
      role: "admin",
      via: "local-token",
    });
    const answer = await w.call("POST", "/logout");
    expect([answer.status, messageOf(answer)]).toEqual([
      422,
      expect.stringContaining("cannot be withdrawn"),
    ]);
  });

  test.each(["", "x", `vgot_000000000000_${"0".repeat(48)}`, "Bearer", "ä".repeat(10)])(
    "are refused with %p",
    async (bearer) => {
      const answer = await w.call(
        "GET",
        "/me",
        undefined,
        bearer === "ä".repeat(10) ? "%c3%a4" : bearer,
      );
      expect([answer.status, codeOf(answer)]).toEqual([401, "unauthenticated"]);
    },
  );

  test("log in with the first password, which is then gone, and log out", async () => {
    const password = (await readFile(w.home.initialPassword, "utf8")).trim();
    expect((await login("wrong")).status).toBe(401);
    const { body, status } = await login(password);
    expect([status, body["role"]]).toEqual([200, "admin"]);
    await expect(access(w.home.initialPassword)).rejects.toThrow("ENOENT");
    const bearer = String(body["token"]);
    expect((await w.call("GET", "/me", undefined, bearer)).body).toMatchObject({
      name: "admin",
      via: "api-token",
    });
    expect((await w.call("POST", "/logout", undefined, bearer)).status).toBe(200);
    const gone = await w.call("GET", "/me", undefined, bearer);
    expect([gone.status, messageOf(gone)]).toEqual([401, "the token was withdrawn"]);
  });

  test("who guess at passwords must wait", async () => {
    const answers: number[] = [];
    for (let n = 0; n < 6; n++)
      answers.push((await w.call("POST", "/login", { name: "guessed", password: "x" }, "")).status);
    expect(answers.slice(0, 4)).toEqual([401, 401, 401, 401]);
    expect(answers.at(-1)).toBe(429);
  });
});

describe("envoys", () => {
  test("are paged by name, filtered, renamed and revoked", async () => {
    const token = await w.token({ uses: 0 });
    for (const name of ["b", "a", "c", "d-1", "d-2"]) await w.enrol(token, name);
    const names: unknown[] = [];
    let cursor = "";
    do {
      const { body } = await w.call("GET", `/envoys?limit=2${cursor && `&cursor=${cursor}`}`);
      for (const envoy of body["envoys"] as { hostname: string }[]) names.push(envoy.hostname);
      cursor = String(body["cursor"] ?? "");
    } while (cursor !== "");
    expect(names).toEqual(["a", "b", "c", "d-1", "d-2"]);
    const list = async (query: string) =>
      ((await w.call("GET", `/envoys?${query}`)).body["envoys"] as { hostname: string }[]).map(
        ({ hostname }) => hostname,
      );
    expect(await list("hostname=d-*")).toEqual(["d-1", "d-2"]);
    expect(await list("status=converged")).toEqual([]);
    expect(await list("status=no%20data")).toHaveLength(5);

    const clash = await w.call("POST", "/envoys/a/rename", { hostname: "b" });
    expect([clash.status, codeOf(clash)]).toEqual([409, "conflict"]);
    expect((await w.call("POST", "/envoys/a/rename", { hostname: "A2" })).body["hostname"]).toBe(
      "a2",
    );
    const revoked = await w.call("POST", "/envoys/a2/revoke");
    expect(revoked.body["revoked_at"]).toBeString();
    expect(await list("")).toEqual(["b", "c", "d-1", "d-2"]);
    expect(await list("revoked=true")).toContain("a2");
    expect((await w.call("POST", `/envoys/${revoked.body["id"]}/revoke`)).body["revoked_at"]).toBe(
      revoked.body["revoked_at"],
    );
    expect(codeOf(await w.call("GET", "/envoys/a2"))).toBe("missing");
    const bent = await w.call("GET", "/envoys?cursor=nonsense");
    expect([bent.status, messageOf(bent)]).toEqual([400, expect.stringContaining("cursor")]);
  });

  test("every act is in the audit log, with who did it", async () => {
    const { body } = await w.call("GET", "/audit?limit=1000");
    const entries = body["entries"] as {
      action: string;
      actor: string;
      subject: string;
      id: number;
    }[];
    const acts = new Set(entries.map(({ actor, action }) => `${actor.split(" ")[0]} ${action}`));
    for (const act of [
      "server user.create",
      "admin user.login",
      "admin user.logout",
      "local token.create",
      "token envoy.enrol",
      "local envoy.rename",
      "local envoy.revoke",
    ])
      expect(acts).toContain(act);
    expect(entries.filter(({ action }) => action === "envoy.revoke")).toHaveLength(1);
    const page = await w.call("GET", `/audit?limit=2`);
    expect(page.body["entries"]).toHaveLength(2);
    const next = await w.call("GET", `/audit?limit=2&cursor=${page.body["cursor"]}`);
    expect((next.body["entries"] as { id: number }[])[0]?.id).toBe((entries[1]?.id ?? 0) - 1);
  });
});

describe("the server", () => {
  test("tells how it stands", async () => {
    const { body } = await w.call("GET", "/server");
    expect(body).toMatchObject({
      policy_version: 0,
      revoked: 1,
      waiting: 0,
      grpc_port: w.running().ports.grpc,
      api_port: w.running().ports.api,
      convergence_pct: 0,
    });
    expect((body["envoys"] as Record<string, number>)["no data"]).toBe(4);
  });

  test("examines itself, and finds what is wrong", async () => {
    const checks = async () =>
      new Map(
        (
          (await w.call("GET", "/doctor")).body["checks"] as {
            name: string;
            result: string;
            fix?: string;
          }[]
        ).map((check) => [check.name, check]),
      );
    const healthy = await checks();
    expect([...healthy.values()].filter(({ result }) => result === "fail")).toEqual([]);
    await chmod(w.home.bundleKey, 0o644);
    expect((await checks()).get("key files")).toMatchObject({
      result: "fail",
      fix: `chmod 600 ${w.home.bundleKey}`,
    });
    await chmod(w.home.bundleKey, 0o600);
  });

  test("has no runs yet, and says how to find them", async () => {
    expect((await w.call("GET", "/runs")).body).toEqual({ runs: [] });
    expect((await w.call("GET", "/runs?envoy=b")).body).toEqual({ runs: [], steady: [] });
    expect(codeOf(await w.call("GET", "/envoys/b/runs/1"))).toBe("missing");
    expect(codeOf(await w.call("GET", "/envoys/b/runs/x"))).toBe("missing");
  });

  test("lists tokens without their secrets", async () => {
    const token = await w.token({ label: "for web", match: "Web-*", uses: 5 });
    const { body } = await w.call("GET", "/tokens");
    expect(body["tokens"]).toContainEqual(
      expect.objectContaining({ label: "for web", match: "web-*", uses_left: 5, usable: true }),
    );
    expect(JSON.stringify(body)).not.toContain(token.split("_")[2] ?? "?");
    const bent = await w.call("POST", "/tokens", { expires: "800d" });
    expect([bent.status, messageOf(bent)]).toEqual([
      400,
      expect.stringContaining("at most a year"),
    ]);
  });

  test("is healthy and ready, and gives its numbers to those who may have them", async () => {
    for (const path of ["/healthz", "/readyz"]) {
      const { status, headers } = await w.fetch(path);
      expect([path, status, headers.get("content-type")]).toEqual([
        path,
        200,
        "text/plain; charset=utf-8",
      ]);
    }
    expect((await w.fetch("/readyz")).status).toBe(200);
    expect((await w.fetch("/metrics")).status).toBe(403);
    const asked = await w.fetch("/metrics", {
      headers: { authorization: "Bearer a-secret-for-prometheus" },
    });
    const page = await asked.text();
    expect(asked.headers.get("content-type")).toContain("text/plain; version=0.0.4");
    for (const line of [
      'vigo_envoys{status="no data"} 4',
      "vigo_envoys_active 4",
      "vigo_config_version 0",
      "# TYPE vigo_checkin_duration_seconds histogram",
      'vigo_checkin_duration_seconds_bucket{le="+Inf"} 0',
      "process_resident_memory_bytes ",
    ])
      expect(page).toContain(line);
  });

  test("says to browsers what they may make of an answer", async () => {
    for (const path of ["/api/v1/me", "/healthz", "/nothing"]) {
      const { headers } = await w.fetch(path);
      expect(headers.get("x-content-type-options")).toBe("nosniff");
      expect(headers.get("content-security-policy")).toContain("default-src 'none'");
      expect(headers.get("cache-control")).toBe("no-store");
    }
  });
});

test("the API has a page for people, whom a browser lets see its own style and nothing else", async () => {
  const response = await w.fetch("/api/v1/docs");
  expect([response.status, response.headers.get("content-type")]).toEqual([
    200,
    "text/html; charset=UTF-8",
  ]);
  const policy = response.headers.get("content-security-policy") ?? "";
  expect(policy).toMatch(/^default-src 'none'; style-src 'sha256-[A-Za-z0-9+/=]{44}';/);
  expect(await response.text()).toContain("openapi.json");
});
