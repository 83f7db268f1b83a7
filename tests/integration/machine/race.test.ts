/** Somebody swaps a folder, or a file, for a link to what is not theirs, as fast as they can, while root works in it. */
import { describe, expect, test } from "bun:test";
import fs from "node:fs";
import { VigoError } from "../../../src/core/errors.ts";
import { bytes, isRoot, stranger, workshop } from "./workshop.ts";

const { host, fresh } = workshop();
const canRace = isRoot && Bun.which("perl") !== null && Bun.which("setpriv") !== null;

/** Swaps `sub` for a link, and `sub/file` for another, until it is told to stop; prints how often. */
const swapper = `
  $SIG{TERM} = sub { print "$n\\n"; exit };
  open S, ">", "ready"; close S;
  for ($n = 0;; $n++) {
    rename "sub", "real"; symlink "../outside", "sub";
    unlink "sub"; rename "real", "sub";
    rename "sub/file", "sub/aside"; symlink "../../outside/victim", "sub/file";
    unlink "sub/file"; rename "sub/aside", "sub/file";
  }`;

async function raced(work: (path: string, round: number) => Promise<unknown>) {
  const at = fresh();
  fs.mkdirSync(`${at}/outside`);
  fs.writeFileSync(`${at}/outside/victim`, "root's", { mode: 0o600 });
  fs.mkdirSync(`${at}/home/sub`, { recursive: true });
  fs.writeFileSync(`${at}/home/sub/file`, "own");
  for (const path of ["home", "home/sub", "home/sub/file"])
    fs.chownSync(`${at}/${path}`, stranger, stranger);
  const as = ["setpriv", `--reuid=${stranger}`, `--regid=${stranger}`, "--clear-groups"];
  const enemy = Bun.spawn([...as, "perl", "-e", swapper], { cwd: `${at}/home`, stdout: "pipe" });
  const counts = { done: 0, refused: 0, swaps: 0 };
  try {
    const [least, most] = [Date.now() + 1_500, Date.now() + 20_000];
    while (!fs.existsSync(`${at}/home/ready`) && Date.now() < most) await Bun.sleep(1);
    // On a busy machine the swapper may have the processor for itself for a while.
    const goesOn = () =>
      Date.now() < least || (Date.now() < most && (counts.done <= 10 || counts.refused === 0));
    for (let round = 0; goesOn(); round += 1)
      try {
        await work(`${at}/home/sub/file`, round);
        counts.done += 1;
      } catch (error) {
        if (!(error instanceof VigoError)) throw error;
        counts.refused += 1;
      }
  } finally {
    enemy.kill("SIGTERM");
    await enemy.exited;
  }
  counts.swaps = Number(await new Response(enemy.stdout).text());
  const victim = fs.statSync(`${at}/outside/victim`);
  return {
    counts,
    left: fs.readdirSync(`${at}/outside`),
    victim,
    text: fs.readFileSync(`${at}/outside/victim`, "utf8"),
  };
}

describe.skipIf(!canRace)("a race with the owner of the folder", () => {
  test.each([
    [
      "write",
      (path: string, n: number) =>
        host.write(path, bytes(`round ${n}`), { uid: stranger, gid: stranger }),
    ],
    [
      "chmod and chown",
      async (path: string) => {
        await host.chmod(path, 0o666);
        await host.chown(path, stranger, stranger);
      },
    ],
    [
      "a command that takes a path",
      (path: string) =>
        host.held([path], async (names) => {
          const { code } = await host.run({ argv: ["chmod", "666", "--", ...names] });
          expect(code).toBe(0);
        }),
    ],
    [
      "mkdir and remove",
      async (path: string, n: number) => {
        await host.mkdir(`${path}.d${n}`, { uid: stranger, gid: stranger });
        await host.remove(`${path}.d${n}`, { recursive: true });
      },
    ],
  ] as const)(
    "%s never reaches what is not theirs",
    async (_, work) => {
      const { counts, left, victim, text } = await raced(work);
      expect(counts.swaps).toBeGreaterThan(100);
      expect(counts.done).toBeGreaterThan(10);
      expect(counts.refused).toBeGreaterThan(0);
      expect([left, text]).toEqual([["victim"], "root's"]);
      expect(victim).toMatchObject({ uid: 0, gid: 0 });
      expect(victim.mode & 0o777).toBe(0o600);
    },
    30_000,
  );

  test("what is read was theirs", async () => {
    const seen = new Set<string>();
    await raced(async (path) => {
      const found = await host.read(path);
      if (found !== undefined) seen.add(new TextDecoder().decode(found));
    });
    expect([...seen]).toEqual(["own"]);
  }, 30_000);
});
