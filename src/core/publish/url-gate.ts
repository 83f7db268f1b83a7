/**
 * The gate "URLs" (semantics §7): what hosts would fetch must answer before it is published. Only what a publish changes is asked,
 * a few at a time, and not for ever. Must not know who publishes, nor how a request is made.
 */
import { Findings } from "../policy/findings.ts";
import { clip } from "../policy/node.ts";
import type { Policy } from "../policy/policy.ts";
import type { Problem } from "../problem.ts";
import { networks } from "../network.ts";
import { type Answer, askUrl, type Web } from "./ask-url.ts";
import { changedUrls, type UsedUrl, urlsOf } from "./urls.ts";

export interface UrlGate {
  readonly web: Web;
  /** Private networks that may be asked. */
  readonly allow: readonly string[];
  readonly limits?: Partial<typeof usual>;
}

const usual = { each: 5_000, all: 60_000, atOnce: 8, urls: 500 };

export interface UrlFindings {
  readonly problems: readonly Problem[];
  readonly warnings: readonly Problem[];
}

/** `before`: what is live; asked for only where there is something to compare. */
export async function checkUrls(
  policy: Policy,
  before: () => Promise<Policy | undefined>,
  { web, allow, limits }: UrlGate,
): Promise<UrlFindings> {
  const { each, all, atOnce, urls } = { ...usual, ...limits };
  const found = new Findings();
  const now = urlsOf(policy);
  if (now.size === 0) return found;
  const live = await before();
  const former = live === undefined ? new Map<string, UsedUrl>() : urlsOf(live);
  const changed = changedUrls(now, former);
  const asked = changed.slice(0, urls);
  const signal = AbortSignal.timeout(all);
  const asking = { web, isListed: networks(allow), timeoutMs: each, signal };
  const left = [...asked];
  const work = async () => {
    while (!signal.aborted) {
      const one = left.shift();
      if (one === undefined) return;
      const answer = await askUrl(one.url, one.anyAnswer, asking);
      if (signal.aborted && answer.kind === "dead") left.push(one);
      else say(one, answer, former.has(one.url), found);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, work));
  sayUnasked([...left, ...changed.slice(urls)], found);
  return found;
}

function say(one: UsedUrl, answer: Answer, known: boolean, found: Findings): void {
  const { place, parameter } = one;
  const shown = shownAs(one.url);
  if (answer.kind === "private")
    found.warning("VG958", place, clip(shown), {
      message: `${shown} was not asked: its address ${answer.address} is private`,
      hint: "list its network under publish.url_allow in server.yaml to have it asked",
    });
  if (answer.kind !== "dead") return;
  const message = `${parameter}: ${shown} ${answer.why}`;
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
