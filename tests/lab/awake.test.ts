/** A deadline does not pass while the process that waits is stopped: long tests are frozen while somebody measures. */
import { expect, test } from "bun:test";
import { join } from "node:path";
import { eventually } from "./outside.ts";

const program = `
  import { eventually } from ${JSON.stringify(join(import.meta.dir, "outside.ts"))};
  let asked = 0;
  const answer = () => {
    if (asked++ === 0) console.log("waiting");
    return asked > 20 ? "answered" : undefined;
  };
  console.log(await eventually("an answer", 2_000, answer));
`;

test("whoever is stopped is not late", async () => {
  const child = Bun.spawn([process.execPath, "-e", program], { stdout: "pipe", stderr: "inherit" });
  const told = child.stdout.getReader();
  const next = async () => new TextDecoder().decode((await told.read()).value);
  expect(await next()).toBe("waiting\n");
  child.kill("SIGSTOP");
  const since = performance.now();
  await eventually("time passes", 10_000, () => performance.now() - since > 3_000 || undefined);
  child.kill("SIGCONT");
  expect([await next(), await child.exited]).toEqual(["answered\n", 0]);
}, 30_000);
