/**
 * Asks an address whether what a batch has done is good. The server's own machine and its neighbours on the link are not asked unless
 * `publish.url_allow` lists them, nor is another host that it redirects to (semantics §9). Must not know tasks.
 */
import { askUrl } from "../../../core/publish/ask-url.ts";
import { networks } from "../../../core/network.ts";
import { web } from "../policy/web.ts";
import type { AskHealth } from "./health.ts";

const patienceMs = 5_000;

/** Of this machine, of the link, and what holds an IPv4 address inside an IPv6 one, because that may be any of them. */
const isOwn = networks([
  ...[
    "loopback",
    "0.0.0.0/8",
    "169.254.0.0/16",
    "224.0.0.0/4",
    "240.0.0.0/4",
    "::/96",
    "fe80::/10",
  ],
  ...["ff00::/8", "64:ff9b::/96", "64:ff9b:1::/48", "2001::/23", "2002::/16", "::ffff:0:0/96"],
]);

/** `allow`: addresses and networks that may be asked all the same. */
export const askHealth =
  (allow: () => readonly string[]): AskHealth =>
  async (url) => {
    const isListed = networks(allow());
    const answer = await askUrl(url, false, {
      web,
      isListed: (address) => isListed(address) || !isOwn(address),
      refuses: (from, to) =>
        from.hostname === to.hostname || isListed(to.hostname)
          ? undefined
          : `redirects to another host, ${to.hostname}`,
      timeoutMs: patienceMs,
      signal: AbortSignal.timeout(patienceMs * 4),
    });
    if (answer.kind === "alive") return undefined;
    if (answer.kind === "dead") return { why: answer.why };
    const why = `has the address ${answer.address}, which is not asked unless publish.url_allow lists it`;
    return { why, forGood: true };
  };
