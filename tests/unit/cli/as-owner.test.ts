/** Root that publishes, freezes and rolls back on the server's host: all that comes of it belongs to whom the home does. */
import { afterAll, expect, test } from "bun:test";
import { chown, lstat, mkdir, mkdtemp, readdir, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { cli } from "../../../src/modes/cli/index.ts";
import { removeRoom } from "../../support/remove-room.ts";
import { recordingScreen } from "../../support/screen.ts";

const nobody = 65_534;
const room = await mkdtemp(join(tmpdir(), "vigo-as-owner-"));
afterAll(() => removeRoom(room));

async function vigo(...words: readonly string[]) {
  const screen = recordingScreen();
  return { code: await cli(words, screen), ...screen.printed() };
}

/** Whatever root's own are, as `path: uid`. */
async function strangers(home: string): Promise<readonly string[]> {
  const names = await readdir(home, { recursive: true });
  const owners = await Promise.all(
    names.map(async (name) => `${name}: ${(await lstat(join(home, name))).uid}`),
  );
  return owners.filter((line) => !line.endsWith(`: ${nobody}`));
}

test.if(process.getuid?.() === 0)("leaves nothing of root's in the home", async () => {
  // What root keeps for itself, as /root, is published all the same.
  const stacks = join(room, "stacks");
  await mkdir(stacks, { mode: 0o700 });
  const home = join(room, "home");
  await mkdir(home, { mode: 0o750 });
  await chown(room, nobody, nobody);
  await chown(home, nobody, nobody);
  const publish = async (content: string) => {
    const text = `configcrate: one\nresources:\n  - { type: file, target_path: /etc/x, content: ${content} }\n`;
    await mkdir(join(stacks, "configcrates"), { recursive: true });
    await writeFile(join(stacks, "configcrates/one.vgo"), text);
    await writeFile(join(stacks, "envoys.vgo"), 'envoys: [{ match: "*", configcrates: [one] }]\n');
    return vigo("publish", "--stacks", stacks, "--home", home);
  };
  for (const content of ["one", "two"]) expect(await publish(content)).toMatchObject({ code: 0 });
  expect(await vigo("config", "rollback", "--home", home)).toMatchObject({ code: 0 });
  const frozen = await vigo("config", "freeze", "--until", "1h", "--reason", "x", "--home", home);
  expect(frozen.code).toBe(0);
  expect((await vigo("config", "unfreeze", "--home", home)).code).toBe(0);
  expect((await readdir(join(home, "versions"))).length).toBe(3);
  expect(await strangers(home)).toEqual([]);
  expect(process.geteuid?.()).toBe(0);
});
