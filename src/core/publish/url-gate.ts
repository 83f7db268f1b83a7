/**
 * The gate "URLs" (semantics §7): what hosts would fetch must answer before it is published. Only what a publish changes is asked,
 * a few at a time, and not for ever. Must not know who publishes, nor how a request is made.
 */
import { Findings } from "../policy/findings.ts";
import { clip } from "../policy/node.ts";
import type { Subject } from "../policy/model.ts";
import type { Policy } from "../policy/policy.ts";
import type { Problem } from "../problem.ts";
import { networks } from "../network.ts";
import { type Answer, askUrl, type Web } from "./ask-url.ts";
import { Addresses, changedUrls, type UsedUrl } from "./urls.ts";

export interface UrlGate {
  readonly web: Web;
  /** Private networks that may be asked. */
  readonly allow: readonly string[];
  readonly limits?: Partial<typeof usual>;
  /** Told after each answer: so many of all. */
  asked?(done: number, all: number): void;
}

const usual = { each: 5_000, all: 60_000, atOnce: 8, urls: 500 };

export interface UrlFindings {
  readonly problems: readonly Problem[];
  readonly warnings: readonly Problem[];
}

/** The envoys that there are, as often as it is asked for. */
export type Hosts = () => AsyncIterable<Subject>;

/**
 * `before`: what is live; asked for only where there is something to compare. `hosts`: for addresses that differ by host; without
 * them such are not asked, and that is said.
 */
export async function checkUrls(
  policy: Policy,
  before: () => Promise<Policy | undefined>,
  hosts: Hosts | undefined,
  gate: UrlGate,
): Promise<UrlFindings> {
  const found = new Findings();
  const addresses = new Addresses(policy);
  if (addresses.firstOpen !== undefined && hosts === undefined) sayOpen(addresses.firstOpen, found);
  const now = await usedBy(addresses, hosts);
  if (now.size === 0) return found;
  const live = await before();
  const former =
    live === undefined
      ? new Map<string, UsedUrl>()
      : await usedBy(new Addresses(live), addresses.firstOpen && hosts);
  await askAll(changedUrls(now, former), { gate, former, found });
  return found;
}

interface AskingAll {
  readonly gate: UrlGate;
  readonly former: ReadonlyMap<string, UsedUrl>;
  readonly found: Findings;
}

async function askAll(changed: readonly UsedUrl[], { gate, former, found }: AskingAll) {
  const { each, all, atOnce, urls } = { ...usual, ...gate.limits };
  const left = changed.slice(0, urls);
  const signal = AbortSignal.timeout(all);
  const asking = { web: gate.web, isListed: networks(gate.allow), timeoutMs: each, signal };
  let asked = 0;
  const wanted = left.length;
  gate.asked?.(asked, wanted);
  const work = async () => {
    while (!signal.aborted) {
      const one = left.shift();
      if (one === undefined) return;
      const answer = await askUrl(one.url, one.anyAnswer, asking);
      if (signal.aborted && answer.kind === "dead") left.push(one);
      else {
        say(one, answer, former.has(one.url), found);
        gate.asked?.(++asked, wanted);
      }
    }
  };
  await Promise.all(Array.from({ length: atOnce }, work));
  sayUnasked([...left, ...changed.slice(urls)], found);
}

/** Hosts are asked for only where they make a difference. */
async function usedBy(addresses: Addresses, hosts: Hosts | undefined) {
  if (addresses.firstOpen !== undefined && hosts !== undefined)
    for await (const host of hosts()) addresses.add(host);
  return addresses.found;
}

function sayOpen({ parameter, place }: NonNullable<Addresses["firstOpen"]>, found: Findings): void {
  found.warning("VG958", place, parameter, {
    message: `${parameter}: addresses that read traits or the envoy were not asked, here and wherever else they do`,
    hint: "only a running server knows the envoys; publish while it runs to have them asked",
  });
}

function say(one: UsedUrl, answer: Answer, known: boolean, found: Findings): void {
  const { place, parameter, host } = one;
  const shown = shownAs(one.url);
  const whose = host === undefined ? "" : `, as ${host} has it`;
  if (answer.kind === "private")
    found.warning("VG958", place, clip(shown), {
      message: `${shown}${whose} was not asked: its address ${answer.address} is private`,
      hint: "list its network under publish.url_allow in server.yaml to have it asked",
    });
  if (answer.kind !== "dead") return;
  const message = `${parameter}: ${shown}${whose}${whose && ","} ${answer.why}`;
  if (known) found.warning("VG958", place, clip(shown), { message, hint: "it is live as it is" });
  else
    found.problem("VG805", place, clip(shown), {
      message,
      hint: "mend the address, or publish with --skip-url-checks where it cannot be asked from here",
    });
}

function sayUnasked(left: readonly UsedUrl[], found: Findings): void {
  const [first] = left;
  if (first === undefined) return;
  found.warning("VG958", first.place, clip(shownAs(first.url)), {
    message: `${left.length} addresses were not asked, from ${shownAs(first.url)} on: there are many, or they answer slowly`,
  });
}

/** A password in an address is told nobody. */
const shownAs = (url: string): string => url.replace(/^(https?:\/\/)[^/?#]*@/i, "$1");
