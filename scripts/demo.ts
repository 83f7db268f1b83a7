/**
 * The demo: a server and an agent in temporary folders on free ports, and what they do for each other. Every step is
 * checked; a step that did not really happen ends it with exit 1. Nothing outside the temporary folder is touched.
 */
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

const once = process.env["CI"] === "true" || process.argv.includes("--once");
const colour = process.stdout.isTTY && process.env["NO_COLOR"] === undefined;
const bold = (text: string) => (colour ? `\x1b[1m${text}\x1b[0m` : text);
const say = (text = "") => process.stdout.write(`${text}\n`);

const vigo = join(process.cwd(), "dist", "vigo");
const room = await mkdtemp(join(tmpdir(), "vigo-demo-"));
const home = join(room, "server");
const agentHome = join(room, "agent");
const stacks = join(home, "stacks");
const target = join(room, "target");
const settings = join(target, "site.conf");

interface Daemon {
  readonly name: string;
  readonly process: Bun.Subprocess;
}
const daemons: Daemon[] = [];

/** Clean, so that the demo shows what a stranger's machine would do. */
const env = {
  PATH: process.env["PATH"] ?? "",
  HOME: room,
  VIGO_CONFIG_FILE: join(home, "server.yaml"),
};

async function run(...words: string[]): Promise<string> {
  const child = Bun.spawn([vigo, ...words], {
    env,
    stdout: "pipe",
    stderr: "pipe",
    stdin: "ignore",
  });
  const [out, err, code] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
    child.exited,
  ]);
  if (code !== 0) throw new Error(`vigo ${words.join(" ")}: exit ${code}\n${out}${err}`);
  return out;
}

const cli = (...words: string[]) => run("cli", ...words, "--home", home);
const json = async (...words: string[]) => JSON.parse(await cli(...words, "--json"));

function start(name: string, ...words: string[]): void {
  const log = Bun.file(join(room, `${name}.log`));
  daemons.push({
    name,
    process: Bun.spawn([vigo, ...words], { env, stdout: log, stderr: log, stdin: "ignore" }),
  });
}

async function stop(name: string): Promise<void> {
  const at = daemons.findIndex((daemon) => daemon.name === name);
  const [daemon] = daemons.splice(at, 1);
  daemon?.process.kill("SIGTERM");
  await daemon?.process.exited;
}

/** Asks until the answer is there, or says what was waited for. */
async function until<T>(what: string, ask: () => Promise<T | undefined>): Promise<T> {
  const deadline = Date.now() + 20_000;
  while (Date.now() < deadline) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    await Bun.sleep(50);
  }
  throw new Error(`not within 20 s: ${what}`);
}

const read = (path: string) =>
  readFile(path, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return undefined;
    throw error;
  });

/** Runs that a server has of the one envoy, newest first. */
interface ListedRun {
  readonly number: number;
  readonly outcome: string;
}
const runs = async (): Promise<readonly ListedRun[]> => (await json("runs", "list")).runs;
const status = async () => JSON.parse(await run("status", "--home", agentHome, "--json"));

const done: { readonly step: string; readonly seen: string; readonly ms: number }[] = [];

/** One step of the story: says what happens, does it, and keeps what was seen for the table. */
async function step(title: string, act: () => Promise<string>): Promise<void> {
  say(`\n${bold(`${done.length + 1}. ${title}`)}`);
  const started = performance.now();
  const seen = await act();
  done.push({ step: title, seen, ms: Math.round(performance.now() - started) });
  say(`   ${seen}`);
}

const serverUp = () =>
  until("the server answers", async () => {
    const ports = await read(join(home, "run", "ports.json"));
    if (ports === undefined) return undefined;
    const { api } = JSON.parse(ports) as { readonly api: number };
    const healthy = await fetch(`https://localhost:${api}/healthz`, {
      tls: { rejectUnauthorized: false },
    }).catch(() => undefined);
    return healthy?.ok === true ? api : undefined;
  });

async function story(): Promise<void> {
  let api = 0;
  await step("A server makes its CA, keys, database and admin", async () => {
    await run("server", "init", "--home", home);
    await writeFile(
      join(home, "server.yaml"),
      'server: {grpc_listen: "127.0.0.1:0", api_listen: "127.0.0.1:0"}\ncheckin: {interval: 1s}\n',
    );
    start("server", "server", "run", "--home", home);
    api = await serverUp();
    return `serving https://localhost:${api}`;
  });

  await step("An operator publishes the first policy", async () => {
    await rm(stacks, { recursive: true, force: true });
    await Bun.$`cp -r examples/first-steps ${stacks}`.quiet();
    const envoys = join(stacks, "envoys.vgo");
    await writeFile(
      envoys,
      (await readFile(envoys, "utf8")).replace("/tmp/vigo-first-steps", target),
    );
    await cli("config", "validate");
    const { version } = await json("publish", "--message", "first steps");
    return `version ${version}, from ${stacks}`;
  });

  await step("A machine enrols with a token", async () => {
    const { token } = await json("tokens", "create", "--label", "demo");
    await run(
      "agent",
      "bootstrap",
      "--server",
      `localhost:${api}`,
      "--token",
      token,
      "--home",
      agentHome,
      "--no-service",
    );
    const { envoys } = await json("envoys", "list");
    return `${envoys[0].hostname} is envoy ${envoys[0].id}`;
  });

  await step("It converges: five resources, in order", async () => {
    start("agent", "agent", "daemon", "--home", agentHome);
    const first = await until("a run that changed something", async () => (await runs())[0]);
    say((await cli("runs", "show", await envoyId(), String(first.number))).replace(/^/gm, "   "));
    if (!(await read(settings))?.includes("listen 8080"))
      throw new Error(`${settings} is not there`);
    return `run ${first.number} ${first.outcome}; ${settings} says what the policy says`;
  });

  await step("Somebody damages a managed file", async () => {
    const [before] = await runs();
    await writeFile(settings, "listen 9999\n");
    await until(
      "the file is repaired",
      async () => (await read(settings))?.includes("listen 8080") || undefined,
    );
    const repair = await until("the run that repaired it", async () =>
      (await runs()).find(({ number }) => number > (before?.number ?? 0)),
    );
    say((await cli("runs", "show", await envoyId(), String(repair.number))).replace(/^/gm, "   "));
    return `repaired by run ${repair.number}, and the server knows it was drift`;
  });

  let offline = 0;
  await step("The server goes away; the machine keeps itself", async () => {
    await stop("server");
    await writeFile(settings, "listen 6666\n");
    await until(
      "the file is repaired offline",
      async () => (await read(settings))?.includes("listen 8080") || undefined,
    );
    const { pending_results } = await until("the report waits in the outbox", async () => {
      const now = await status();
      return now.pending_results > 0 ? now : undefined;
    });
    offline = pending_results;
    return `repaired with nobody to ask; waiting in the outbox: ${counted(pending_results)}`;
  });

  await step("The server comes back and hears of it", async () => {
    const before = new Set<number>();
    start("server", "server", "run", "--home", home);
    await serverUp();
    for (const { number } of await runs()) before.add(number);
    await until(
      "the outbox is empty",
      async () => (await status()).pending_results === 0 || undefined,
    );
    const all = await runs();
    if (all.length < 3) throw new Error(`the offline run never arrived: ${JSON.stringify(all)}`);
    return `arrived, once: ${counted(offline)}; the server has ${all.length} runs with changes`;
  });
}

const counted = (reports: number) => `${reports} report${reports === 1 ? "" : "s"}`;

const envoyId = async (): Promise<string> => (await json("envoys", "list")).envoys[0].id;

async function cleanUp(): Promise<void> {
  for (const { process: child } of daemons.splice(0).reverse()) {
    child.kill("SIGTERM");
    await child.exited;
  }
  // Published versions are read-only.
  await Bun.$`chmod -R u+w ${room}`.quiet();
  await rm(room, { recursive: true, force: true });
}

/** Everything is removed at the end, so with `--once` there is nothing left to look at. */
const next = once
  ? "README.md has the first ten minutes, docs/ a page a task. Without --once the demo keeps serving, to look around in."
  : `${vigo} cli envoys list --home ${home}
  ${vigo} cli runs list --home ${home}
  ${vigo} status --home ${agentHome}
  edit ${stacks}/, then ${vigo} cli publish --home ${home}
  README.md has the first ten minutes, docs/ a page a task`;

function table(): void {
  const width = Math.max(...done.map(({ step: title }) => title.length));
  say(`\n${bold("What happened")}`);
  for (const { step: title, seen, ms } of done)
    say(`  ${title.padEnd(width)}  ${`${ms} ms`.padStart(8)}  ${seen}`);
  say(`\n${bold("Where to look next")}\n  ${next}`);
}

for (const signal of ["SIGINT", "SIGTERM"] as const)
  process.on(signal, () => {
    say("\ncleaning up");
    void cleanUp().then(() => process.exit(0));
  });

try {
  await story();
  table();
  if (!once) {
    say("\nServer and agent keep running. Ctrl-C ends them and removes everything.");
    await Promise.all(daemons.map((daemon) => daemon.process.exited));
  }
  await cleanUp();
} catch (error) {
  say(`\nthe demo failed: ${error instanceof Error ? error.message : String(error)}`);
  for (const name of ["server", "agent"]) {
    const log = await read(join(room, `${name}.log`));
    if (log !== undefined)
      say(`--- the end of ${name}.log\n${log.split("\n").slice(-15).join("\n")}`);
  }
  await cleanUp();
  process.exitCode = 1;
}
