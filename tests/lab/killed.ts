/**
 * A run that is killed in its midst, as by a power cut or by somebody in a hurry: everything is as before or as wished, nothing
 * half; the next run makes it whole and leaves nothing lying about. Must not know types.
 */
import { expect } from "bun:test";
import { applying } from "./applying.ts";
import type { Life } from "./life.ts";
import type { Machine } from "./machine.ts";

/** Where resources of the lives keep what they keep as files. */
const folders = "/etc /srv /opt /usr/local /var/spool/cron /root/.ssh";

/** Mode, owner, group and digest by path. */
type Sight = ReadonlyMap<string, string>;

const look = `at=$(ls -d ${folders} 2>/dev/null || true)
  find $at -xdev -type f ! -path '/opt/vigo/*' -printf '%p\t%m %U %G\n'; echo
  find $at -xdev -type f ! -path '/opt/vigo/*' -print0 | xargs -0 -r sha256sum`;

async function sightOf(host: Machine): Promise<Sight> {
  const [rights = "", digests = ""] = (await host.sh(look)).split("\n\n");
  const digest = new Map(
    digests.split("\n").map((line) => [line.slice(66), line.slice(0, 12)] as const),
  );
  const lines = rights.split("\n").map((line) => line.split("\t"));
  return new Map(lines.map(([path = "", own]) => [path, `${own} ${digest.get(path)}`]));
}

/** What our own programs and those we ask leave beside a file while they make another one. */
const isDraft = (path: string) =>
  /\/\.vigo-new\.[^/]*$|\.vigo-(?:new|old)(?:\/|$)|\.dpkg-(?:new|tmp)$|\.crt\.new$/.test(path);

/**
 * Made in steps, each whole in itself, by the tools that keep them: accounts by shadow's (one without its password yet is locked), what
 * git knows by git.
 */
const isStepwise = (path: string) =>
  /^\/etc\/(?:g?shadow|passwd|group|sub[ug]id)-?$|\/\.git\//.test(path);

/** Neither as it was nor as it is in the end. */
const halfDone = (before: Sight, midst: Sight, after: Sight): readonly string[] =>
  [...new Set([...before.keys(), ...midst.keys(), ...after.keys()])]
    .filter((path) => !isDraft(path) && !isStepwise(path))
    .filter((path) => ![before.get(path), after.get(path)].includes(midst.get(path)))
    .map((path) => `${path}: ${before.get(path)} | ${midst.get(path)} | ${after.get(path)}`);

/** Milliseconds that the run takes when nobody kills it. */
export async function timed(host: Machine, crate: string): Promise<number> {
  const script = `start=$(date +%s%N); ${run(crate)}; echo $((($(date +%s%N) - start) / 1000000))`;
  return Number(await host.sh(script, { timeoutMs: 600_000 }));
}

const run = (crate: string) => `/opt/vigo/vigo agent apply /root/${crate}.vgo >/dev/null 2>&1`;

/** With all that it has started, where systemd can tell what that is; else the agent alone. */
export async function cut(
  host: Machine,
  crate: string,
  ms: number,
  isWhole: boolean,
): Promise<void> {
  const scope = `cut-${Math.random().toString(36).slice(2)}`;
  const started = isWhole ? `systemd-run -q --scope --collect --unit=${scope} ` : "";
  const end = isWhole ? `systemctl kill -s KILL ${scope}.scope` : "kill -KILL $pid";
  await host.sh(
    `${started}${run(crate)} & pid=$!; sleep ${(ms / 1000).toFixed(3)}; ${end} 2>/dev/null || true; wait $pid || true`,
    { timeoutMs: 600_000 },
  );
}

/** How often, of each life: VIGO_KILLS, or as often as the long form of the tests asks. */
export const killsOf = (host: Machine, kills: number): number =>
  Number(process.env["VIGO_KILLS"] ?? (process.env["VIGO_TEST_ALL"] === "1" ? 20 : kills)) /
  (host.kind.endsWith("VM") ? 4 : 1);

/** Every round spoils one thing, and kills its mending later than the round before. */
export async function killThrough(
  host: Machine,
  crate: string,
  life: Life,
  kills: number,
): Promise<void> {
  const harms = Object.entries(life.harm);
  const hasSystemd = await host.exists("/run/systemd/system");
  const longest: number[] = [];
  for (let round = 0; round < kills; round++) {
    const at = round % harms.length;
    const [spoilt = "", harm = ""] = harms[at] ?? [];
    if (longest[at] === undefined) {
      await host.sh(harm);
      longest[at] = await timed(host, crate);
      await host.sh(life.ask);
    }
    await host.sh(harm);
    const before = await sightOf(host);
    const share = kills === 1 ? 0.6 : 0.15 + (0.85 * round) / (kills - 1);
    const ms = Math.round(longest[at] * share);
    const isWhole = hasSystemd && round % 3 !== 2;
    await cut(host, crate, ms, isWhole);
    const midst = isWhole ? await sightOf(host) : undefined;
    const about = `${spoilt}, killed after ${ms} of ${longest[at]} ms${isWhole ? "" : ", alone"}`;
    await recovers(host, crate, life, about);
    const after = await sightOf(host);
    const half = midst === undefined ? [] : halfDone(before, midst, after);
    const drafts = [...after.keys()].filter(isDraft);
    expect([about, half, drafts]).toEqual([about, [], []]);
  }
}

/** The next run makes it whole, and the one after has nothing to do. */
async function recovers(host: Machine, crate: string, life: Life, about: string): Promise<void> {
  const said = async () => {
    const { outcome, resources } = await applying(host)(crate, life.wish);
    const wrong = resources.filter((it) => it.outcome === "failed" || it.outcome === "blocked");
    return { outcome, wrong: wrong.map(({ key, reason }) => `${key}: ${reason}`) };
  };
  const { wrong } = await said();
  expect([about, wrong]).toEqual([about, []]);
  expect([about, await host.sh(life.ask)]).toEqual([about, life.stands]);
  expect([about, await said()]).toEqual([about, { outcome: "ok", wrong: [] }]);
}
