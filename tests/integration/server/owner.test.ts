/** Root on the server's host, as the manual lets it be: nothing it does there leaves files that the server's own user cannot read. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { chmod, chown, mkdir, mkdtemp, readdir, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { server } from "../../../src/modes/server/index.ts";
import { removeRoom } from "../../support/remove-room.ts";
import { recordingScreen } from "../../support/screen.ts";

const isRoot = process.getuid?.() === 0;
const nobody = 65_534;
let home: string;
let room: string;

beforeAll(async () => {
  room = await mkdtemp(join(tmpdir(), "vigo-owner-"));
  home = join(room, "home");
  await mkdir(home);
});
afterAll(() => removeRoom(room));

async function vigo(...words: readonly string[]) {
  const screen = recordingScreen();
  return { code: await server([...words, "--home", home], screen), ...screen.printed() };
}

test.if(isRoot)("makes nothing in the home of another user, and says whose it is", async () => {
  await chown(home, nobody, nobody);
  for (const words of [["init"], ["run"], ["rotate-bundle-key"], ["new-bundle-key"]]) {
    const { code, err } = await vigo(...words);
    expect([words, code, err]).toEqual([
      words,
      3,
      expect.stringContaining(`runuser -u $(id -nu ${nobody}) -- vigo server ${words[0]}`),
    ]);
  }
  expect(await readdir(home)).toEqual([]);
});

test.if(isRoot)(
  "gives a program for newcomers to the home's owner, readable whatever it was",
  async () => {
    await chown(home, nobody, nobody);
    const file = join(room, "vigo-windows-x64.exe");
    await writeFile(file, "MZ");
    await chmod(file, 0o600);
    expect((await vigo("downloads", "add", file)).code).toBe(0);
    for (const path of ["downloads", "downloads/vigo-windows-x64.exe"]) {
      const { uid, gid } = await stat(join(home, path));
      expect([path, uid, gid]).toEqual([path, nobody, nobody]);
    }
    expect((await stat(join(home, "downloads/vigo-windows-x64.exe"))).mode & 0o777).toBe(0o755);
  },
);

test("a home that is not there yet is anybody's", async () => {
  home = join(room, "new");
  expect((await vigo("init")).code).toBe(0);
});
