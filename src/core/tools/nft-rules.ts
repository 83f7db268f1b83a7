/**
 * Single rules in a table of our own, where no other firewall is: `inet vigo`, running and in a file for the next boot. Rules stand
 * in the order of their priority, which their comments carry. Must not know why. Rules of other tables are not overruled by an
 * `allow` of this one: nftables asks them all.
 */
import type { Host, ReadHost } from "../host.ts";
import { fileText } from "./file-text.ts";
import { familiesOf, type Firewall, inWords, oneDifference, type Rule } from "./firewall-rule.ts";
import { editDifference, writeEdit } from "./edited-file.ts";
import { load, replacing, wayBack } from "./nft.ts";
import { nftFolder, nftInclude, storeNft } from "./nft-boot.ts";
import { verified } from "./verified.ts";

const table = { family: "inet", name: "vigo" };
const file = `${nftFolder}/inet-vigo.nft`;
const usual = 500;

/** The answer of a rule that knows its family is listed with it. */
function verdictOf(rule: Rule): string {
  if (rule.action !== "reject") return rule.action === "allow" ? "accept" : "drop";
  const families = familiesOf(rule);
  const kind = families.length === 2 ? undefined : families[0] === 4 ? "icmp" : "icmpv6";
  return kind === undefined ? "reject" : `reject with ${kind} port-unreachable`;
}

const chainOf = ({ direction }: Rule) => (direction === "in" ? "input" : "output");

/** As nft lists it, so that texts can be compared. */
function matchOf({ from, to, interface: device, direction, proto, port }: Rule): string {
  const address = (side: string, at: string | undefined) =>
    at === undefined ? [] : [`${at.includes(":") ? "ip6" : "ip"} ${side} ${at}`];
  return [
    ...(device === undefined ? [] : [`${direction === "in" ? "iifname" : "oifname"} "${device}"`]),
    ...address("saddr", from),
    ...address("daddr", to),
    proto === "any" ? `meta l4proto { tcp, udp } th dport ${port}` : `${proto} dport ${port}`,
  ].join(" ");
}

function lineOf(rule: Rule): string {
  const note = `${rule.priority ?? usual}${rule.comment === undefined ? "" : ` ${rule.comment}`}`;
  return `${matchOf(rule)} ${verdictOf(rule)} comment "${note}"`;
}

interface Line {
  readonly chain: string;
  readonly text: string;
  readonly handle: string;
}

/** Of what `nft list` prints, or of our file. */
export function linesOf(listed: string): readonly Line[] {
  const found: Line[] = [];
  let chain = "";
  for (const line of listed.split("\n")) {
    chain = /^\s*chain (\S+) \{/.exec(line)?.[1] ?? chain;
    const [, text, handle = ""] =
      /^\s*(\S.* (?:accept|drop|reject[\w -]*) comment ".*?")(?: # handle (\d+))?$/.exec(line) ??
      [];
    if (text !== undefined) found.push({ chain, text, handle });
  }
  return found;
}

const priorityOf = ({ text }: Line) => Number(/ comment "(-?\d+)/.exec(text)?.[1] ?? usual);

/** This match with any verdict and comment. */
const isRelated = (rule: Rule) => (line: Line) =>
  line.chain === chainOf(rule) &&
  line.text.startsWith(`${matchOf(rule)} `) &&
  /^(?:accept|drop|reject[\w -]*) comment "/.test(line.text.slice(matchOf(rule).length + 1));

async function running(host: ReadHost): Promise<readonly Line[]> {
  const argv = ["nft", "-a", "list", "table", table.family, table.name];
  const { code, stdout } = await host.query({ argv });
  return code === 0 ? linesOf(stdout) : [];
}

const stored = async (host: ReadHost) => linesOf((await fileText(host, file)) ?? "");

/** Of several lines with one match, and none or another wish, in the order they stand. */
const isRight = (lines: readonly Line[], wanted: string | undefined) =>
  lines.length === (wanted === undefined ? 0 : 1) && lines.every(({ text }) => text === wanted);

export const nftRules: Firewall = {
  async differences(host, rule, wanted) {
    const now = (await running(host)).filter(isRelated(rule));
    const later = (await stored(host)).filter(isRelated(rule));
    const line = wanted ? lineOf(rule) : undefined;
    // Whoever writes the file sees to its being included too.
    if (isRight(now, line) && isRight(later, line))
      return wanted ? await editDifference(host, "boot", nftInclude(host)) : [];
    const to = wanted ? inWords(rule) : undefined;
    const half = isRight(now, line) ? "not at boot" : isRight(later, line) ? "not running" : "";
    const others = [...now, ...later].filter(({ text }) => text !== line).map(({ text }) => text);
    const from = [...new Set(others)].join("\n") || (wanted && half !== "" ? half : undefined);
    return oneDifference(from, to);
  },

  async apply(host, rule, wanted, proof) {
    await verified<Former>(host, {
      ...proof,
      former: async (kept) =>
        kept ?? { back: await wayBack(host, table), text: await fileText(host, file) },
      work: async () => {
        await load(host, await orders(host, rule, wanted));
        await store(host, rule, wanted);
        if (wanted) await writeEdit(host, nftInclude(host));
      },
      back: async ({ back, text }) => {
        await load(host, back);
        await storeNft(host, { path: file, text, mode: "0644" });
      },
    });
  },
};

interface Former {
  /** For `nft -f`. */
  readonly back: string;
  /** Of our file; undefined where there is none. */
  readonly text?: string | undefined;
}

const chains = ["input", "output"] as const;
const hook = (chain: string) => `type filter hook ${chain} priority filter; policy accept;`;

/** One transaction: former lines of this match go, and the new one comes before those of a higher number. */
async function orders(host: ReadHost, rule: Rule, wanted: boolean): Promise<string> {
  const all = (await running(host)).filter(({ chain }) => chain === chainOf(rule));
  const mine = all.filter(isRelated(rule));
  const next = all.find(
    (line) => !mine.includes(line) && priorityOf(line) > (rule.priority ?? usual),
  );
  const at = `rule inet vigo ${chainOf(rule)}`;
  const place = next === undefined ? `add ${at}` : `insert ${at} position ${next.handle}`;
  return [
    "add table inet vigo",
    ...chains.map((chain) => `add chain inet vigo ${chain} { ${hook(chain)} }`),
    ...mine.map(({ handle }) => `delete ${at} handle ${handle}`),
    ...(wanted ? [`${place} ${lineOf(rule)}`] : []),
    "",
  ].join("\n");
}

async function store(host: Host, rule: Rule, wanted: boolean): Promise<void> {
  const others = (await stored(host)).filter((line) => !isRelated(rule)(line));
  const chain = chainOf(rule);
  const own = wanted ? [{ chain, text: lineOf(rule), handle: "" }] : [];
  const all = [...others, ...own].sort((a, b) => priorityOf(a) - priorityOf(b));
  const body = chains.map((name) => {
    const rules = all.filter((line) => line.chain === name).map(({ text }) => `\t\t${text}\n`);
    return `\tchain ${name} {\n\t\t${hook(name)}\n${rules.join("")}\t}`;
  });
  const text = all.length === 0 ? undefined : replacing(table, body.join("\n"));
  await storeNft(host, { path: file, text, mode: "0644" });
}
