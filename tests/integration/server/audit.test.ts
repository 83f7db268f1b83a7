import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { Database } from "bun:sqlite";
import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { headSigner, parseHead, spellHead } from "../../../src/core/audit/head.ts";
import { newKeyPair } from "../../../src/core/pki/keys.ts";
import { client } from "../../../src/modes/cli/client.ts";
import { cli } from "../../../src/modes/cli/index.ts";
import { recordingScreen } from "../../support/screen.ts";
import { makeWorld, messageOf, type World } from "./world.ts";

let w: World;
beforeAll(async () => {
  w = await makeWorld();
  for (const label of ["a", "b", "c", "d"]) await w.token({ label });
});
afterAll(() => w.stop());

const verify = async (head?: string) =>
  (await w.call("GET", `/audit/verify${head === undefined ? "" : `?head=${head}`}`)).body;

const shownHead = async () =>
  /^audit-head: (vigo-head-1\.\S+)$/m.exec(await (await w.fetch("/healthz")).text())?.[1] ?? "";

/** The commands of the CLI, against this server. */
const command = async (...words: string[]) => {
  const screen = recordingScreen();
  const call = client({
    url: "",
    token: (await readFile(w.home.localToken, "utf8")).trim(),
    send: (path, init) => w.fetch(path, init),
  });
  return { code: await cli(words, screen, call), ...screen.printed() };
};

/** With the server stopped, as somebody would who can write to its disk; put right afterwards. */
async function tampered(
  work: (edit: (sql: string) => void, home: World["home"]) => Promise<void> | void,
  look: () => Promise<void>,
) {
  await w.running().close();
  const kept = await readFile(w.home.database);
  const head = await readFile(w.home.auditHead);
  try {
    await work((sql) => {
      const database = new Database(w.home.database);
      database.run(sql);
      database.run("PRAGMA wal_checkpoint(TRUNCATE)");
      database.close();
    }, w.home);
    await w.restart();
    await look();
  } finally {
    await w.running().close();
    for (const tail of ["-wal", "-shm"]) await rm(`${w.home.database}${tail}`, { force: true });
    await writeFile(w.home.database, kept);
    await writeFile(w.home.auditHead, head);
    await w.restart();
  }
}

describe("an audit log that nobody touched", () => {
  test("holds, and its head is shown to whoever watches the server", async () => {
    expect(await verify()).toMatchObject({
      holds: true,
      head: expect.stringMatching(/^vigo-head/),
    });
    expect((await verify())["entries"]).toBeGreaterThan(5);
    expect(await shownHead()).toStartWith("vigo-head-1.");
  });

  test("still holds what it held when a head was kept, and says what is none", async () => {
    const head = String((await verify())["head"]);
    await w.token({ label: "later" });
    await w.restart();
    expect(await verify(head)).toMatchObject({ holds: true });
    expect(await shownHead()).not.toBe(head);
    const forged = head.replace(/^(vigo-head-1\.)\d+/, "$11");
    expect((await verify(forged))["problem"]).toContain("signature does not fit");
    const foreign = head.replace(/\.[0-9a-f]{16}\./, ".0123456789abcdef.");
    expect((await verify(foreign))["problem"]).toContain("signed with key 0123456789abcdef");
    const none = await w.call("GET", "/audit/verify?head=abc");
    expect([none.status, messageOf(none)]).toEqual([400, expect.stringContaining("no head")]);
  });

  test("asks for permission", async () => {
    for (const path of ["/audit/verify", "/audit/export"])
      expect((await w.call("GET", path, undefined, "")).status).toBe(401);
  });
});

describe("an export", () => {
  test("is one JSON line an entry, the oldest first, and can be checked without the server", async () => {
    const { out, code } = await command("audit", "export");
    const rows = out.split("\n").map((line) => JSON.parse(line) as { id: number; action: string });
    expect([code, rows.map(({ id }) => id)]).toEqual([0, rows.map((_, n) => n + 1)]);
    expect(rows[0]).toMatchObject({ action: "user.create" });
    const file = join(w.home.folder, "export.jsonl");
    await writeFile(file, `${out}\n`);
    const head = String((await verify())["head"]);
    const check = (...more: string[]) => command("audit", "verify", "--file", file, ...more);
    expect(await check("--head", head)).toMatchObject({ code: 0 });
    await writeFile(file, `${out.split("\n").slice(0, -1).join("\n")}\n`);
    expect(await check("--head", head)).toMatchObject({
      code: 1,
      out: expect.stringContaining("is missing"),
    });
    await writeFile(file, out.replace('"label":"b"', '"label":"x"'));
    expect(await check()).toMatchObject({
      code: 1,
      out: expect.stringContaining("does not follow from the one before"),
    });
    await writeFile(file, "no entry\n");
    expect(await check()).toMatchObject({ code: 2 });
  });

  test("goes on where the last one ended", async () => {
    const all = (await command("audit", "export")).out.split("\n");
    const { out } = await command("audit", "export", "--after", String(all.length - 2));
    expect(out.split("\n")).toEqual(all.slice(-2));
  });
});

/** What recomputes every hash after an edit: somebody who knows how the chain is made. */
async function rechained(edit: (sql: string) => void, file: string): Promise<void> {
  const { chained } = await import("../../../src/core/audit/chain.ts");
  const database = new Database(file);
  type Row = {
    id: number;
    at: number;
    actor: string;
    action: string;
    subject: string;
    detail: string;
    request_id: string | null;
  };
  const rows = database.query<Row, []>("SELECT * FROM audit ORDER BY id").all();
  database.close();
  let before = "";
  for (const row of rows) {
    before = chained(before, { ...row, requestId: row.request_id, detail: JSON.parse(row.detail) });
    edit(`UPDATE audit SET hash = '${before}' WHERE id = ${row.id}`);
  }
}

describe("who writes to the database", () => {
  const cases: readonly [string, string, string][] = [
    ["an actor", "UPDATE audit SET actor = 'nobody' WHERE id = 2", "entry 2 does not follow"],
    ["a moment", "UPDATE audit SET at = at + 1 WHERE id = 3", "entry 3 does not follow"],
    ["an act", "UPDATE audit SET action = 'x' WHERE id = 4", "entry 4 does not follow"],
    ["a subject", "UPDATE audit SET subject = 'x' WHERE id = 1", "entry 1 does not follow"],
    ["particulars", "UPDATE audit SET detail = '{}' WHERE id = 3", "entry 3 does not follow"],
    ["a hash", "UPDATE audit SET hash = 'ab' WHERE id = 2", "entry 2 does not follow"],
    ["a request", "UPDATE audit SET request_id = 'x' WHERE id = 4", "entry 4 does not follow"],
    [
      "two that have changed places",
      "UPDATE audit SET id = -1 WHERE id = 2; UPDATE audit SET id = 2 WHERE id = 3; UPDATE audit SET id = 3 WHERE id = -1",
      "entry 2 does not follow",
    ],
    [
      "two whose words have changed places",
      "UPDATE audit SET action = (SELECT o.action FROM audit o WHERE o.id = 5 - audit.id), detail = (SELECT o.detail FROM audit o WHERE o.id = 5 - audit.id), subject = (SELECT o.subject FROM audit o WHERE o.id = 5 - audit.id) WHERE id IN (2, 3)",
      "entry 2 does not follow",
    ],
    [
      "one that nobody did",
      "INSERT INTO audit (at, actor, action, subject, detail, hash) SELECT at, actor, action, subject, detail, hash FROM audit WHERE id = 2",
      "does not follow",
    ],
    ["the first", "DELETE FROM audit WHERE id = 1", "entry 1 does not follow"],
    ["a row's absence", "DELETE FROM audit WHERE id = 3", "entry 3 does not follow"],
    [
      "the tail",
      "DELETE FROM audit WHERE id > (SELECT max(id) - 2 FROM audit)",
      "the end of the log was cut off",
    ],
    ["everything", "DELETE FROM audit", "the end of the log was cut off"],
  ];
  test.each(cases)("is found: %s", (_, sql, problem) =>
    tampered(
      (edit) => edit(sql),
      async () => {
        expect(await verify()).toMatchObject({
          holds: false,
          problem: expect.stringContaining(problem),
        });
        const { code, out } = await command("audit", "verify");
        expect([code, out]).toEqual([1, expect.stringContaining(problem)]);
      },
    ),
  );

  test("is found although every hash was made anew, and then nothing is signed any more", async () => {
    const head = String((await verify())["head"]);
    await tampered(
      async (edit, home) => {
        edit("UPDATE audit SET actor = 'nobody' WHERE id = 2");
        await rechained(edit, home.database);
      },
      async () => {
        const found = { holds: false, problem: expect.stringContaining("the log was rewritten") };
        expect(await verify()).toMatchObject(found);
        expect(await verify(head)).toMatchObject(found);
        const shown = await shownHead();
        await w.token({ label: "after" });
        await w.restart();
        expect(await shownHead()).toBe(shown);
        expect(w.log.join("")).toContain("the audit log was tampered with");
        const { checks } = (await w.call("GET", "/doctor")).body as {
          checks: { name: string; result: string; fix?: string }[];
        };
        expect(checks.find(({ name }) => name === "audit")).toMatchObject({
          result: "fail",
          fix: expect.stringContaining(w.home.auditHead),
        });
        const deadline = Date.now() + 20_000;
        let told: { kind: string }[] = [];
        while (!told.some(({ kind }) => kind === "security.audit_broken")) {
          if (Date.now() > deadline) throw new Error("nobody was told");
          told = (await w.call("GET", "/alerts")).body["alerts"] as { kind: string }[];
          await Bun.sleep(50);
        }
      },
    );
  });

  describe("and forges the head that is kept beside it", () => {
    const rewritten = async (edit: (sql: string) => void, home: World["home"]) => {
      edit("UPDATE audit SET actor = 'nobody' WHERE id = 2");
      await rechained(edit, home.database);
      const database = new Database(home.database);
      const last = database
        .query<{ id: number; hash: string }, []>("SELECT id, hash FROM audit ORDER BY id DESC")
        .get();
      database.close();
      return last ?? { id: 0, hash: "" };
    };

    test("with the true signature of another one", () =>
      tampered(
        async (edit, home) => {
          const last = await rewritten(edit, home);
          const kept = parseHead((await readFile(home.auditHead, "utf8")).trim());
          await writeFile(home.auditHead, `${spellHead({ ...kept, ...last })}\n`);
        },
        async () =>
          expect(await verify()).toMatchObject({
            holds: false,
            problem: expect.stringContaining("its signature does not fit"),
          }),
      ));

    test("with a key of its own", () =>
      tampered(
        async (edit, home) => {
          const last = await rewritten(edit, home);
          const signer = headSigner(newKeyPair().seed, "this server");
          await writeFile(home.auditHead, `${spellHead(signer.sign(last, Date.now()))}\n`);
        },
        async () =>
          expect(await verify()).toMatchObject({
            holds: false,
            problem: expect.stringContaining("the head was signed with key"),
          }),
      ));
  });

  test("cannot cut off what was just done while the server runs: it is signed by then", async () => {
    const other = await makeWorld();
    try {
      await other.token({ label: "just now" });
      const { entries } = (await other.call("GET", "/audit?limit=1")).body;
      const { id } = (entries as { id: number }[])[0] ?? { id: 0 };
      const signed = async () => parseHead(await readFile(other.home.auditHead, "utf8")).id;
      const deadline = Date.now() + 20_000;
      while ((await signed()) < id && Date.now() < deadline) await Bun.sleep(50);
      expect(await signed()).toBe(id);
      const database = new Database(other.home.database);
      database.run("DELETE FROM audit WHERE id = (SELECT max(id) FROM audit)");
      database.close();
      expect((await other.call("GET", "/audit/verify")).body).toMatchObject({
        holds: false,
        problem: expect.stringContaining("the end of the log was cut off"),
      });
    } finally {
      await other.stop();
    }
  }, 40_000);

  test("cannot hide it behind new entries either", () =>
    tampered(
      (edit) => edit("DELETE FROM audit WHERE id > (SELECT max(id) - 2 FROM audit)"),
      async () => {
        for (let n = 0; n < 5; n++) await w.token({ label: "cover" });
        expect(await verify()).toMatchObject({
          holds: false,
          problem: expect.stringContaining("the log was rewritten"),
        });
      },
    ));

  test("who takes the kept head away as well leaves a trace, and a head kept elsewhere still tells", async () => {
    const head = String((await verify())["head"]);
    await tampered(
      async (edit, home) => {
        edit("DELETE FROM audit WHERE id > (SELECT max(id) - 2 FROM audit)");
        await rm(home.auditHead);
      },
      async () => {
        const [last] = (await w.call("GET", "/audit")).body["entries"] as { action: string }[];
        expect(last?.action).toBe("audit.heads_begin");
        expect((await verify(head))["holds"]).toBe(false);
      },
    );
  });
});
