/** The gate "URLs" against a real server on this machine: what is asked, how, and what is never asked. */
import { afterAll, expect, test } from "bun:test";
import { request as http } from "node:http";
import { request as https } from "node:https";
import type { Web } from "../../../src/core/publish/ask-url.ts";
import { checkUrls, type UrlGate } from "../../../src/core/publish/url-gate.ts";
import type { Subject } from "../../../src/core/policy/model.ts";
import { policyOf } from "../../support/policy.ts";

interface Seen {
  readonly method: string;
  readonly path: string;
  readonly host: string | null;
  readonly range: string | null;
  readonly authorization: string | null;
}

const seen: Seen[] = [];
let underWay = 0;
let most = 0;
const answers: Readonly<Record<string, (method: string) => Response | Promise<Response>>> = {
  "/there": () => new Response("x"),
  "/gone": () => new Response("", { status: 404 }),
  "/broken": () => new Response("", { status: 500 }),
  "/no-head": (method) =>
    method === "HEAD" ? new Response("", { status: 405 }) : new Response("x", { status: 206 }),
  "/empty": (method) => new Response("", { status: method === "HEAD" ? 403 : 416 }),
  "/moved": () => to("/there"),
  "/moved-by-name": () => to("http://files.test:PORT/there"),
  "/loop": () => to("/loop"),
  "/nowhere": () => to("ftp://files.test/there"),
  "/inside": () => to("http://10.0.0.1/"),
  "/inside-by-name": () => to("http://inner.test/"),
  "/inside-six": () => to("http://[fd00::1]/"),
  "/inside-mapped": () => to("http://[::ffff:192.168.0.1]/"),
  "/inside-as-number": () => to("http://2852039166/latest/meta-data"),
  "/silent": () => new Promise(() => undefined),
};
const to = (location: string) => new Response("", { status: 302, headers: { location } });

const server = Bun.serve({
  port: 0,
  hostname: "127.0.0.1",
  idleTimeout: 0,
  fetch: async (request) => {
    const { pathname: path } = new URL(request.url);
    const { method, headers } = request;
    const [host, range, authorization] = ["host", "range", "authorization"].map((name) =>
      headers.get(name),
    );
    seen.push({ method, path, host, range, authorization } as Seen);
    most = Math.max(most, ++underWay);
    try {
      if (path.startsWith("/slow")) await Bun.sleep(30);
      const answer = await (answers[path] ?? answers["/there"])?.(method);
      const location = answer?.headers.get("location");
      if (location) answer?.headers.set("location", location.replace("PORT", `${server.port}`));
      return answer ?? new Response("", { status: 404 });
    } finally {
      underWay--;
    }
  },
});
afterAll(() => server.stop(true));

const base = `http://files.test:${server.port}`;
const names: Readonly<Record<string, readonly string[]>> = {
  "files.test": ["127.0.0.1"],
  "inner.test": ["192.168.1.1"],
  "both.test": ["127.0.0.1", "10.0.0.1"],
};
const web: Web = {
  lookup: async (name) => {
    const found = names[name];
    if (found === undefined) throw Object.assign(new Error(`no ${name}`), { code: "ENOTFOUND" });
    return found.map((address) => ({ address }));
  },
  http,
  https,
};
const gate = (more: Partial<UrlGate> = {}): UrlGate => ({
  web,
  allow: ["loopback"],
  limits: { each: 20_000 },
  ...more,
});

const sum = "0".repeat(64);
const crate = (...resources: readonly string[]) =>
  policyOf({
    "envoys.vgo": 'envoys: [{ match: "*", configcrates: [a], vars: { version: "1.4" } }]',
    "configcrates/a.vgo": `configcrate: a\nvars: { mirror: "${base}" }\nresources:\n${resources.map((one) => `  - ${one}\n`).join("")}`,
  });
const download = (url: string, more = "") =>
  `{ type: download, name: "${url.replaceAll(/[^a-z0-9]/gi, "-")}", url: "${url}", target_path: "/srv/${url.replaceAll(/[^a-z0-9]/gi, "-")}", sha256: "${sum}"${more} }`;
const nothing = async () => undefined;

async function asked(url: string, more: Partial<UrlGate> = {}) {
  seen.length = 0;
  const { problems, warnings } = await checkUrls(
    crate(download(url)),
    nothing,
    undefined,
    gate(more),
  );
  const said = [...problems, ...warnings].map(({ code, message }) => `${code} ${message}`);
  return { said, seen: seen.map(({ method, path }) => `${method} ${path}`) };
}

test.each<[path: string, seen: readonly string[], said: string | undefined]>([
  ["/there", ["HEAD /there"], undefined],
  ["/no-head", ["HEAD /no-head", "GET /no-head"], undefined],
  ["/empty", ["HEAD /empty", "GET /empty"], undefined],
  ["/moved", ["HEAD /moved", "HEAD /there"], undefined],
  ["/moved-by-name", ["HEAD /moved-by-name", "HEAD /there"], undefined],
  ["/gone", ["HEAD /gone", "GET /gone"], "answers 404"],
  ["/broken", ["HEAD /broken", "GET /broken"], "answers 500"],
  ["/loop", Array(6).fill("HEAD /loop"), "redirects more than 5 times"],
  ["/nowhere", ["HEAD /nowhere"], "redirects to no address"],
  ["/inside", ["HEAD /inside"], "redirects to 10.0.0.1, whose address 10.0.0.1 is private"],
  [
    "/inside-by-name",
    ["HEAD /inside-by-name"],
    "redirects to inner.test, whose address 192.168.1.1 is private",
  ],
  ["/inside-six", ["HEAD /inside-six"], "redirects to [fd00::1], whose address fd00::1 is private"],
  [
    "/inside-mapped",
    ["HEAD /inside-mapped"],
    "redirects to [::ffff:c0a8:1], whose address ::ffff:c0a8:1 is private",
  ],
  [
    "/inside-as-number",
    ["HEAD /inside-as-number"],
    "redirects to 169.254.169.254, whose address 169.254.169.254 is private",
  ],
  ["/silent", ["HEAD /silent", "GET /silent"], "did not answer within 1.5 s"],
])("%s", async (path, seen, said) => {
  const limits = path === "/silent" ? { each: 1500 } : { each: 20_000 };
  const found = await asked(`${base}${path}`, { limits });
  expect(found.seen).toEqual([...seen]);
  expect(found.said).toEqual(
    said === undefined ? [] : [`VG805 download/url: ${base}${path} ${said}`],
  );
});

test.each([
  ["http://localhost.test:1/x", "VG805", "has no address: nobody knows localhost.test"],
  ["http://inner.test/x", "VG958", "was not asked: its address 192.168.1.1 is private"],
  ["http://both.test/x", "VG958", "was not asked: its address 10.0.0.1 is private"],
  ["http://127.0.0.1:1/x", "VG805", "does not answer"],
  ["http://[fe80::1]/x", "VG958", "was not asked: its address fe80::1 is private"],
])("%s: %s", async (url, code, said) => {
  const found = await asked(url);
  expect(found.seen).toEqual([]);
  expect(found.said[0]).toStartWith(code);
  expect(found.said[0]).toContain(said);
});

test("a private network is asked only where it is listed", async () => {
  const found = await asked(`${base}/there`, { allow: [] });
  expect(found.seen).toEqual([]);
  expect(found.said).toEqual([
    `VG958 ${base}/there was not asked: its address 127.0.0.1 is private`,
  ]);
});

test("a GET asks for one byte, the name goes along, and a password is told nobody but the server", async () => {
  seen.length = 0;
  const url = `http://me:hush@files.test:${server.port}/gone`;
  const { problems } = await checkUrls(crate(download(url)), nothing, undefined, gate());
  const authorization = `Basic ${btoa("me:hush")}`;
  const host = `files.test:${server.port}`;
  expect(seen).toEqual([
    { method: "HEAD", path: "/gone", host, range: null, authorization },
    { method: "GET", path: "/gone", host, range: "bytes=0-0", authorization },
  ]);
  expect(JSON.stringify(problems)).not.toContain("hush");
});

test("a template is rendered with vars; a secret and a trait are left to the host; what is taken away is not asked", async () => {
  seen.length = 0;
  const policy = crate(
    `{ type: download, name: one, url: "{{ vars.mirror }}/tool-{{ vars.version }}", target_path: /one, sha256: "${sum}" }`,
    `{ type: download, name: two, url: "${base}/secret{web/key}", target_path: /two, sha256: "${sum}" }`,
    `{ type: download, name: three, url: "${base}/gone", target_path: /three, state: absent }`,
    `{ type: file, name: four, source_url: "${base}/four", target_path: /four, sha256: "${sum}" }`,
    `{ type: git, name: five, repo: "${base}/gone", path: /five }`,
    `{ type: download, name: six, url: "${base}/gone", target_path: /six, sha256: "${sum}", headers: { x-key: abc } }`,
  );
  const { problems, warnings } = await checkUrls(policy, nothing, undefined, gate());
  expect([problems, warnings]).toEqual([[], []]);
  expect(seen.map(({ path }) => path).sort()).toEqual(["/four", "/gone", "/gone", "/tool-1.4"]);
});

test("what is live is asked only where its resource changes, and then only warned of", async () => {
  const before = crate(download(`${base}/gone`), download(`${base}/broken`));
  seen.length = 0;
  const same = await checkUrls(
    crate(download(`${base}/gone`)),
    async () => before,
    undefined,
    gate(),
  );
  expect([seen, same.problems, same.warnings]).toEqual([[], [], []]);
  const edited = crate(download(`${base}/gone`, ", mode: '0600'"), download(`${base}/new/gone`));
  const now = await checkUrls(edited, async () => before, undefined, gate());
  expect(now.problems).toEqual([]);
  expect(
    now.warnings.map(({ code, message, line, column }) => [code, message, line, column]),
  ).toEqual([["VG958", `download/url: ${base}/gone answers 404`, 4, expect.any(Number)]]);
});

test("eight at a time, and each address once", async () => {
  seen.length = 0;
  [most, underWay] = [0, 0];
  const many = Array.from({ length: 40 }, (_, n) => download(`${base}/slow/${n}`));
  const twice = download(`${base}/slow/0`).replace("/srv/", "/opt/").replace("name: ", "name: x");
  const told: string[] = [];
  const asked = (done: number, all: number) => void told.push(`${done}/${all}`);
  await checkUrls(crate(...many, twice), nothing, undefined, { ...gate(), asked });
  expect(seen).toHaveLength(40);
  expect(told).toEqual(Array.from({ length: 41 }, (_, n) => `${n}/40`));
  expect(most).toBeLessThanOrEqual(8);
  expect(most).toBeGreaterThan(1);
});

test("neither too many nor too long: what is left is said", async () => {
  const many = crate(...Array.from({ length: 12 }, (_, n) => download(`${base}/slow/${n}`)));
  const few = await checkUrls(
    many,
    nothing,
    undefined,
    gate({ limits: { each: 20_000, urls: 5 } }),
  );
  expect(few.warnings[0]?.message).toStartWith("7 addresses were not asked");
  const started = performance.now();
  const silent = crate(
    download(`${base}/silent`),
    ...Array.from({ length: 20 }, (_, n) => download(`${base}/slow/${n}`)),
  );
  const short = await checkUrls(
    silent,
    nothing,
    undefined,
    gate({ limits: { each: 5000, all: 50, atOnce: 1 } }),
  );
  expect(performance.now() - started).toBeLessThan(2000);
  expect(short.problems).toEqual([]);
  expect(short.warnings[0]?.message).toStartWith("21 addresses were not asked");
});

test("the place is that of the address", async () => {
  const { problems } = await checkUrls(crate(download(`${base}/gone`)), nothing, undefined, gate());
  const [problem] = problems;
  expect([problem?.file, problem?.line]).toEqual(["configcrates/a.vgo", 4]);
  expect(problem?.hint).toContain("--skip-url-checks");
});

const known = (hosts: readonly Subject[]) =>
  async function* () {
    yield* hosts;
  };
const host = (hostname: string, distro = "debian"): Subject => ({
  id: hostname,
  hostname,
  traits: { os: { distro } },
});
const open = crate(
  `{ type: download, name: one, url: "${base}/{{ traits.os.distro }}/tool", target_path: /one, sha256: "${sum}" }`,
  `{ type: download, name: two, url: "{{ vars.mirror }}/{{ envoy.hostname }}", target_path: /two, sha256: "${sum}" }`,
  `{ type: file, name: three, content: "{{ envoy.hostname }}", target_path: /three }`,
);

test("what reads traits or the envoy is asked as each envoy has it, each address once", async () => {
  seen.length = 0;
  const hosts = known([host("web-1"), host("gone"), host("web-2", "rocky"), host("web-1")]);
  const { problems, warnings } = await checkUrls(open, nothing, hosts, gate());
  expect(seen.map(({ method, path }) => `${method} ${path}`).sort()).toEqual([
    "GET /gone",
    "HEAD /debian/tool",
    "HEAD /gone",
    "HEAD /rocky/tool",
    "HEAD /web-1",
    "HEAD /web-2",
  ]);
  expect(warnings).toEqual([]);
  expect(problems.map(({ message, line }) => [message, line])).toEqual([
    [`download/url: ${base}/gone, as gone has it, answers 404`, 5],
  ]);
});

test("without the envoys it is not asked, no made-up host either, and that is said", async () => {
  seen.length = 0;
  const { problems, warnings } = await checkUrls(open, nothing, undefined, gate());
  expect([seen, problems]).toEqual([[], []]);
  expect(warnings.map(({ message }) => message)).toEqual([
    "download/url: addresses that read traits or the envoy were not asked, here and wherever else they do",
  ]);
});

test("the same envoys tell what is live: only what is new to one of them is asked", async () => {
  seen.length = 0;
  const hosts = known([host("web-1"), host("gone")]);
  await checkUrls(open, async () => open, hosts, gate());
  expect(seen).toEqual([]);
});

test("a thousand envoys with one address ask once, and with a thousand not for ever", async () => {
  seen.length = 0;
  const many = Array.from({ length: 1000 }, (_, n) => host(`web-${n}`));
  const { warnings } = await checkUrls(open, nothing, known(many), gate({ limits: { urls: 20 } }));
  expect(seen).toHaveLength(20);
  expect(warnings.map(({ message }) => message)).toEqual([
    `981 addresses were not asked, from ${base}/web-19 on: there are many, or they answer slowly`,
  ]);
});
