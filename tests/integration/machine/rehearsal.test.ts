/**
 * The machine in memory of a dry run, beside the real one: whatever is done to both, both answer and refuse alike. It leaves no trace
 * on the real one.
 */
import { afterEach, beforeEach, expect, test } from "bun:test";
import fs from "node:fs";
import os from "node:os";
import fc from "fast-check";
import { overlaidHost } from "../../../src/core/converge/overlaid-acts.ts";
import { overlaidQuestions } from "../../../src/core/converge/overlaid-questions.ts";
import { Overlay } from "../../../src/core/converge/overlay.ts";
import { Unforeseen, VigoError } from "../../../src/core/errors.ts";
import type { Host } from "../../../src/core/host.ts";
import { machine } from "../../../src/modes/agent/machine/machine.ts";

let root: string;
let folder: string;
beforeEach(() => {
  root = fs.realpathSync(fs.mkdtempSync(`${os.tmpdir()}/vigo-rehearsal-`));
  folder = `${root}/x`;
});
afterEach(() => fs.rmSync(root, { recursive: true, force: true }));

/** As each round finds it: files, folders, links within and out of them. */
function begin(): void {
  fs.rmSync(folder, { recursive: true, force: true });
  fs.mkdirSync(`${folder}/a/b`, { recursive: true });
  fs.writeFileSync(`${folder}/a/f`, "old f\n", { mode: 0o640 });
  fs.writeFileSync(`${folder}/a/b/g`, "old g\n");
  fs.symlinkSync("a/b", `${folder}/l`);
  fs.symlinkSync(`${folder}/a/f`, `${folder}/a/b/m`);
  fs.symlinkSync("nowhere", `${folder}/n`);
}

const rehearsing = (): Host => {
  const base = machine();
  const tree = new Overlay(base);
  return overlaidHost(overlaidQuestions(base, tree), tree);
};

const name = fc.constantFrom("a", "b", "f", "g", "l", "m", "n", "new");
const path = fc
  .array(name, { minLength: 1, maxLength: 3 })
  .map((names) => `${folder}/${names.join("/")}`);
const mode = fc.constantFrom(0o700, 0o644, 0o4755, 0o6751, 0o755);
const bytes = fc.constantFrom("", "one\n", "two\n").map((text) => new TextEncoder().encode(text));
type Act = readonly [told: string, act: (host: Host) => Promise<void>];
const act: fc.Arbitrary<Act> = fc.oneof(
  fc
    .tuple(path, bytes, fc.option(mode, { nil: undefined }))
    .map(([at, content, bits]): Act => [
      `write ${at} ${bits?.toString(8)}`,
      (host) => host.write(at, content, bits === undefined ? {} : { mode: bits }),
    ]),
  path.map((at): Act => [`mkdir ${at}`, (host) => host.mkdir(at)]),
  fc
    .tuple(path, fc.boolean())
    .map(([at, recursive]): Act => [
      `remove ${at} ${recursive}`,
      (host) => host.remove(at, { recursive }),
    ]),
  fc
    .tuple(path, fc.oneof(path, fc.constantFrom("a", "../a/f", "b/../f")))
    .map(([at, to]): Act => [`symlink ${at} ${to}`, (host) => host.symlink(at, to)]),
  fc
    .tuple(path, path)
    .map(([at, to]): Act => [`rename ${at} ${to}`, (host) => host.rename(at, to)]),
  fc.tuple(path, path).map(([at, to]): Act => [`link ${at} ${to}`, (host) => host.link(at, to)]),
  fc.tuple(path, mode).map(([at, bits]): Act => [`chmod ${at}`, (host) => host.chmod(at, bits)]),
  // Whose folder a link is in decides whether it is followed: that is the real machine's to know.
  fc
    .constantFrom("a/f", "a/b/g")
    .map((at): Act => [`chown ${at}`, (host) => host.chown(`${folder}/${at}`, 7, 8)]),
);

/** How it ended; what nobody foresees as undefined. */
async function ended(work: Promise<unknown>): Promise<string | undefined> {
  try {
    await work;
    return "done";
  } catch (error) {
    if (error instanceof Unforeseen) return undefined;
    if (error instanceof VigoError) return error.message;
    throw error;
  }
}

/** All that can be asked about everything below. */
async function seen(host: Host, at: string): Promise<readonly unknown[]> {
  const { kind, mode: bits, uid, gid, links, target } = (await host.stat(at)) ?? {};
  const isFolder = kind === "directory";
  const own = kind === "symlink" ? { kind, target } : { kind, bits, uid, gid };
  const behind = await answer(host.stat(at, { follow: true }).then((found) => found?.kind));
  const text = isFolder
    ? ""
    : await answer(host.read(at).then((found) => found && new TextDecoder().decode(found)));
  const sum = isFolder ? "" : await answer(host.digest(at));
  const all: unknown[] = [[at, own, isFolder ? 0 : links, behind, text, sum]];
  for (const below of isFolder ? ((await host.list(at)) ?? []) : [])
    all.push(...(await seen(host, `${at}/${below}`)));
  return all;
}

/** Behind a link that is in memory alone, the real machine is asked by the name of what it leads to. */
const answer = (asked: Promise<string | undefined>) =>
  asked.catch((error: Error) => error.message.replaceAll(/\/[^\s:]+/g, "PATH"));

test("the machine in memory ends every act as the real one, and then answers as that", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(act, { minLength: 1, maxLength: 8 }), async (acts) => {
      begin();
      const memory = rehearsing();
      const foreseen: string[] = [];
      for (const [told, deed] of acts) {
        const how = await ended(deed(memory));
        // What is not foreseen ends a rehearsal.
        if (how === undefined) break;
        foreseen.push(`${told}: ${how}`);
      }
      const then = await seen(memory, folder);
      const real = machine();
      const happened: string[] = [];
      for (const [told, deed] of acts.slice(0, foreseen.length))
        happened.push(`${told}: ${await ended(deed(real))}`);
      expect(happened).toEqual(foreseen);
      expect(await seen(real, folder)).toEqual(then);
    }),
    { numRuns: process.env["VIGO_TEST_ALL"] === "1" ? 2_000 : 60 },
  );
});

test("nothing of it is on the real machine", async () => {
  begin();
  const before = await seen(machine(), folder);
  const memory = rehearsing();
  await memory.write(`${folder}/a/f`, new TextEncoder().encode("other\n"));
  await memory.mkdir(`${folder}/new`);
  await memory.symlink(`${folder}/a/s`, "f");
  await memory.rename(`${folder}/a/b/g`, `${folder}/a/h`);
  await memory.remove(`${folder}/l`);
  await memory.chmod(`${folder}/a`, 0o700);
  expect(await seen(memory, folder)).not.toEqual(before);
  expect(await seen(machine(), folder)).toEqual(before);
});
