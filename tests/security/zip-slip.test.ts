/** Archives that want to write elsewhere than where they are unpacked, on a real file system: nothing of them is written at all. */
import { describe, expect, test } from "bun:test";
import fs from "node:fs";
import { gzipSync } from "node:zlib";
import { unpack } from "../../src/core/tools/unpack.ts";
import { refusal, workshop } from "../integration/machine/workshop.ts";
import { tar, type TarEntry } from "../support/tar.ts";
import { zip } from "./zip.ts";

const { host, fresh } = workshop();

/** A folder to unpack into, and beside it one that is none of the archive's business. */
function room() {
  const folder = fresh();
  fs.mkdirSync(`${folder}/out`);
  fs.mkdirSync(`${folder}/beside`);
  fs.writeFileSync(`${folder}/beside/kept`, "before");
  return folder;
}

const everything = (folder: string) =>
  (fs.readdirSync(folder, { recursive: true }) as string[])
    .sort()
    .map((path) => [
      path,
      fs.lstatSync(`${folder}/${path}`).isFile()
        ? fs.readFileSync(`${folder}/${path}`, "utf8")
        : "",
    ]);

const good = { name: "good", body: "good" };

const evil: readonly [what: string, entries: (folder: string) => readonly TarEntry[]][] = [
  ["a name with ..", () => [{ name: "../beside/kept", body: "x" }]],
  ["a name with .. in its middle", () => [{ name: "a/../../beside/kept", body: "x" }]],
  ["an absolute name", (folder) => [{ name: `${folder}/beside/kept`.slice(0, 99), body: "x" }]],
  ["a name of Windows", () => [{ name: "..\\beside\\kept", body: "x" }]],
  ["a drive of Windows", () => [{ name: "C:/beside", body: "x" }]],
  ["a link out of it", () => [{ name: "l", type: "2", target: "../beside" }]],
  ["an absolute link", (folder) => [{ name: "l", type: "2", target: `${folder}/beside` }]],
  [
    "a link inside, with a name through it",
    () => [
      { name: "d/", type: "5" },
      { name: "l", type: "2", target: "d" },
      { name: "l/x", body: "x" },
    ],
  ],
  ["a hard link to what is outside", () => [{ name: "h", type: "1", target: "../beside/kept" }]],
  [
    "a hard link to a link",
    () => [
      { name: "l", type: "2", target: "good" },
      { name: "h", type: "1", target: "l" },
    ],
  ],
  ["a device", () => [{ name: "null", type: "3" }]],
  ["a pipe", () => [{ name: "pipe", type: "6" }]],
];

describe("a tar with", () => {
  test.each(evil)("%s", async (_, entries) => {
    const folder = room();
    const before = everything(folder);
    const archive = gzipSync(tar([good, ...entries(folder)]));
    expect(await refusal(unpack(host, archive, `${folder}/out`, 0))).toContain(
      "nothing was unpacked",
    );
    expect(everything(folder)).toEqual(before);
  });
});

describe("a zip with", () => {
  const symlink = 0o120777;
  const rows: readonly [string, string, string, number?][] = [
    ["a name with ..", "../beside/kept", "x"],
    ["an absolute name", "/tmp/vigo-evil", "x"],
    ["a name of Windows", "..\\beside\\kept", "x"],
    ["a link out of it", "l", "../beside", symlink],
    ["a name with a zero byte", "good\0../x", "x"],
  ];
  test.each(rows)("%s", async (_, name, body, mode) => {
    const folder = room();
    const before = everything(folder);
    const archive = zip([good, { name, body, ...(mode !== undefined && { mode }) }]);
    expect(await refusal(unpack(host, archive, `${folder}/out`, 0))).toContain(
      "nothing was unpacked",
    );
    expect(everything(folder)).toEqual(before);
  });

  test("nothing of this is unpacked, as the same reader and writer see it", async () => {
    const folder = room();
    expect(await unpack(host, zip([good]), `${folder}/out`, 0)).toEqual(["good"]);
    expect(fs.readFileSync(`${folder}/out/good`, "utf8")).toBe("good");
  });
});

test("a folder that is a link by then is not gone through", async () => {
  const folder = room();
  fs.symlinkSync("../beside", `${folder}/out/d`);
  const archive = new TextEncoder().encode(tar([{ name: "d/kept", body: "after" }]));
  await refusal(unpack(host, archive, `${folder}/out`, 0));
  expect(fs.readFileSync(`${folder}/beside/kept`, "utf8")).toBe("before");
});

test("an archive that grows beyond measure is not unpacked", async () => {
  const folder = room();
  const archive = gzipSync(tar([{ name: "zeros", body: "\0".repeat(80 * 1024 * 1024) }]));
  expect(await refusal(unpack(host, archive, `${folder}/out`, 0))).toContain(
    "unpacks to more than",
  );
  expect(fs.readdirSync(`${folder}/out`)).toEqual([]);
});
