/** Files that a person names: read, or refused in words, and never with a stack. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdir, mkdtemp, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chained, chainStart } from "../../../src/core/audit/chain.ts";
import { cli } from "../../../src/modes/cli/index.ts";
import { provenServer } from "../../../src/modes/cli/login.ts";
import { exportedLog } from "../../../src/modes/cli/exported-log.ts";
import { piecesOf, readNamed } from "../../../src/modes/cli/named-file.ts";
import { removeRoom } from "../../support/remove-room.ts";
import { recordingScreen } from "../../support/screen.ts";

let room: string;
beforeAll(async () => {
  room = await mkdtemp(join(tmpdir(), "vigo-named-"));
  await mkdir(join(room, "folder"));
  await symlink(join(room, "circle"), join(room, "circle"));
  await writeFile(join(room, "file"), "é".repeat(100_000));
});
afterAll(() => removeRoom(room));

const bad: readonly [string, number, string][] = [
  ["none", 4, "cannot be read: it is not there"],
  ["file/none", 4, "cannot be read: it is not there"],
  ["folder", 2, "cannot be read: it is a folder"],
  ["circle", 2, "cannot be read: its links go round in a circle"],
  ["x".repeat(300), 2, "cannot be read: its name is too long"],
];

describe.each(bad)("%s", (name, code, said) => {
  test.each(["audit verify --file", "license install"])("%s", async (command) => {
    const screen = recordingScreen();
    const never = () => {
      throw new Error("the server is not asked");
    };
    const file = join(room, name);
    expect(await cli([...command.split(" "), file], screen, never)).toBe(code);
    expect(screen.printed().err).toBe(`vigo: ${file} ${said}`);
  });

  test("login --ca-file", async () => {
    const proven = provenServer({
      url: "https://127.0.0.1:1",
      caFile: join(room, name),
      fingerprint: undefined,
      confirm: async () => false,
    });
    await expect(proven).rejects.toThrow(said);
  });
});

test("one that is there is read, whole or piece by piece", async () => {
  const file = join(room, "file");
  expect(await readNamed(file)).toBe("é".repeat(100_000));
  let read = 0;
  for await (const { bytes, all } of piecesOf(file)) {
    expect(all).toBe(200_000);
    read += bytes.length;
  }
  expect(read).toBe(200_000);
});

describe("an exported audit log", () => {
  const entries = (count: number) => {
    let before = chainStart.hash;
    return Array.from({ length: count }, (_, n) => {
      const what = { actor: "ö".repeat(100), action: "x", subject: "s", detail: null };
      const entry = { id: n + 1, at: 1_000 * n, ...what };
      before = chained(before, entry);
      return JSON.stringify({ ...entry, at: new Date(entry.at).toISOString(), hash: before });
    });
  };
  const checked = async (text: string) => {
    const file = join(room, "audit.jsonl");
    await writeFile(file, text);
    const seen: number[] = [];
    return [
      await exportedLog(file, undefined, (done, all) => seen.push(done / all)),
      seen,
    ] as const;
  };

  test.each(["\n", "\r\n"])("is read over pieces, with lines that end with %j", async (end) => {
    const [{ holds, entries: count }, seen] = await checked(entries(2_000).join(end));
    expect([holds, count]).toEqual([true, 2_000]);
    expect(seen.length).toBeGreaterThan(5);
    expect(seen.at(-1)).toBe(1);
  });

  test("that lacks an entry does not hold", async () => {
    const all = entries(10);
    const [found] = await checked([...all.slice(0, 4), ...all.slice(5)].join("\n"));
    expect(found).toMatchObject({ holds: false, entries: 4 });
  });

  test("that is something else is refused, however long its line is", async () => {
    await expect(checked("{}\n")).rejects.toThrow("entry 1 is no line of");
    await expect(checked("x".repeat(17 * 1024 * 1024))).rejects.toThrow("a line has no end");
  });
});
