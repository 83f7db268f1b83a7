/** Use cases over a store that answers late, as one behind a network does: each waits for what it has asked, and nobody comes between. */
import { expect, test } from "bun:test";
import { readdir } from "node:fs/promises";
import { join } from "node:path";

const root = join(import.meta.dir, "../../..");
const server = "tests/integration/server";
const all = process.env["VIGO_TEST_ALL"] === "1";

/** One of several who ask at once, in the short form. */
const files = async (): Promise<readonly string[]> =>
  all
    ? (await readdir(join(root, server)))
        .filter((name) => name.endsWith(".test.ts"))
        .map((name) => `${server}/${name}`)
    : [`${server}/if-match.test.ts`];

test(
  "the server's own tests hold",
  async () => {
    const preload = "./tests/support/slow-store.ts";
    const patience = `--timeout=${all ? 600_000 : 60_000}`;
    const { VIGO_TEST_ALL: _, ...env } = process.env;
    const child = Bun.spawn(
      [process.execPath, "test", patience, "--preload", preload, ...(await files())],
      { cwd: root, env, stdout: "pipe", stderr: "pipe" },
    );
    const said = (await new Response(child.stderr).text()).split("\n");
    const failed = said.filter((line) => line.startsWith("(fail)"));
    expect([await child.exited, failed]).toEqual([0, []]);
    expect(said.filter((line) => line.startsWith("(pass)")).length).toBeGreaterThan(3);
  },
  all ? 5_400_000 : 120_000,
);
