/** An agent is killed while its commands are under way: who comes after it waits for those that outlive it, and stops the others. */
import { afterEach, describe, expect, test } from "bun:test";
import fs from "node:fs";
import type { Command } from "../../../src/core/host.ts";
import { settleLeft } from "../../../src/modes/agent/machine/at-work.ts";
import { machine } from "../../../src/modes/agent/machine/machine.ts";
import { markOf } from "../../../src/modes/agent/machine/orphans.ts";
import { holdsFolders } from "../../../src/modes/agent/machine/walk.ts";
import { workshop } from "./workshop.ts";

const { fresh } = workshop();
const machinePath = Bun.resolveSync("../../../src/modes/agent/machine/machine.ts", import.meta.dir);

/** Process groups to end, whatever a test has come to. */
const groups: number[] = [];
afterEach(() => {
  for (const group of groups.splice(0))
    try {
      process.kill(-group, "SIGKILL");
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
    }
});

/** Runs a command in an agent of its own until it is `ready` there, and kills the agent. Gives the folder of its notes. */
async function killedWhile(at: string, command: Command): Promise<string> {
  const notes = `${at}/at-work`;
  const script = `
    import { machine } from ${JSON.stringify(machinePath)};
    await machine({ atWork: ${JSON.stringify(notes)} }).run(${JSON.stringify(command)});`;
  const agent = Bun.spawn([process.execPath, "-e", script]);
  const deadline = Date.now() + 20_000;
  const isUnderWay = () => fs.existsSync(`${at}/ready`) && fs.existsSync(notes);
  while (!isUnderWay() && Date.now() < deadline) await Bun.sleep(10);
  agent.kill("SIGKILL");
  await agent.exited;
  groups.push(...fs.readdirSync(notes).map(Number));
  return notes;
}

const settled = async (notes: string) => {
  const said: string[] = [];
  await settleLeft(notes, (message) => void said.push(message.replace(/\d+/g, "N")));
  return said;
};

describe.skipIf(!holdsFolders)("what a killed agent leaves at work", () => {
  test("is waited for where it is to outlive it", async () => {
    const at = fresh();
    const shell = `touch ${at}/ready; sleep 1; touch ${at}/done`;
    const notes = await killedWhile(at, { argv: { shell }, outlives: true });
    expect(fs.existsSync(`${at}/done`)).toBe(false);
    const said = await settled(notes);
    expect(said).toEqual([
      expect.stringMatching(/^waits for what an earlier run has left at work: sh \(process N\)/),
    ]);
    expect(fs.existsSync(`${at}/done`)).toBe(true);
    expect(fs.readdirSync(notes)).toEqual([]);
  }, 30_000);

  test("is stopped with all it has started where it is not", async () => {
    const at = fresh();
    const shell = `(sleep 5; touch ${at}/late) & touch ${at}/ready; wait`;
    const notes = await killedWhile(at, { argv: { shell } });
    const said = await settled(notes);
    expect(said).toEqual([expect.stringMatching(/^stops what an earlier run/)]);
    expect(() => process.kill(-(groups[0] ?? 0), 0)).toThrow("ESRCH");
    expect(fs.readdirSync(notes)).toEqual([]);
  }, 30_000);

  test("is known by its program alone: what else it was given may be secret", async () => {
    const at = fresh();
    const shell = `touch ${at}/ready; sleep 0.3 # geheim`;
    const notes = await killedWhile(at, { argv: { shell }, outlives: true });
    const [note = ""] = fs.readdirSync(notes);
    expect(fs.readFileSync(`${notes}/${note}`, "utf8")).toMatch(/ outlives sh$/);
    expect(await settled(notes)).toEqual([expect.not.stringContaining("geheim")]);
  }, 30_000);

  test("is nothing where all have ended, were cut short, or were another process of that number", async () => {
    const notes = fresh();
    const now = fs.readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
    const before = now.replace(/[^-]/g, "0");
    const self = `${process.pid} ${markOf(process.pid)?.start}`;
    fs.writeFileSync(`${notes}/1`, `${now} ${process.pid} 1 1 1 ends me`);
    fs.writeFileSync(`${notes}/2`, `${before} ${self} 1 1 outlives me`);
    fs.writeFileSync(`${notes}/3`, `${now} ${process.pid} `);
    expect(await settled(notes)).toEqual([]);
    expect(fs.readdirSync(notes)).toEqual([]);
    expect(await settled(`${notes}/none`)).toEqual([]);
  });

  test("are not those of an agent that lives, as of who starts the one that looks", async () => {
    const at = fresh();
    const host = machine({ atWork: `${at}/at-work` });
    const running = host.run({ argv: { shell: `until [ -e ${at}/go ]; do sleep 0.01; done` } });
    expect(await settled(`${at}/at-work`)).toEqual([]);
    expect(fs.readdirSync(`${at}/at-work`)).toHaveLength(1);
    fs.writeFileSync(`${at}/go`, "");
    expect((await running).code).toBe(0);
  });

  test("leaves no note when it ends with its agent there, and questions make none", async () => {
    const at = fresh();
    const host = machine({ atWork: `${at}/at-work` });
    const shell = `until ls ${at}/at-work | grep .; do sleep 0.01; done`;
    expect((await host.run({ argv: { shell } })).stdout).toMatch(/^\d+\n$/);
    expect(fs.readdirSync(`${at}/at-work`)).toEqual([]);
    expect((await host.query({ argv: ["ls", `${at}/at-work`] })).stdout).toBe("");
  });
});
