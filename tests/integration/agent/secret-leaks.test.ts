/**
 * Everything that may say a secret, made to say it: a real server, a real agent as a process, and every word that either of them has
 * printed, logged, kept on disk or answered, searched for the values and what becomes of them.
 */
import { afterAll, beforeAll, expect, test } from "bun:test";
import {
  chmod,
  copyFile,
  lstat,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { cli } from "../../../src/modes/cli/index.ts";
import { must, type Program, run } from "../../support/program.ts";
import { removeRoom } from "../../support/remove-room.ts";
import { recordingScreen } from "../../support/screen.ts";
import { makeWorld, type World } from "../server/world.ts";

const password = "correct-horse 'battery' \"staple\" $1/ü";
const token = "tok_9f8e7d6c5b4a39281706";
const key =
  "-----BEGIN KEY-----\nMIIEvQIBADANBgkqhkiG9w0BAQEF\nAASCBKcwggSjAgEAAoIBAQC7\n-----END KEY-----\n";
const values = { "web/db": password, "web/token": token, "web/key": key };

const main = resolve(import.meta.dir, "../../../src/main.ts");
let w: World;
let room: string;
let vigo: Program;
const at = (name: string) => join(room, name);

/** Each fails, and its words hold a secret in another way. */
const leaks = () => `configcrate: web
vars: { password: secret:web/db, key: secret:web/key, token: secret:web/token }
resources:
  - { name: stderr, type: exec, command: "echo pw {{ vars.password | shell_quote }} >&2; false", unless: "false" }
  - { name: base64, type: exec, command: "printf 'user:%s' {{ vars.password | shell_quote }} | base64 -w 20; false", unless: "false" }
  - { name: json, type: exec, command: "printf '%s' {{ vars.password | json | shell_quote }}; false", unless: "false" }
  - { name: quoted, type: exec, command: ["bash", "-xc", "printf %q \\"$1\\"; false", "bash", "{{ vars.password }}"], unless: "false" }
  - { name: url, type: exec, command: "printf '%s' {{ vars.password | shell_quote }} | perl -pe 's/([^A-Za-z0-9_.~-])/sprintf(\\"%%%02X\\",ord($1))/ge'; echo 'https://x/?t={{ vars.token }}' >&2; false", unless: "false" }
  - { name: cut, type: exec, command: "printf '%s%01990d' {{ vars.token | shell_quote }} 7; false", unless: "false" }
  - { name: sum, type: exec, command: "echo {{ vars.token | sha256 }}; false", unless: "false" }
  - { name: slow, type: exec, command: "sleep 60 # {{ vars.token }}", timeout: 200ms, unless: "false" }
  - { name: guard, type: exec, command: "true", onlyif: "{{ vars.token }}" }
  - { name: fetch, type: download, url: "http://127.0.0.1:1/{{ vars.token }}/x", target_path: ${at("fetched")}, sha256: "${"0".repeat(64)}" }
  - { name: proof, type: file, target_path: ${at("proof")}, content: "a\\n{{ vars.password }}\\nb\\n", validate: "cat % >&2; false" }
  - { name: pem, type: file, target_path: ${at("pem")}, content: "head\\n{{ vars.key }}tail\\n" }
  - { name: loose, type: file, target_path: ${at("loose")}, content: "nothing any more\\n" }
  - { name: neighbour, type: file_line, target_path: ${at("env")}, line: "port=2", match_pattern: "^port=" }
  - { name: indented, type: file_line, target_path: ${at("yaml")}, line: "    port: 2", match_pattern: "port:" }
`;

beforeAll(async () => {
  w = await makeWorld();
  room = await mkdtemp(join(tmpdir(), "vigo-leaks-"));
  vigo = { argv: [process.execPath, main], cwd: room };
  expect((await w.call("POST", "/secrets/init")).status).toBe(200);
  for (const [path, value] of Object.entries(values)) {
    const value_base64 = Buffer.from(value).toString("base64");
    expect((await w.call("POST", "/secrets/set", { path, value_base64 })).status).toBe(200);
  }
  const stacks = at("stacks");
  await mkdir(join(stacks, "configcrates"), { recursive: true });
  await writeFile(join(stacks, "configcrates/web.vgo"), leaks());
  await writeFile(join(stacks, "envoys.vgo"), 'envoys: [{ match: "*", configcrates: [web] }]\n');
  // What stood there before the policy: the secrets, next to what is edited.
  await writeFile(at("env"), `password=${password}\nport=1\ntoken=${token}\n`);
  await writeFile(at("loose"), `x\n${password}\n${token}\n${key}`);
  await writeFile(
    at("yaml"),
    `a:\n    key: |\n${key.replaceAll(/^(?=.)/gm, "      ")}    port: 1\n`,
  );
  const publish = ["config", "publish", "--stacks", stacks, "--home", w.home.folder];
  const screen = recordingScreen();
  expect([await cli([...publish, "--skip-url-checks"], screen), screen.printed().err]).toEqual([
    0,
    "",
  ]);
  const server = `localhost:${w.running().ports.api}`;
  const words = ["register", "--server", server, "--token", await w.token(), "--hostname", "web-1"];
  await must(vigo, ["agent", ...words, "--home", at("agent")]);
}, 60_000);
afterAll(async () => {
  await w.stop();
  await removeRoom(room);
});

/** As an independent reader would look for them: the values, and what the usual encodings make of them. */
const told = (all: string): readonly string[] =>
  Object.entries(values)
    .flatMap(([path, value]) =>
      [value, ...value.split("\n")].flatMap((text) => spellings(path, text)),
    )
    .filter(([, text]) => text.length > 5 && all.includes(text))
    .map(([name, text]) => `${name}: ${text}`);

function spellings(path: string, text: string): readonly (readonly [string, string])[] {
  const base64 = (before: string) =>
    Buffer.from(`${before}${text}`).toString("base64").slice(4, -4);
  const said: readonly (readonly [string, string])[] = [
    ["plain", text],
    ["begins", text.slice(0, 12)],
    ["ends", text.slice(-12)],
    ...["", "x", "xy"].map((before) => ["base64", base64(before)] as const),
    ["base64, a part", base64("").slice(0, 12)],
    ["json", JSON.stringify(text).slice(1, -1)],
    ["url", encodeURIComponent(text)],
    ["strict url", encodeURIComponent(text).replaceAll("'", "%27")],
    ["shell", text.replaceAll("'", `'\\''`)],
    ["bash", text.replaceAll(/[ '"$]/g, "\\$&")],
    ["sha256", new Bun.CryptoHasher("sha256").update(text).digest("hex")],
  ];
  return said.map(([name, each]) => [`${path} ${name}`, each]);
}

/** Every byte of every file below a folder, but for what was kept of files that were the operator's own. */
async function everything(folder: string): Promise<string> {
  let all = "";
  for (const name of await readdir(folder, { recursive: true })) {
    if (name.startsWith("snapshots/")) continue;
    const path = join(folder, name);
    if ((await lstat(path)).isFile()) all += `${name}\n${await readFile(path, "utf8")}\n`;
  }
  return all;
}
const searched = (all: string) => told(`${all}\n${all.replaceAll(/\\n|\s/g, "")}`);

interface Row {
  readonly key: string;
  readonly outcome: string;
  readonly reason?: string;
  readonly changes: readonly { readonly diff?: string; readonly to?: string }[];
}
const rowsOf = (text: string): ReadonlyMap<string, Row> =>
  new Map((JSON.parse(text).resources as Row[]).map((row) => [row.key.replace("web/", ""), row]));

test("the search finds each of them where it is", async () => {
  const all = await readFile(at("loose"), "utf8");
  expect(searched(all).length).toBeGreaterThan(8);
  expect(searched(Buffer.from(`user:${password}`).toString("base64")).length).toBeGreaterThan(0);
});

test("a dry run, a run in words and one as JSON say none, and say all else", async () => {
  const agent = ["agent", "run", "--home", at("agent")];
  const dry = await run(vigo, [...agent, "--dry-run"]);
  const loud = await run(vigo, [...agent, "--json"]);
  const words = await run(vigo, agent);
  for (const ran of [dry, loud, words]) expect(searched(`${ran.out}\n${ran.err}`)).toEqual([]);
  const rows = rowsOf(loud.out);
  const failing = [
    "stderr",
    "base64",
    "json",
    "quoted",
    "url",
    "cut",
    "sum",
    "slow",
    "guard",
    "fetch",
    "proof",
  ];
  for (const name of failing) {
    const outcome = name === "fetch" ? "blocked" : "failed";
    expect([name, rows.get(name)?.outcome]).toEqual([name, outcome]);
    const hidden = name === "slow" ? "a command that is not shown took" : "******";
    expect([name, rows.get(name)?.reason]).toEqual([name, expect.stringContaining(hidden)]);
  }
  expect(rows.get("stderr")?.reason).toStartWith("exit 1: pw ");
  // What stood beside it is there, and it is not.
  const diff = (name: string) => rows.get(name)?.changes[0]?.diff ?? "";
  expect(diff("neighbour")).toContain("-port=1\n+port=2");
  expect(diff("indented")).toContain("+    port: 2");
  expect(diff("loose")).toContain("+nothing any more");
  for (const name of ["neighbour", "indented", "loose"]) expect(diff(name)).toContain("******");
  expect(rows.get("pem")?.changes[0]?.to).toStartWith("(sensitive, ");
  expect(await readFile(at("pem"), "utf8")).toBe(`head\n${key}tail\n`);
}, 60_000);

test("nor does what the machine says of itself", async () => {
  // A program whose very place tells a secret listens: `listeners` has its path.
  const program = at(`${token}/listen`);
  await mkdir(join(program, ".."));
  await copyFile("/usr/bin/perl", program);
  await chmod(program, 0o755);
  const script =
    'use IO::Socket::INET; my $s = IO::Socket::INET->new(Listen => 1, LocalAddr => "127.0.0.1"); $| = 1; print $s->sockport; sleep 600';
  const listener = Bun.spawn([program, "-e", script], { stdout: "pipe", stderr: "inherit" });
  try {
    const port = Number(new TextDecoder().decode((await listener.stdout.getReader().read()).value));
    await run(vigo, ["agent", "run", "--home", at("agent")]);
    const { envoys } = (await w.call("GET", "/envoys")).body as { envoys: { id: string }[] };
    const { traits } = (await w.call("GET", `/envoys/${envoys[0]?.id}`)).body as {
      traits: { listeners: { sockets: { port: number; exe: string }[] } };
    };
    const { sockets } = traits.listeners;
    expect(sockets.find((socket) => socket.port === port)?.exe).toBe(at("******/listen"));
    expect(searched(JSON.stringify(traits))).toEqual([]);
  } finally {
    listener.kill("SIGKILL");
    await listener.exited;
  }
}, 60_000);

test("what the service logs says none, as text and as JSON", async () => {
  for (const format of ["text", "json"]) {
    const child = Bun.spawn(
      [
        ...vigo.argv,
        "agent",
        "daemon",
        "--home",
        at("agent"),
        "--log-format",
        format,
        "--log-level",
        "info",
      ],
      {
        cwd: room,
        env: { PATH: "/usr/bin:/bin" },
        stdout: "pipe",
        stderr: "pipe",
        timeout: 60_000,
      },
    );
    const said = [new Response(child.stdout).text(), log(child)] as const;
    const all = (await Promise.all(said)).join("\n");
    await child.exited;
    expect(all).toContain("web/stderr");
    expect(searched(all)).toEqual([]);
  }
}, 90_000);

/** Until the run has been logged. */
async function log(child: Bun.Subprocess<"ignore", "pipe", "pipe">): Promise<string> {
  let all = "";
  for await (const bytes of child.stderr) {
    all += new TextDecoder().decode(bytes);
    if (all.includes("run ended") || all.includes("web/proof")) child.kill("SIGTERM");
  }
  return all;
}

test("nor do the server's answers, its log and its files, nor what the agent keeps", async () => {
  const runs = (await w.call("GET", "/runs")).body["runs"] as {
    number: number;
    envoy_id: string;
  }[];
  expect(runs.length).toBeGreaterThan(0);
  const answers = [
    await w.call("GET", "/envoys"),
    await w.call("GET", "/audit"),
    await w.call("GET", "/secrets"),
  ];
  for (const { number, envoy_id } of runs) {
    const detail = await w.call("GET", `/envoys/${envoy_id}/runs/${number}`);
    expect(JSON.stringify(detail.body)).toContain("******");
    answers.push(detail, await w.call("GET", `/envoys/${envoy_id}`));
  }
  for (const { body } of answers) expect(searched(JSON.stringify(body))).toEqual([]);
  const screen = recordingScreen();
  for (const words of [
    ["runs", "list"],
    ["runs", "show", "web-1"],
    ["doctor"],
    ["envoys", "show", "web-1", "--json"],
  ])
    await cli([...words, "--home", w.home.folder], screen);
  expect(searched(`${screen.printed().out}${screen.printed().err}`)).toEqual([]);
  expect(searched(w.log.join("\n"))).toEqual([]);
  expect(searched(await everything(w.home.folder))).toEqual([]);
  expect(searched(await everything(at("agent")))).toEqual([]);
}, 60_000);
