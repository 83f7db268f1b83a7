/** The file of settings itself: not there, or no file that can be read. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdir, mkdtemp, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { prepareFolders } from "../../../src/modes/server/first-start/prepare.ts";
import { readSettings } from "../../../src/modes/server/config/read.ts";
import { homeAt } from "../../../src/modes/server/home.ts";
import { removeRoom } from "../../support/remove-room.ts";

let room: string;
beforeAll(async () => {
  room = await mkdtemp(join(tmpdir(), "vigo-config-file-"));
  await mkdir(join(room, "folder", "server.yaml"), { recursive: true });
  await mkdir(join(room, "circle"));
  await symlink("server.yaml", join(room, "circle", "server.yaml"));
  await mkdir(join(room, "empty"));
  await writeFile(join(room, "other.yaml"), "checkin: {interval: 7m}\n");
});
afterAll(() => removeRoom(room));

const nothing = async () => new Map<string, string>();
const read = (home: string, named?: string) =>
  readSettings(
    homeAt(join(room, home), named === undefined ? {} : { VIGO_CONFIG_FILE: join(room, named) }),
    nothing,
  );

test("may be missing, unless somebody has named it", async () => {
  expect((await read("empty")).checkin.interval).toBe(300_000);
  expect((await read("empty", "other.yaml")).checkin.interval).toBe(420_000);
  const gone = read("empty", "gone.yaml");
  await expect(gone).rejects.toMatchObject({ failure: "missing" });
  await expect(gone).rejects.toThrow(
    `VIGO_CONFIG_FILE names ${join(room, "gone.yaml")}, and it is not there`,
  );
});

test.each([
  ["folder", "it is a folder"],
  ["circle", "its links go round in a circle"],
])("as a %s is refused in words", async (home, why) => {
  const found = read(home);
  await expect(found).rejects.toMatchObject({ failure: "invalid" });
  await expect(found).rejects.toThrow(`${join(room, home, "server.yaml")} cannot be read: ${why}`);
});

test.each([
  ["other.yaml", "it is no folder"],
  ["other.yaml/below", "it is not there"],
])("a home that is %s is refused in words", async (place, why) => {
  const made = prepareFolders(homeAt(join(room, place), {}));
  await expect(made).rejects.toMatchObject({ failure: "invalid" });
  await expect(made).rejects.toThrow(`${join(room, place)} cannot be a home: ${why}`);
});
