/** An agent is killed while a command of its run works on: the next run does not begin beside it. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { existsSync, readFileSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { isAlive } from "../../../src/modes/agent/process-name.ts";
import { run } from "../../support/program.ts";

const main = resolve(import.meta.dir, "../../../src/main.ts");
let room: string;
beforeAll(async () => {
  room = await mkdtemp(join(tmpdir(), "vigo-left-"));
});
afterAll(() => rm(room, { recursive: true, force: true }));

/** Once it has begun before, it has nothing to do. */
const crate = (at: string) => `configcrate: site
resources:
  - name: slow
    type: exec
    command: "[ -s ${at}/begun ] || { echo $$ >${at}/begun; sleep 60; }; touch ${at}/done"
    creates: ${at}/done
`;

describe.skipIf(process.platform !== "linux")("a killed run", () => {
  test("leaves nobody at work when the next one begins", async () => {
    const [file, home] = [join(room, "site.vgo"), join(room, "home")];
    await writeFile(file, crate(room));
    const words = ["agent", "apply", file, "--home", home];
    const first = Bun.spawn([process.execPath, main, ...words], { cwd: room });
    const deadline = Date.now() + 20_000;
    const begun = join(room, "begun");
    const pid = () => (existsSync(begun) ? readFileSync(begun, "utf8") : "");
    // The agent notes it as soon as the system has told its number.
    const isNoted = () => existsSync(join(home, "at-work", pid().trim()));
    while (!(pid().endsWith("\n") && isNoted()) && Date.now() < deadline) await Bun.sleep(10);
    const left = Number(pid());
    expect(isAlive(`${left}`)).toBe(true);
    first.kill("SIGKILL");
    await first.exited;
    const next = await run({ argv: [process.execPath, main], cwd: room }, words);
    expect([next.code, next.err]).toEqual([
      0,
      expect.stringContaining("stops what an earlier run has left at work"),
    ]);
    expect(() => process.kill(-left, 0)).toThrow("ESRCH");
  }, 60_000);
});
