/**
 * What a resource type goes through on a real host, by `vigo agent apply`: the first run changes, the second changes nothing, what
 * somebody broke by hand is found and mended, absent takes away; a dry run before each says what then happens. Must not know types.
 */
import { expect } from "bun:test";
import type { RunReport } from "../../src/core/converge/report.ts";
import { applying } from "./applying.ts";
import { killsOf, killThrough } from "./killed.ts";
import { type Machine, takesLong } from "./machine.ts";
import { proven } from "./proof.ts";

export interface Life {
  /** How somebody left the host, where the usual is not enough. */
  readonly before?: string;
  /** Resources as YAML flow maps, one a line. */
  readonly wish: readonly string[];
  /** What is asked of the host afterwards, and its answer. */
  readonly ask: string;
  readonly stands: string;
  /**
   * What somebody does by hand, by what it spoils: `motd.mode copy.owner` are resources with their parameters, and no others may find
   * it. Each of them is a shell text that works alone, and after those before it.
   */
  readonly harm: Readonly<Record<string, string>>;
  /** What somebody does that is as good as what was wished. */
  readonly mild?: string;
  /** Takes everything away. */
  readonly away: readonly string[];
  readonly gone: string;
}

/** A life with what is known once its host is there, in the place of words in capitals: `URL`. */
export const filled = (life: Life, known: Readonly<Record<string, string>>): Life =>
  JSON.parse(
    JSON.stringify(life).replace(/(?<![A-Z_])[A-Z]{3,}(?![A-Z_])/g, (word) =>
      JSON.stringify(known[word] ?? word).slice(1, -1),
    ),
  ) as Life;

const told = ({ resources }: RunReport, outcome: string) =>
  resources
    .filter((resource) => resource.outcome !== "ok")
    .map(({ key: name, outcome: is, reason, changes }) => ({
      name: name.replace(/^[^/]*\//, ""),
      outcome: is === outcome ? "as expected" : `${is}: ${reason ?? ""}`,
      changes,
    }));

type Told = ReturnType<typeof told>;

/** A dry run, then the run: the same is said and done. A second one has nothing to do. */
async function settle(host: Machine, crate: string, resources: readonly string[]): Promise<Told> {
  const apply = applying(host);
  const dry = told(await apply(crate, resources, "--dry-run"), "pending");
  const done = told(await apply(crate, resources), "changed");
  expect(done).toEqual(dry);
  const again = await apply(crate, resources);
  expect([again.outcome, told(again, "")]).toEqual(["ok", []]);
  return done;
}

/** One round with everything spoilt at once; in the long form one for each harm by itself before it. */
export const roundsOf = ({ harm }: Life): readonly (readonly (readonly [string, string])[])[] => {
  const all = Object.entries(harm);
  const isLong = process.env["VIGO_TEST_ALL"] === "1" && all.length > 1;
  return isLong ? [...all.map((one) => [one]), all] : [all];
};

/** In the long forms each of them has some twenty times as much to go through. */
export const lifeTimeoutMs = takesLong ? 3_600_000 : 300_000;

/** `kills`: how many of its runs are killed in the usual form of the tests. */
export async function liveThrough(
  host: Machine,
  name: string,
  life: Life,
  kills = 0,
): Promise<void> {
  const crate = name.replace(/\W+/g, "-");
  if (life.before !== undefined) await host.sh(life.before);
  const made = await settle(host, crate, life.wish);
  expect(made.map(({ outcome }) => outcome)).toEqual(life.wish.map(() => "as expected"));
  expect(await host.sh(life.ask)).toBe(life.stands);

  if (life.mild !== undefined) {
    await host.sh(life.mild);
    expect(told(await applying(host)(crate, life.wish), "")).toEqual([]);
  }
  for (const round of roundsOf(life)) await mend(host, crate, life, round);
  await killThrough(host, crate, life, killsOf(host, kills));

  await settle(host, crate, life.away);
  expect((await host.run(["sh", "-c", life.gone])).stdout).toBe("");
  const found = foundIn(life, Object.keys(life.harm));
  proven(host, ...found.map((found) => typeOf(life, found)));
}

async function mend(
  host: Machine,
  crate: string,
  life: Life,
  round: readonly (readonly [string, string])[],
): Promise<void> {
  const spoilt = round.map(([what]) => what);
  await host.sh(round.map(([, text]) => `(${text}\n)`).join("\n"), { timeoutMs: 600_000 });
  const mended = await settle(host, crate, life.wish);
  expect([spoilt, mended.map(({ name: key }) => key)]).toEqual([
    spoilt,
    [...foundIn(life, spoilt)],
  ]);
  const causes: readonly string[] = mended.flatMap(({ changes }) =>
    changes.map(({ cause }) => cause),
  );
  expect(causes).not.toContain("intent");
  expect([spoilt, await host.sh(life.ask)]).toEqual([spoilt, life.stands]);
}

const nameIn = (line: string) => /\bname: ['"]?([\w-]+)/.exec(line)?.[1] ?? "";

/** Names of the resources that find these harms, in the order of the wish. */
const foundIn = ({ wish }: Life, spoilt: readonly string[]): readonly string[] => {
  const names = new Set(spoiltBy(spoilt).map(([name]) => name));
  return wish.map(nameIn).filter((name) => names.has(name));
};

/** Resource and parameter. */
const spoiltBy = (spoilt: readonly string[]): readonly (readonly [string, string])[] =>
  spoilt.flatMap((words) =>
    words.split(" ").map((word) => {
      const [name = "", parameter = ""] = word.split(".");
      return [name, parameter] as const;
    }),
  );

const typeOf = ({ wish }: Life, name: string): string => {
  const line = wish.find((one) => nameIn(one) === name) ?? "";
  return /\btype: (\w+)/.exec(line)?.[1] ?? "";
};

export interface Spoilt {
  readonly type: string;
  readonly parameter: string;
  /** The resource as it is wished. */
  readonly line: string;
}

/** Every parameter that this life spoils. */
export const spoiltIn = (life: Life): readonly Spoilt[] =>
  spoiltBy(Object.keys(life.harm)).map(([name, parameter]) => {
    const line = life.wish.find((one) => nameIn(one) === name) ?? "";
    return { type: typeOf(life, name), parameter, line };
  });
