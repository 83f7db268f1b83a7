import { afterAll, beforeAll, expect, test } from "bun:test";
import { chmod, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { calling, settingsFrom } from "../../../src/modes/agent/settings.ts";

let room: string;
beforeAll(async () => {
  room = await mkdtemp(join(tmpdir(), "vigo-test-"));
});
afterAll(() => rm(room, { recursive: true, force: true }));

async function config(text: string, mode = 0o644): Promise<string> {
  const path = join(room, crypto.randomUUID());
  await writeFile(path, text);
  await chmod(path, mode);
  return path;
}

test("a flag is above the environment, that above the file, and that above the default", async () => {
  const path = await config("home: /from/file\nlog_level: warn\n");
  const flags = { home: "/from/flag" };
  const environment = { VIGO_HOME: "/from/environment" };
  const homes = await Promise.all([
    settingsFrom(flags, environment, path),
    settingsFrom({}, environment, path),
    settingsFrom({}, {}, path),
    settingsFrom({}, {}, join(room, "none")),
  ]);
  expect(homes.map(({ home }) => home)).toEqual([
    "/from/flag",
    "/from/environment",
    "/from/file",
    "/var/lib/vigo-envoy",
  ]);
  expect(homes.map(({ isDefaultHome }) => isDefaultHome)).toEqual([false, false, false, true]);
  expect(homes[2]?.logLevel).toBe("warn");
});

test.each<[string, string]>([
  ["hoem: /x\n", 'unknown setting "hoem", did you mean "home"?'],
  ["- home\n", "settings are lines like"],
  ["home: [a]\n", "home is a text"],
  ["log_level: loud\n", "loud is no log level"],
])("%j is refused", async (text, message) => {
  await expect(settingsFrom({}, {}, await config(text))).rejects.toThrow(message);
});

test("a file that others may change is not read", async () => {
  const open = await config("home: /x\n", 0o666);
  await expect(settingsFrom({}, {}, open)).rejects.toThrow("others may change it");
  const link = join(room, "link");
  await symlink(await config("home: /x\n"), link);
  await expect(settingsFrom({}, {}, link)).rejects.toThrow("others may change it");
});

test("servers come from the flag of a command, the environment or the file, several with commas", async () => {
  const path = await config("server: a:1530, b:1530\n");
  const named = await settingsFrom({}, {}, path);
  expect(named.servers).toEqual(["a:1530", "b:1530"]);
  const { servers } = await settingsFrom({}, { VIGO_AGENT_SERVER: "c:1" }, path);
  expect(servers).toEqual(["c:1"]);
  expect((await settingsFrom({}, {}, join(room, "none"))).servers).toBeUndefined();
  expect(calling({ settings: named }, "d:2,[::1]:3").settings.servers).toEqual(["d:2", "[::1]:3"]);
  expect(() => calling({ settings: named }, "https://d/")).toThrow("is no address of a server");
});
