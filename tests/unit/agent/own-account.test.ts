/** A task knows as whom it runs, though the agent was told nothing: a service has no USER. */
import { expect, test } from "bun:test";
import { join } from "node:path";
import { ownAccount } from "../../../src/modes/agent/machine/own-account.ts";

const id = (flag: string) => Bun.spawnSync(["id", flag]).stdout.toString().trim();

test("the environment of a task names the account, whatever the environment of the agent says", () => {
  const script = `
    import { runTask } from ${JSON.stringify(join(import.meta.dir, "../../../src/modes/agent/machine/task-process.ts"))};
    const printed = (_, bytes) => process.stdout.write(bytes);
    const command = { argv: ["/bin/sh", "-c", 'echo "$USER $LOGNAME $HOME"'], environment: {}, input: undefined };
    await runTask({ ...command, nice: 0, timeoutMs: 5000, end: new AbortController().signal, printed }, () => {});`;
  for (const env of [{}, { USER: "mallory", LOGNAME: "mallory" }]) {
    const done = Bun.spawnSync([process.execPath, "-e", script], { env });
    const [user, logname, home] = done.stdout.toString().trim().split(" ");
    expect([user, logname, home]).toEqual([id("-un"), id("-un"), ownAccount().home]);
  }
});

test("an account that no file has is called by its number", () => {
  expect(ownAccount(4_000_000_000).name).toBe("4000000000");
});
