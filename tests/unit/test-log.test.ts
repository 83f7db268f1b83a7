import { expect, test } from "bun:test";
import { TestLog } from "../../scripts/test-log.ts";

/** What is shown of these lines, where each line takes a second. */
function shown(...lines: readonly string[]) {
  let now = 0;
  const log = new TestLog(() => now);
  const out = lines.flatMap((line) => {
    now += 1000;
    return log.take(line);
  });
  return { out: [...out, ...log.end()], failed: log.failed, counts: log.counts };
}

const good = ["bun test v1", "", "tests/a.test.ts:", "server ready", "(pass) one [1.00ms]"];
const end = [" 2 pass", " 1 skip", " 3 fail", "Ran 2 tests across 2 files. [1.00s]"];

test("of a good file one line stays, and what is skipped is said", () => {
  const { out, failed, counts } = shown(
    ...good,
    "(skip) two",
    "tests/b.test.ts:",
    'text without an end(pass) what "(fail) four" means [1.00ms]',
    ...end,
  );
  expect(out).toEqual([
    "tests/a.test.ts: 1 passed (4.0 s)",
    "(skip) two",
    "tests/b.test.ts: 1 passed (2.0 s)",
  ]);
  expect(failed).toEqual([]);
  expect(counts).toEqual({ pass: 2, fail: 3, skip: 1 });
});

test.each(["(fail) two [1.00ms]", "# Unhandled error between tests", "said(fail) two"])(
  "all of a file with %j is shown, of the others nothing",
  (line) => {
    const { out, failed } = shown(
      ...good,
      "tests/b.test.ts:",
      "(pass) three [1.00ms]",
      "server says why",
      line,
      ...end,
      "1 tests failed:",
      line,
    );
    expect(out).toEqual([
      "tests/a.test.ts: 1 passed (3.0 s)",
      "",
      "tests/b.test.ts:",
      "(pass) three [1.00ms]",
      "server says why",
      line,
    ]);
    expect(failed).toEqual(["tests/b.test.ts"]);
  },
);

test("the last words of a runner that died are shown", () => {
  const { out, failed } = shown(...good, "panic: out of luck");
  expect(out).toEqual(["", "tests/a.test.ts:", ...good.slice(3), "panic: out of luck"]);
  expect(failed).toEqual(["tests/a.test.ts"]);
});
