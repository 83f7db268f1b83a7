/** Attacks on a server's HTTPS by somebody who may call it, each of which would work without its defence. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { isSecret, hashOf, newSecret } from "../../src/modes/server/secret.ts";
import {
  enrolBody,
  envoyKey,
  makeWorld,
  messageOf,
  type World,
} from "../integration/server/world.ts";

let w: World;
beforeAll(async () => {
  w = await makeWorld();
});
afterAll(() => w.stop());

/** A tree as it travels, made by hand: our own packer would not write these names. */
const packed = (files: Readonly<Record<string, string>>): string =>
  gzipSync(
    Buffer.concat(
      Object.entries(files).map(([path, text]) =>
        Buffer.from(`${path}\0${Buffer.byteLength(text)}\n${text}`),
      ),
    ),
  ).toString("base64");

const publish = (files: Readonly<Record<string, string>>) =>
  w.call("POST", "/config/publish", { tree: packed(files), yes: true, replace: true });

const everything = async (): Promise<readonly string[]> =>
  (await readdir(w.home.folder, { recursive: true }))
    .filter((path) => /\.vgo$|^versions|^\.live|manifest/.test(path))
    .sort();

describe("names that leave their folder", () => {
  const names = [
    "../evil.vgo",
    "../../../../tmp/evil.vgo",
    "/etc/evil.vgo",
    "configcrates/../../evil.vgo",
    "./evil.vgo",
    "configcrates//evil.vgo",
    "a\u0000b.vgo",
    "a\nb.vgo",
    "publish.json",
  ];
  test.each(names)("in an uploaded tree: %j", async (name) => {
    const before = await everything();
    const answer = await publish({ [name]: "vars: {a: 1}\n" });
    expect(answer.status).toBe(400);
    // A NUL splits the name where the length should be: that is a broken archive, and refused as one.
    expect(messageOf(answer)).toMatch(/is no path of a tree|not made of paths/);
    expect(await everything()).toEqual(before);
  });

  const places = ["..%2f..%2ftls%2fca_key.pem", "%2e%2e", "..%5ctls", "linux-x64%00", "..%252ftls"];
  test.each(places)("in the place of a download: %s", async (place) => {
    const response = await w.fetch(`/download/${place}`, { redirect: "manual" });
    expect([400, 404]).toContain(response.status);
    expect(await response.text()).not.toContain("PRIVATE KEY");
  });

  test.each(places)("in the name of a secret: %s", async (place) => {
    await w.call("POST", "/secrets/init", {});
    const answer = await w.call("GET", `/secrets/${place}`);
    expect([400, 404]).toContain(answer.status);
    expect(JSON.stringify(answer.body)).not.toContain("PRIVATE KEY");
  });
});

describe("trees that grow", () => {
  test("a gzip bomb is stopped at its limit", async () => {
    const bomb = gzipSync(Buffer.alloc(200 * 1024 * 1024)).toString("base64");
    const began = process.memoryUsage.rss();
    const answer = await w.call("POST", "/config/plan", { tree: bomb });
    expect(answer).toMatchObject({ status: 400 });
    // Other limits would refuse it as well, when it is too late.
    expect(messageOf(answer)).toBe("the tree cannot be taken: it has more than 64 MiB");
    expect(process.memoryUsage.rss() - began).toBeLessThan(400 * 1024 * 1024);
  }, 30_000);

  test("a YAML bomb is a problem with a place, and soon", async () => {
    const letters = [..."abcdefghij"];
    const lines = letters.map((letter, at) => {
      const item = at === 0 ? "x" : `*${letters[at - 1]}`;
      return `  ${letter}: &${letter} [${Array(10).fill(item).join(", ")}]`;
    });
    const began = performance.now();
    const { body } = await w.call("POST", "/config/plan", {
      tree: packed({ "common.vgo": `vars:\n${lines.join("\n")}\n` }),
    });
    expect(body["problems"]).toMatchObject([{ code: "VG206" }]);
    expect(performance.now() - began).toBeLessThan(10_000);
  }, 30_000);
});

describe("addresses on the server's own host, in a tree from elsewhere", () => {
  const asked: string[] = [];
  const inside = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    fetch: ({ url }) => {
      asked.push(url);
      return new Response("inside");
    },
  });
  afterAll(() => inside.stop(true));
  const told = (url: string) =>
    w.call("POST", "/config/plan", {
      ask_urls: true,
      tree: packed({
        "envoys.vgo": 'envoys:\n  - {match: "*", configcrates: [a]}\n',
        "configcrates/a.vgo": `configcrate: a\nresources:\n  - {name: f, type: download, target_path: /etc/f, url: "${url}", sha256: "${"0".repeat(64)}"}\n`,
      }),
    });
  const port = () => inside.port;

  test.each([
    ["an address", () => `http://127.0.0.1:${port()}/admin`],
    ["a name for it", () => `http://localhost:${port()}/admin`],
    ["one in hexadecimal", () => `http://0x7f000001:${port()}/admin`],
    ["an IPv4 address inside an IPv6 one", () => `http://[::ffff:127.0.0.1]:${port()}/admin`],
    ["no address at all", () => `http://0.0.0.0:${port()}/admin`],
  ])("%s is not asked", async (_, url) => {
    const answer = await told(url());
    expect(answer.status).toBe(200);
    expect(asked).toEqual([]);
    // It was looked at, and somebody may want to know that it was not asked.
    expect(JSON.stringify(answer.body)).toContain("is private");
  });
});

describe("sent elsewhere", () => {
  const paths = [
    "/",
    "//evil.example",
    "/\\evil.example",
    "/api/v1//evil.example",
    "/login?next=https://evil.example",
    "/bootstrap",
  ];
  test.each(paths)("%s leads nowhere", async (path) => {
    const { port } = new URL(`https://localhost:${w.running().ports.api}`);
    const ca = await readFile(join(w.home.tls, "ca.pem"), "utf8");
    const response = await fetch(`https://localhost:${port}${path}`, {
      tls: { ca },
      redirect: "manual",
      keepalive: false,
      headers: { host: "evil.example" },
    });
    expect([
      response.status >= 300 && response.status < 400,
      response.headers.get("location"),
    ]).toEqual([false, null]);
  });

  test.each(["$(id)", "a;id", "a'b", 'a"b', "a b", "`id`", "a/../b"])(
    "the script for newcomers takes no host like %j",
    async (host) => {
      const response = await w.fetch("/bootstrap", { headers: { host } });
      // What is no host at all makes no address, and so no page either.
      expect([400, 404]).toContain(response.status);
      expect(await response.text()).not.toContain("#!/bin/sh");
    },
  );
});

describe("from a page of somebody else", () => {
  const password = "a password that is long enough";
  const open = async () => {
    await w.call("POST", "/users", { name: "victim", role: "admin", password });
    const answer = await w.fetch("/api/v1/session", {
      method: "POST",
      body: JSON.stringify({ name: "victim", password }),
    });
    const cookie = answer.headers.get("set-cookie") ?? "";
    const { csrf_token: token } = (await answer.json()) as { readonly csrf_token: string };
    return { cookie, token };
  };

  test("a browser that is logged in changes nothing", async () => {
    const { cookie, token } = await open();
    // No other site may have it sent along, read it from a script, or set it from a neighbour's name.
    expect(cookie).toMatch(/^__Host-vigo=.*; Path=\/; Secure; HttpOnly; SameSite=(?:Strict|Lax)/);
    const write = (headers: Record<string, string>) =>
      w.fetch("/api/v1/tokens", {
        method: "POST",
        headers: { cookie: cookie.split(";")[0] ?? "", ...headers },
        body: JSON.stringify({ label: "forged" }),
      });
    const forged: readonly Record<string, string>[] = [
      {},
      { "content-type": "text/plain" },
      { "x-csrf-token": "" },
      { "x-csrf-token": "0".repeat(token.length) },
      { "x-csrf-token": token, "sec-fetch-site": "cross-site" },
      { "x-csrf-token": token, "sec-fetch-site": "same-site" },
    ];
    for (const headers of forged) expect((await write(headers)).status).toBe(403);
    expect((await write({ "x-csrf-token": token })).status).toBe(200);
  });

  test("no answer may be framed, sniffed, or run as a page; none lets another origin read it", async () => {
    for (const path of [
      "/",
      "/api/v1/docs",
      "/api/v1/envoys",
      "/healthz",
      "/bootstrap",
      "/nowhere",
    ]) {
      const { headers } = await w.fetch(path, { headers: { origin: "https://evil.example" } });
      expect(headers.get("content-security-policy")).toMatch(
        /default-src 'none'.*frame-ancestors 'none'/,
      );
      expect(headers.get("x-content-type-options")).toBe("nosniff");
      expect(headers.get("access-control-allow-origin")).toBeNull();
    }
  });

  test("what a stranger asks for does not come back as markup", async () => {
    const script = "<script>alert(1)</script>";
    for (const path of [
      `/${script}`,
      `/api/v1/envoys/${script}`,
      `/auth/oidc/callback?state=${script}`,
      `/download/${script}`,
    ]) {
      const answer = await w.fetch(encodeURI(path), { headers: { host: "x" } });
      const isPage = answer.headers.get("content-type")?.includes("html") === true;
      expect([path, isPage]).toEqual([path, false]);
    }
  });
});

test("an enrolment that was overheard makes no second envoy, and gives no key", async () => {
  const [token, keys] = [await w.token({ uses: 5 }), envoyKey()];
  const asked = await enrolBody(token, "overheard", keys);
  const first = await w.call("POST", "/enroll", asked, "");
  const again = await w.call("POST", "/enroll", asked, "");
  expect(again.body["envoy_id"]).toBe(first.body["envoy_id"]);
  expect(JSON.stringify(again.body)).not.toContain("PRIVATE KEY");
  // With another key in it, the proof is no proof.
  const swapped = { ...asked, public_key: Buffer.from(envoyKey().publicKey).toString("base64") };
  expect((await w.call("POST", "/enroll", swapped, "")).status).toBeGreaterThanOrEqual(400);
});

test("a token is compared in the same time wherever it first differs", () => {
  const secret = newSecret();
  const hash = hashOf(secret);
  const near = `${secret.slice(0, -1)}${secret.endsWith("0") ? "1" : "0"}`;
  const far = `${secret.startsWith("0") ? "1" : "0"}${secret.slice(1)}`;
  const once = (given: string) => {
    const began = Bun.nanoseconds();
    for (let at = 0; at < 200; at++) isSecret(given, hash);
    return Bun.nanoseconds() - began;
  };
  const median = (all: number[]) => all.sort((a, b) => a - b)[Math.floor(all.length / 2)] ?? 0;
  const [nears, fars]: [number[], number[]] = [[], []];
  for (let at = 0; at < 300; at++) {
    nears.push(once(near));
    fars.push(once(far));
  }
  expect(Math.abs(Math.log(median(nears) / median(fars)))).toBeLessThan(0.25);
  expect([isSecret(secret, hash), isSecret(near, hash), isSecret(far, hash)]).toEqual([
    true,
    false,
    false,
  ]);
});

/** Times differ by less than a busy machine's noise: what makes them alike is asked for by name. */
test("secrets are compared by their hashes, with what compares all bytes whatever the first is", () => {
  expect(String(isSecret)).toMatch(/timingSafeEqual\(\s*sha256\(/);
  expect(String(isSecret)).not.toMatch(/[!=]==/);
});

/** Time tells little on a busy machine; that the comparison is the constant one is also read from the source. */
test("no module of the server compares a secret or its hash with ===", async () => {
  const folder = join(import.meta.dir, "../../src/modes/server");
  const found: string[] = [];
  for (const path of await readdir(folder, { recursive: true })) {
    if (!path.endsWith(".ts")) continue;
    const text = await readFile(join(folder, path), "utf8");
    for (const line of text.split("\n"))
      if (
        /(?:secretHash|localToken|localHash|csrfToken|passwordHash)\s*[!=]==(?!\s*(?:undefined|""))/.test(
          line,
        ) ||
        /[!=]==\s*\w*\.?(?:secretHash|localToken|localHash|csrfToken|passwordHash)\b/.test(line)
      )
        found.push(`${path}: ${line.trim()}`);
  }
  expect(found).toEqual([]);
});
