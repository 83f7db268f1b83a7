import { describe, expect, test } from "bun:test";
import { execFileSync } from "node:child_process";
import fs from "node:fs";
import { gzipSync } from "node:zlib";
import { converge } from "../../../src/core/resource.ts";
import { archive } from "../../../src/core/resources/archive.ts";
import { planUnpacking } from "../../../src/core/tools/unpack.ts";
import { still } from "../../support/cases.ts";
import { tar } from "../../support/tar.ts";
import { workshop } from "./workshop.ts";

const { host, fresh } = workshop();
const long = `${"long-".repeat(40)}é`;

/** A folder with what archives have, and a second one to unpack into. */
function made() {
  const folder = fresh();
  fs.mkdirSync(`${folder}/top/sub`, { recursive: true });
  fs.mkdirSync(`${folder}/out`);
  fs.writeFileSync(`${folder}/top/sub/${long}`, "x".repeat(100_000));
  fs.writeFileSync(`${folder}/top/run`, "#!/bin/sh\n", { mode: 0o755 });
  fs.writeFileSync(`${folder}/top/empty`, "");
  fs.symlinkSync("sub", `${folder}/top/link`);
  return folder;
}

const unpack = async (folder: string, source: string) => {
  const wish = { target_path: `${folder}/out`, source_path: source, strip_components: 1 };
  const turn = { ...still, type: archive, params: archive.params.parse(wish), host };
  const first = await converge(turn);
  return { first, second: await converge(turn), turn };
};

/** By diff(1): contents, links and names. */
const same = (folder: string) =>
  execFileSync("sh", ["-c", 'diff -r -x ".vigo-archive-*" "$1/top" "$1/out"', "sh", folder]);

const has = (program: string) => Bun.which(program) !== null;

describe("a real archive", () => {
  const tars = {
    tar: [],
    "tar.gz": ["-z"],
    "tar.bz2": ["-j"],
    "tar.xz": ["-J"],
    "tar.zst": ["--zstd"],
  };
  for (const [ending, flags] of Object.entries(tars))
    for (const format of ["gnu", "pax", "ustar"])
      test.skipIf(!has("tar"))(
        `${ending} by GNU tar, ${format}`,
        async () => {
          const folder = made();
          fs.linkSync(`${folder}/top/run`, `${folder}/top/same`);
          if (format === "ustar")
            fs.renameSync(`${folder}/top/sub/${long}`, `${folder}/top/sub/short`);
          execFileSync("tar", [
            "-C",
            folder,
            `--format=${format}`,
            ...flags,
            "-cf",
            `${folder}/a`,
            "top",
          ]);
          const { first, second } = await unpack(folder, `${folder}/a`);
          expect([first.outcome, second]).toEqual(["changed", { outcome: "ok" }]);
          same(folder);
          expect(fs.statSync(`${folder}/out/run`).mode & 0o7777).toBe(0o755);
          expect(fs.statSync(`${folder}/out/same`).ino).toBe(fs.statSync(`${folder}/out/run`).ino);
          expect(fs.readlinkSync(`${folder}/out/link`)).toBe("sub");
        },
        30_000,
      );

  test.skipIf(!has("zip"))(
    "zip by Info-ZIP, and gone again",
    async () => {
      const folder = made();
      execFileSync("zip", ["-q", "-r", "--symlinks", `${folder}/a.zip`, "top"], { cwd: folder });
      const { first, second, turn } = await unpack(folder, `${folder}/a.zip`);
      expect([first.outcome, second]).toEqual(["changed", { outcome: "ok" }]);
      same(folder);
      fs.writeFileSync(`${folder}/out/mine`, "");
      const params = archive.params.parse({ ...turn.params, state: "absent" });
      expect((await converge({ ...turn, params })).outcome).toBe("changed");
      expect(fs.readdirSync(`${folder}/out`)).toEqual(["mine"]);
    },
    30_000,
  );

  test.skipIf(!has("zip"))(
    "that was damaged is refused",
    async () => {
      const folder = made();
      execFileSync("zip", ["-q", "-0", "-r", `${folder}/a.zip`, "top"], { cwd: folder });
      const bytes = fs.readFileSync(`${folder}/a.zip`);
      bytes[bytes.indexOf("xxxx")] = 0x79;
      fs.writeFileSync(`${folder}/a.zip`, bytes);
      const { first } = await unpack(folder, `${folder}/a.zip`);
      expect(first).toMatchObject({
        outcome: "failed",
        reason: expect.stringContaining("is not what its checksum says"),
      });
    },
    30_000,
  );

  test("that grows beyond measure is refused before anything is written", async () => {
    const bomb = gzipSync(tar([{ name: "zeros", body: "\0".repeat(80 * 1024 ** 2) }]));
    const limits = { entries: 10, bytes: 2 ** 40, growth: 10 };
    await expect(planUnpacking(bomb, 0, limits)).rejects.toThrow("unpacks to more than");
    const many = Buffer.from(tar(Array.from({ length: 11 }, (_, at) => ({ name: `f${at}` }))));
    await expect(planUnpacking(many, 0, limits)).rejects.toThrow("more than 10 entries");
  }, 30_000);
});
