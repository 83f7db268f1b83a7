/** Backups of a living server, and what they are worth: each is restored. Must not know how they are made. */
import { Database } from "bun:sqlite";
import { expect, test } from "bun:test";
import { readFileSync as readSync } from "node:fs";
import {
  access,
  appendFile,
  chown,
  mkdir,
  readFile,
  readlink,
  rm,
  stat,
  symlink,
  writeFile,
} from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Home } from "../../../src/modes/server/home.ts";
import { callChild, freePorts, inHome, startChild } from "./child.ts";

const main = join(import.meta.dir, "../../../src/main.ts");

async function running<T>(home: Home, work: (api: number) => Promise<T>): Promise<T> {
  const child = startChild(home);
  try {
    const { api } = await child.ready;
    const done = await work(api);
    child.kill("SIGTERM");
    expect(await child.exited).toBe(0);
    return done;
  } finally {
    child.kill("SIGKILL");
  }
}

const inServerHome = (work: (home: Home) => Promise<void>, more = "") =>
  inHome(async (home) => {
    await mkdir(dirname(home.config), { recursive: true });
    await writeFile(home.config, freePorts + more);
    await work(home);
  });

const makeToken = (home: Home, api: number, label: string) =>
  callChild(home, api, "POST", "/tokens", { label });

async function labelsOf(home: Home, api: number): Promise<unknown[]> {
  const { body } = await callChild(home, api, "GET", "/tokens");
  return (body["tokens"] as readonly { readonly label: string }[]).map(({ label }) => label).sort();
}

async function backUp(home: Home, api: number): Promise<Record<string, unknown>> {
  const { status, body } = await callChild(home, api, "POST", "/database/backup");
  expect([status, body]).toEqual([200, body]);
  return body;
}

const restoring = (home: Home, folder: string) =>
  Bun.spawn([process.execPath, main, "server", "restore", folder, "--home", home.folder], {
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
  });

async function restore(home: Home, folder: string) {
  const child = restoring(home, folder);
  const [out, err] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
  ]);
  return { code: await child.exited, out, err };
}

/** It serves, its log is in order, and nothing that doctor looks at fails. */
async function sound(home: Home, api: number): Promise<void> {
  const { body } = await callChild(home, api, "GET", "/doctor");
  const checks = body["checks"] as readonly { readonly result: string }[];
  expect(checks.filter(({ result }) => result === "fail")).toEqual([]);
  expect((await callChild(home, api, "GET", "/audit/verify")).body).toMatchObject({ holds: true });
}

test(
  "a backup of a server that is written to is of one moment, and brings all of it back",
  () =>
    inServerHome(async (home) => {
      const { folder, live } = await running(home, async (api) => {
        await makeToken(home, api, "before");
        let written = 0;
        let busy = true;
        const writing = (async () => {
          while (busy) {
            await makeToken(home, api, `during ${String(written).padStart(4, "0")}`);
            written++;
          }
        })();
        const made = await backUp(home, api);
        busy = false;
        await writing;
        expect(written).toBeGreaterThan(0);
        await makeToken(home, api, "after");
        expect(made["elsewhere"]).toEqual([]);
        const acts = (await callChild(home, api, "GET", "/audit")).body["entries"];
        expect((acts as { action: string }[]).map(({ action }) => action)).toContain(
          "database.backup",
        );
        const published = await readlink(join(home.folder, ".live")).catch(() => "nothing");
        return { folder: String(made["folder"]), live: published };
      });
      expect((await stat(folder)).mode & 0o777).toBe(0o700);
      expect((await stat(join(folder, "tls", "bundle_key"))).mode & 0o777).toBe(0o600);
      const ca = await readFile(join(home.tls, "ca.pem"), "utf8");
      // All is lost but the backup.
      for (const path of [home.database, join(home.tls, "ca_key.pem")])
        await writeFile(path, "gone");
      const { code, out, err } = await restore(home, folder);
      expect([code, err]).toEqual([0, ""]);
      const aside = /what was there before is in (.*)/.exec(out)?.[1] ?? "";
      expect(await readFile(join(aside, "tls", "ca_key.pem"), "utf8")).toBe("gone");
      expect(await readFile(join(home.tls, "ca.pem"), "utf8")).toBe(ca);
      expect(await readlink(join(home.folder, ".live")).catch(() => "nothing")).toBe(live);
      await running(home, async (api) => {
        const labels = await labelsOf(home, api);
        const during = labels.filter((label) => String(label).startsWith("during"));
        expect(labels).toContain("before");
        expect(labels).not.toContain("after");
        // A moment: what came first is there, without a gap.
        expect(during).toEqual(during.map((_, at) => `during ${String(at).padStart(4, "0")}`));
        await sound(home, api);
      });
    }),
  60_000,
);

test(
  "a restore that is killed anywhere starts no server on half a home, and is completed",
  () =>
    inServerHome(async (home) => {
      const folder = await running(home, async (api) => {
        await makeToken(home, api, "kept");
        return String((await backUp(home, api))["folder"]);
      });
      for (let kill = 0; kill < 6; kill++) {
        const child = restoring(home, folder);
        const deadline = Date.now() + 20_000;
        // From the moment on at which it has begun to change something.
        while (!(await there(home.restoring)) && child.exitCode === null && Date.now() < deadline)
          await Bun.sleep(1);
        await Bun.sleep(Math.random() * 8);
        child.kill("SIGKILL");
        await child.exited;
        if (!(await there(home.restoring))) continue;
        const server = startChild(home);
        expect(await server.exited).not.toBe(0);
        expect(server.log()).toContain("was interrupted");
      }
      expect(await restore(home, folder)).toMatchObject({ code: 0 });
      expect(await there(home.restoring)).toBe(false);
      await running(home, async (api) => {
        expect(await labelsOf(home, api)).toEqual(["kept"]);
        await sound(home, api);
      });
    }),
  60_000,
);

const there = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );

test(
  "nothing is touched by a backup that is damaged, of a newer vigo, or of another shape, nor under a running server",
  () =>
    inServerHome(async (home) => {
      const folder = await running(home, async (api) => {
        const made = String((await backUp(home, api))["folder"]);
        expect(await restore(home, made)).toMatchObject({
          code: 1,
          err: expect.stringContaining("another server runs"),
        });
        return made;
      });
      const before = await readFile(home.database);
      const refused = async (why: string) => {
        const { code, err } = await restore(home, folder);
        expect([code, err]).toEqual([expect.any(Number), expect.stringContaining(why)]);
        expect(code).not.toBe(0);
        expect(await readFile(home.database)).toEqual(before);
        expect(await there(home.restoring)).toBe(false);
      };
      const manifest = join(folder, "backup.json");
      const good = await readFile(manifest, "utf8");
      const changed = (change: (told: Told) => void) => {
        const told = JSON.parse(good) as Told;
        change(told);
        return writeFile(manifest, JSON.stringify(told));
      };
      await appendFile(join(folder, "tls", "ca.pem"), " ");
      await refused("tls/ca.pem is not as it was copied");
      await writeFile(join(folder, "tls", "ca.pem"), await readFile(join(home.tls, "ca.pem")));
      await changed(
        ({ files }) => (files["tls/missing"] = { sha256: "0".repeat(64), bytes: 1, mode: 0 }),
      );
      await refused("tls/missing is missing");
      await changed(
        ({ files }) => (files["run/lock.db"] = { sha256: "0".repeat(64), bytes: 1, mode: 0 }),
      );
      await refused("run/lock.db is nothing that a backup holds");
      await changed(
        ({ files }) => (files["../out"] = { sha256: "0".repeat(64), bytes: 1, mode: 0 }),
      );
      await refused("holds no whole backup");
      await changed(({ links }) => (links["etc"] = "/etc"));
      await refused("etc is nothing that a backup holds");
      await writeFile(manifest, good);
      const database = new Database(join(folder, "vigo.db"));
      database.run("INSERT INTO migrations (id, name, applied_at) VALUES (9999, 'later', 1)");
      database.close();
      await changed(({ files }) => {
        const hash = new Bun.CryptoHasher("sha256").update(readSync(join(folder, "vigo.db")));
        files["vigo.db"] = { ...(files["vigo.db"] as Facts), sha256: hash.digest("hex") };
      });
      await refused("tables of a newer vigo");
    }),
  60_000,
);

interface Facts {
  readonly sha256: string;
  readonly bytes: number;
  readonly mode: number;
}
interface Told {
  readonly files: Record<string, Facts>;
  readonly links: Record<string, string>;
}

test(
  "says what the settings keep elsewhere, and leaves it where it is",
  () =>
    inServerHome(async (home) => {
      const { folder, elsewhere } = await running(home, (api) => backUp(home, api));
      expect(elsewhere).toEqual([join(home.folder, "other", "master.key")]);
      const told = await readFile(join(String(folder), "backup.json"), "utf8");
      expect(told).not.toContain('"other/master.key"');
      const { code, out } = await restore(home, String(folder));
      expect([code, out]).toEqual([0, expect.stringContaining("look whether it fits")]);
      await running(home, (api) => sound(home, api));
    }, "secrets: {key_file: other/master.key}\n"),
  60_000,
);

test(
  "keeps links, and says which of them lead to what it does not hold",
  () =>
    inServerHome(async (home) => {
      const outside = `${home.folder}-outside`;
      const link = join(home.stacks, "outside");
      const { folder, elsewhere } = await running(home, async (api) => {
        await symlink(outside, link);
        await symlink("outside", join(home.stacks, "inside"));
        return backUp(home, api);
      });
      expect(elsewhere).toEqual([outside]);
      await rm(link);
      expect(await restore(home, String(folder))).toMatchObject({ code: 0 });
      expect(await readlink(link)).toBe(outside);
      expect(await readlink(join(home.stacks, "inside"))).toBe("outside");
    }),
  60_000,
);

test(
  "two at once are one and a refusal, two in one second are two",
  () =>
    inServerHome(async (home) => {
      const folders = await running(home, async (api) => {
        const ask = () => callChild(home, api, "POST", "/database/backup");
        const answers = await Promise.all([ask(), ask()]);
        expect(answers.map(({ status }) => status).sort()).toEqual([200, 409]);
        const made = answers.find(({ status }) => status === 200);
        return [made?.body["folder"], (await backUp(home, api))["folder"]];
      });
      expect(new Set(folders).size).toBe(2);
      for (const folder of folders)
        expect(await there(join(String(folder), "backup.json"))).toBe(true);
    }),
  60_000,
);

test.if(process.getuid?.() === 0)(
  "nobody but the home's owner restores into it",
  () =>
    inServerHome(async (home) => {
      const { folder } = await running(home, (api) => backUp(home, api));
      await chown(home.folder, 65_534, 65_534);
      const { code, err } = await restore(home, String(folder));
      expect([code, err]).toEqual([3, expect.stringContaining("runuser -u $(id -nu 65534)")]);
      expect(await there(home.restoring)).toBe(false);
    }),
  60_000,
);
