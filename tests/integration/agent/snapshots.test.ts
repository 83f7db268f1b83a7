/** What a person gets back of a file that the agent has overwritten. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { chmod, mkdtemp, readFile, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { agent } from "../../../src/modes/agent/index.ts";
import { machine } from "../../../src/modes/agent/machine/machine.ts";
import { recordingScreen } from "../../support/screen.ts";
import { removeRoom } from "../../support/remove-room.ts";

let room: string;
beforeAll(async () => {
  room = await mkdtemp(join(tmpdir(), "vigo-snapshots-"));
});
afterAll(() => removeRoom(room));

async function said(...words: readonly string[]) {
  const screen = recordingScreen();
  const code = await agent(["snapshots", ...words, "--home", join(room, "home")], screen);
  return { code, ...screen.printed() };
}

test("nothing yet", async () => {
  expect((await said("list")).out).toBe("nothing is kept: no managed file was overwritten yet");
  const { code, err } = await said("restore", "/etc/nothing");
  expect([code, err]).toEqual([4, expect.stringContaining("nothing is kept of /etc/nothing")]);
});

test("listed, compared, and put back with its mode; what is there is kept in turn", async () => {
  const path = join(room, "motd");
  await writeFile(path, "by hand\n");
  await chmod(path, 0o640);
  const host = machine({ snapshots: join(room, "home", "snapshots") });
  await host.write(path, new TextEncoder().encode("by policy\n"), { mode: 0o600 });

  const kept = JSON.parse((await said("list", path, "--json")).out);
  expect(kept).toMatchObject([{ path, bytes: 8, mode: 0o640 }]);
  const { out } = await said("diff", path);
  expect(out).toContain("-by hand");
  expect(out).toContain("+by policy");
  expect((await said("restore", path)).code).toBe(0);
  expect(await readFile(path, "utf8")).toBe("by hand\n");
  expect((await stat(path)).mode & 0o777).toBe(0o640);

  const [first, second] = JSON.parse((await said("list", path, "--json")).out);
  expect([first.bytes, second.bytes]).toEqual([8, 10]);
  expect((await said("restore", path, "--at", second.name)).code).toBe(0);
  expect(await readFile(path, "utf8")).toBe("by policy\n");
  const { code, err } = await said("restore", path, "--at", "1999");
  expect([code, err]).toEqual([4, expect.stringContaining(`it has ${first.name}`)]);
});

test("what is removed can be put back, unless it held a secret", async () => {
  const host = machine({ snapshots: join(room, "home", "snapshots") });
  const [path, secret] = [join(room, "gone"), join(room, "secret")];
  await writeFile(path, "precious\n", { mode: 0o604 });
  await writeFile(secret, "hunter2\n");
  await host.remove(path);
  await host.remove(secret, { snapshot: false });
  expect((await said("restore", path)).code).toBe(0);
  expect(await readFile(path, "utf8")).toBe("precious\n");
  expect((await stat(path)).mode & 0o777).toBe(0o604);
  expect((await said("restore", secret)).code).toBe(4);
});
