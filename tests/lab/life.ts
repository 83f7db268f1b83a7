/**
 * What a resource type goes through on a real host, by `vigo agent apply`: the first run changes, the second changes nothing, what
 * somebody broke by hand is found and mended, absent takes away; a dry run before each says what then happens. Must not know types.
 */
import { expect } from "bun:test";
import type { RunReport } from "../../src/core/converge/report.ts";
import type { Machine } from "./machine.ts";
import { proven } from "./proof.ts";

export interface Life {
  /** Resources as YAML flow maps, one a line. */
  readonly wish: readonly string[];
  /** What is asked of the host afterwards, and its answer. */
  readonly ask: string;
  readonly stands: string;
  /** What somebody does by hand. */
  readonly harm: string;
  /** Resources that find it. */
  readonly found: readonly string[];
  /** Takes everything away. */
  readonly away: readonly string[];
  readonly gone: string;
}

/** One run of a configcrate with these resources, as its report. */
export const applying =
  (host: Machine) =>
  async (
    crate: string,
    resources: readonly string[],
    ...flags: readonly string[]
  ): Promise<RunReport> => {
    const lines = [
      `configcrate: ${crate}`,
      "resources:",
      ...resources.map((line) => `  - ${line}`),
    ];
    await host.put(`/root/${crate}.vgo`, `${lines.join("\n")}\n`);
    const argv = ["/opt/vigo/vigo", "agent", "apply", `/root/${crate}.vgo`, "--json", ...flags];
    const { stdout, stderr } = await host.run(argv, { timeoutMs: 600_000 });
    if (!stdout.startsWith("{")) throw new Error(`${stderr}${stdout}`);
    return JSON.parse(stdout) as RunReport;
  };

const told = ({ resources }: RunReport, outcome: string) =>
  resources
    .filter((resource) => resource.outcome !== "ok")
    .map(({ key: name, outcome: is, reason, changes }) => ({
      name: name.replace(/^[^/]*\//, ""),
      outcome: is === outcome ? "as expected" : `${is}: ${reason ?? ""}`,
      changes: changes.map(({ field, from, to, cause }) => ({ field, from, to, cause })),
    }));

/** A dry run, then the run: the same is said and done. A second one has nothing to do. */
async function settle(host: Machine, crate: string, resources: readonly string[]) {
  const apply = applying(host);
  const dry = told(await apply(crate, resources, "--dry-run"), "pending");
  const done = told(await apply(crate, resources), "changed");
  expect(done).toEqual(dry);
  const again = await apply(crate, resources);
  expect([again.outcome, told(again, "")]).toEqual(["ok", []]);
  return done;
}

export async function liveThrough(host: Machine, name: string, life: Life): Promise<void> {
  const crate = name.replace(/\W+/g, "-");
  const made = await settle(host, crate, life.wish);
  expect(made.map(({ outcome }) => outcome)).toEqual(life.wish.map(() => "as expected"));
  expect(await host.sh(life.ask)).toBe(life.stands);

  await host.sh(life.harm);
  const mended = await settle(host, crate, life.wish);
  expect(mended.map(({ name: key }) => key)).toEqual([...life.found]);
  const causes = mended.flatMap(({ changes }) => changes.map(({ cause }) => cause));
  expect(causes).not.toContain("intent");
  expect(await host.sh(life.ask)).toBe(life.stands);

  await settle(host, crate, life.away);
  expect((await host.run(["sh", "-c", life.gone])).stdout).toBe("");
  proven(host, ...typesOf(life));
}

/** Of the resources that were harmed: what stands beside them is not proven by it. */
const typesOf = ({ wish, found }: Life): readonly string[] =>
  wish.flatMap((line) => {
    const word = (key: string) => new RegExp(`\\b${key}: ['"]?([\\w-]+)`).exec(line)?.[1];
    return found.includes(word("name") ?? "") ? [word("type") ?? ""] : [];
  });
