import { afterAll, expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { defaultHome, type Wanted } from "../../../src/modes/cli/flags.ts";
import { folderOf, isElsewhere } from "../../../src/modes/cli/remote.ts";

const room = await mkdtemp(join(tmpdir(), "vigo-remote-"));
await mkdir(join(room, "kept", "vigo"), { recursive: true });
await writeFile(join(room, "kept", "vigo", "login.json"), "{}");
afterAll(() => rm(room, { recursive: true }));

const nobody = { XDG_CONFIG_HOME: join(room, "none") };
const server = "https://vigo.example.org";

const cases: readonly (readonly [Wanted, Readonly<Record<string, string>>, boolean])[] = [
  [{ server }, nobody, true],
  [{}, { ...nobody, VIGO_SERVER: server }, true],
  [{ server, home: "/srv/a" }, nobody, false],
  [{}, nobody, false],
  [{ home: "/srv/a" }, { XDG_CONFIG_HOME: join(room, "kept") }, false],
  // A login is meant where there is no server.
  [{}, { XDG_CONFIG_HOME: join(room, "kept") }, !existsSync(defaultHome)],
];
test.each(cases)("%j with %j", (wanted, env, elsewhere) => {
  expect(isElsewhere({ wanted, env })).toBe(elsewhere);
  const stacks = elsewhere ? process.cwd() : join(wanted.home ?? defaultHome, "stacks");
  expect(folderOf(undefined, { wanted, env })).toBe(stacks);
});
