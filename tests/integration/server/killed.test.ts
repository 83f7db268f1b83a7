/**
 * A server that is killed while it writes: nothing that it has acknowledged is lost, and nothing is there twice. What it wrote is
 * read from the database after each kill, and then served on. Must not know how it is written.
 */
import { Database } from "bun:sqlite";
import { expect, test } from "bun:test";
import { mkdir, stat, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { VigoError } from "../../../src/core/errors.ts";
import { newCertificateRequest } from "../../../src/core/pki/csr.ts";
import { ifThere } from "../../../src/core/publish/errno.ts";
import { packTree } from "../../../src/core/publish/archive.ts";
import { connectLink, type Link, type LinkIdentity } from "../../../src/modes/agent/link.ts";
import type { Home } from "../../../src/modes/server/home.ts";
import { migrate } from "../../../src/modes/server/store/sqlite/migrate.ts";
import { migrations } from "../../../src/modes/server/store/sqlite/migrations.ts";
import { openStore } from "../../../src/modes/server/store/sqlite/open.ts";
import type { Store } from "../../../src/modes/server/store/store.ts";
import { treeOf } from "../../support/policy.ts";
import { callChild, freePorts, inHome, startChild } from "./child.ts";
import { identityFrom } from "./join.ts";
import { enrolBody, envoyKey } from "./world.ts";

/** Four moments, as often each. */
const kills = (process.env["VIGO_TEST_ALL"] === "1" ? 200 : 12) / 4;
const timeout = 30_000 + kills * 15_000;
const patient = (name: string, work: () => Promise<void>) => test(name, work, timeout);

const settings = `${freePorts}tuning: {flush_interval: 100ms}\npublish: {keep: 1000}\n`;

const inServerHome = (work: (home: Home) => Promise<void>) =>
  inHome(async (home) => {
    await mkdir(dirname(home.config), { recursive: true });
    await writeFile(home.config, settings);
    await work(home);
  });

type Child = ReturnType<typeof startChild>;
type Ports = Awaited<Child["ready"]>;

/** Runs `work` until the kill, which comes so many milliseconds after `begun` is called. */
async function untilKilled(
  home: Home,
  work: (ports: Ports, begun: () => void) => Promise<void>,
): Promise<void> {
  const child = startChild(home);
  const ports = await child.ready;
  let isDoomed = false;
  const begun = () => {
    if (!isDoomed) setTimeout(() => child.kill("SIGKILL"), Math.random() * 120);
    isDoomed = true;
  };
  try {
    await work(ports, begun);
  } finally {
    child.kill("SIGKILL");
    await child.exited;
  }
}

/** What a caller of a dead server gets; anything else is a failure of its own. */
async function endsWithServer(work: () => Promise<never>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (error instanceof VigoError && error.failure === "unavailable") return;
    // Bun's fetch has codes, and no class, of its own.
    if (error instanceof Error && "code" in error && deadCodes.includes(String(error.code))) return;
    throw error;
  }
}

const deadCodes = ["ConnectionRefused", "ConnectionClosed", "ECONNREFUSED", "ECONNRESET"];

/** And then it serves: whole, and with its log in order. */
async function wholeAgain(home: Home, look: (api: number) => Promise<void>): Promise<void> {
  const child = startChild(home);
  try {
    const { api } = await child.ready;
    const { body } = await callChild(home, api, "GET", "/doctor");
    const checks = body["checks"] as { name: string; result: string }[];
    expect(checks.filter(({ result }) => result === "fail")).toEqual([]);
    await look(api);
    child.kill("SIGTERM");
    expect(await child.exited).toBe(0);
  } finally {
    child.kill("SIGKILL");
  }
}

const inStore = async (home: Home, look: (store: Store) => Promise<void>) => {
  const store = await openStore(home.database);
  try {
    await look(store);
  } finally {
    await store.close();
  }
};

/** So many envoys, with a server that was only started for them. */
async function enrolled(home: Home, count: number): Promise<readonly LinkIdentity[]> {
  const identities: LinkIdentity[] = [];
  const child = startChild(home);
  try {
    const { api } = await child.ready;
    const { body } = await callChild(home, api, "POST", "/tokens", { uses: count });
    for (let at = 0; at < count; at++) {
      const keys = envoyKey();
      const { csr, key } = await newCertificateRequest("x");
      const asked = await enrolBody(String(body["token"]), `killed-${at}`, keys, csr);
      const made = (await callChild(home, api, "POST", "/enroll", asked)).body;
      identities.push(identityFrom(made, key, keys.seed));
    }
    child.kill("SIGTERM");
    await child.exited;
  } finally {
    child.kill("SIGKILL");
  }
  return identities;
}

/** As an agent's outbox: what was not acknowledged is told again, with what came since. Every third is a stretch without a change. */
class Outbox {
  acknowledged = 0;
  told = 0;

  async tell(link: Link): Promise<void> {
    const upTo = this.acknowledged + 1 + Math.floor(Math.random() * 5);
    this.told = Math.max(this.told, upTo);
    const numbers = Array.from(
      { length: this.told - this.acknowledged },
      (_, at) => this.acknowledged + 1 + at,
    );
    const committed = await link.reportRuns({
      reports: numbers.map((number) =>
        isSpan(number)
          ? { report: { case: "span" as const, value: spanOf(number) } }
          : { report: { case: "run" as const, value: runOf(number) } },
      ),
    });
    this.acknowledged = Number(committed);
  }
}

const began = Date.now();
const isSpan = (number: number): boolean => number % 3 === 0;
const spanOf = (number: number) => ({
  first: BigInt(number),
  last: BigInt(number),
  firstAtMs: BigInt(began + number),
  lastAtMs: BigInt(began + number),
});
const runOf = (number: number) => ({
  number: BigInt(number),
  policyVersion: 1n,
  startedAtMs: BigInt(began + number),
  durationMs: number,
  outcome: 2,
  resources: [{ key: `run ${number}`, type: "file", outcome: 2, changes: [], durationMs: 1 }],
});

patient("while agents report, keeps what it acknowledged, once", () =>
  inServerHome(async (home) => {
    const identities = await enrolled(home, 3);
    const outboxes = identities.map(() => new Outbox());
    for (let kill = 0; kill < kills; kill++) {
      await untilKilled(home, async (_, begun) => {
        await Promise.all(
          identities.map((identity, at) =>
            endsWithServer(async () => {
              const link = connectLink(identity);
              try {
                for (;;) {
                  await outboxes[at]?.tell(link);
                  begun();
                }
              } finally {
                link.close();
              }
            }),
          ),
        );
      });
      await inStore(home, async (store) => {
        for (const [at, { envoyId }] of identities.entries())
          await keptAll(store, envoyId, outboxes[at] as Outbox);
      });
    }
    for (const { acknowledged } of outboxes) expect(acknowledged).toBeGreaterThan(kills);
    await wholeAgain(home, async () => {});
  }),
);

async function keptAll(store: Store, envoyId: string, { acknowledged, told }: Outbox) {
  const runs = await store.runs.page({ envoyId, limit: 100_000 });
  const spans = await store.runs.spans(envoyId, 100_000);
  const numbers = [...runs.map(({ number }) => number), ...spans.map(({ first }) => first)];
  numbers.sort((a, b) => a - b);
  // From the first on without a gap, and none twice.
  expect(numbers).toEqual(numbers.map((_, at) => at + 1));
  expect(numbers.length).toBeGreaterThanOrEqual(acknowledged);
  expect(numbers.length).toBeLessThanOrEqual(told);
  for (const { first, last } of spans) expect([isSpan(first), last]).toEqual([true, first]);
  const newest = runs[0]?.number ?? 0;
  if (newest === 0) return;
  const run = await store.runs.find(envoyId, newest);
  expect([run?.durationMs, run?.resources.map(({ key }) => key)]).toEqual([
    newest,
    [`run ${newest}`],
  ]);
}

patient("while it writes what check-ins told, the next check-in mends what was lost", () =>
  inServerHome(async (home) => {
    const identities = await enrolled(home, 3);
    const runs = identities.map(() => 1);
    const checkIn = (link: Link, at: number) => {
      runs[at] = (runs[at] ?? 0) + 1;
      return link.checkIn({
        machineId: "m1",
        bootId: "b1",
        openSpan: {
          first: 1n,
          last: BigInt(runs[at] ?? 0),
          firstAtMs: BigInt(began),
          lastAtMs: BigInt(began),
        },
      });
    };
    const spansAre = (right: (last: number, told: number) => boolean, count: readonly number[]) =>
      inStore(home, async (store) => {
        for (const [at, { envoyId }] of identities.entries()) {
          const spans = await store.runs.spans(envoyId, 10);
          expect(count).toContain(spans.length);
          for (const { first, last } of spans)
            expect([first, last, right(last, runs[at] ?? 0)]).toEqual([1, last, true]);
        }
      });
    for (let kill = 0; kill < kills; kill++) {
      await untilKilled(home, async (_, begun) => {
        await Promise.all(
          identities.map((identity, at) =>
            endsWithServer(async () => {
              const link = connectLink(identity);
              try {
                for (;;) {
                  await checkIn(link, at);
                  begun();
                }
              } finally {
                link.close();
              }
            }),
          ),
        );
      });
      await spansAre((last, told) => last <= told, [0, 1]);
    }
    await wholeAgain(home, async () => {
      for (const [at, identity] of identities.entries()) {
        const link = connectLink(identity);
        await checkIn(link, at);
        link.close();
      }
    });
    await spansAre((last, told) => last === told, [1]);
  }),
);

patient("while it publishes, keeps what it acknowledged, once", () =>
  inServerHome(async (home) => {
    const published = new Map<string, number>();
    let asked = 0;
    for (let kill = 0; kill < kills; kill++)
      await untilKilled(home, async ({ api }, begun) =>
        endsWithServer(async () => {
          for (;;) {
            const message = `publish ${++asked}`;
            const body = { tree: packTree(treeWith(asked)), message, replace: true, yes: true };
            const answer = await callChild(home, api, "POST", "/config/publish", body);
            expect(answer).toMatchObject({ status: 200, body: { outcome: "published" } });
            published.set(message, Number(answer.body["version"]));
            begun();
          }
        }),
      );
    expect(published.size).toBeGreaterThanOrEqual(kills);
    await wholeAgain(home, async (api) => {
      const get = async (path: string) => (await callChild(home, api, "GET", path)).body;
      const versions = (await get("/config/history"))["versions"] as readonly {
        version: number;
        message: string;
        live: boolean;
      }[];
      const messages = versions.map(({ message }) => message);
      expect(new Set(messages).size).toBe(messages.length);
      for (const [message, version] of published)
        expect(versions.find((one) => one.message === message)?.version).toBe(version);
      const newest = Math.max(...versions.map(({ version }) => version));
      expect(newest).toBeGreaterThanOrEqual(Math.max(...published.values()));
      expect((await get("/config/status"))["in_force"]).toMatchObject({ version: newest });
      const told = await audited(home, api);
      expect(told.sort()).toEqual(versions.map(({ version }) => `version ${version}`).sort());
    });
  }),
);

const treeWith = (at: number) =>
  treeOf({
    "envoys.vgo": 'envoys:\n  - {match: "*", configcrates: [site]}\n',
    "configcrates/site.vgo": `configcrate: site\nresources:\n  - {name: motd, type: file, target_path: /etc/motd, content: "${at}"}\n`,
  });

async function audited(home: Home, api: number): Promise<string[]> {
  const found: string[] = [];
  let cursor = "";
  do {
    const { body } = await callChild(home, api, "GET", `/audit?limit=1000${cursor}`);
    const entries = body["entries"] as readonly { action: string; subject: string }[];
    for (const { action, subject } of entries) if (action === "config.publish") found.push(subject);
    cursor = typeof body["cursor"] === "string" ? `&cursor=${body["cursor"]}` : "";
  } while (cursor !== "");
  return found;
}

patient("while it makes its tables newer, comes to all of them, and keeps every row", async () => {
  const rows = 20_000;
  for (let kill = 0; kill < kills; kill++)
    await inServerHome(async (home) => {
      await oldDatabase(home, rows);
      // The first dies at any moment of its start, the second just after it began to write.
      for (const begins of [async () => Bun.sleep(Math.random() * 400), () => writing(home)]) {
        const child = startChild(home);
        await Promise.race([begins(), child.ready]);
        child.kill("SIGKILL");
        await child.exited;
      }
      await wholeAgain(home, async () => {});
      const database = new Database(home.database, { readonly: true });
      const count = (sql: string) => database.query<{ n: number }, []>(sql).get()?.n;
      expect(count("SELECT count(*) AS n FROM runs")).toBe(rows);
      expect(count("SELECT count(*) AS n FROM envoys")).toBe(1);
      expect(count("SELECT count(*) AS n FROM migrations")).toBe(migrations.length);
      expect(count("SELECT max(id) AS n FROM migrations")).toBe(migrations.length);
      database.close();
    });
});

/** As the first version left it. */
async function oldDatabase(home: Home, rows: number): Promise<void> {
  await mkdir(dirname(home.database), { recursive: true, mode: 0o700 });
  const database = new Database(home.database, { create: true, strict: true });
  database.run("PRAGMA journal_mode = WAL");
  migrate(database, 1, migrations.slice(0, 1));
  database.run(
    "INSERT INTO envoys (id, hostname, public_key, certificate, certificate_expires_at, enrolled_at, machine_id, platform, arch) VALUES ('e1', 'old', ?, 'c', 1, 1, 'm', 'linux', 'amd64')",
    [envoyKey().publicKey],
  );
  const now = Date.now();
  const insert = database.prepare(
    'INSERT INTO runs VALUES (\'e1\', ?, 1, ?, 1, \'changed\', \'{"ok":0,"changed":1,"failed":0,"skipped":0,"blocked":0,"pending":0}\', \'["drift"]\', \'[]\')',
  );
  database.transaction(() => {
    for (let at = 1; at <= rows; at++) insert.run(at, now - at);
  })();
  database.close();
}

/** When it has begun to write; asked of the file, because a reader of the database would be in its way. */
async function writing(home: Home): Promise<void> {
  const size = async () => (await ifThere(stat(`${home.database}-wal`)))?.size ?? 0;
  const [before, deadline] = [await size(), Date.now() + 20_000];
  while ((await size()) === before && Date.now() < deadline) await Bun.sleep(1);
  await Bun.sleep(Math.random() * 5);
}
