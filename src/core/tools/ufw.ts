/**
 * Rules of ufw: read from where ufw keeps them, changed through ufw(8). Must not know why. Format of a rule, as in
 * `/etc/ufw/user.rules`: `### tuple ### ACTION PROTO DPORT DST SPORT SRC IN-OR-OUT[_INTERFACE] [comment=HEX]`.
 */
import { VigoError } from "../errors.ts";
import type { Host, ReadHost } from "../host.ts";
import { mustSucceed } from "./exit.ts";
import { fileText } from "./file-text.ts";
import { familiesOf, type Firewall, inWords, oneDifference, type Rule } from "./firewall-rule.ts";
import { verified } from "./verified.ts";

const files = { 4: "/etc/ufw/user.rules", 6: "/etc/ufw/user6.rules" } as const;

/** ufw is there and switched on. */
export const ufwIsOn = async (host: ReadHost): Promise<boolean> =>
  /^ENABLED=yes/m.test((await fileText(host, "/etc/ufw/ufw.conf")) ?? "");

interface Kept {
  readonly action: string;
  readonly comment: string | undefined;
  /** Words for iptables(8), of each line that it comes to. */
  readonly lines: readonly (readonly string[])[];
}

/** The rule of this match in one of the two files. */
function keptIn(text: string, rule: Rule, family: 4 | 6): Kept | undefined {
  const any = family === 4 ? "0.0.0.0/0" : "::/0";
  const place = `${rule.direction}${rule.interface === undefined ? "" : `_${rule.interface}`}`;
  const match = [rule.proto, ufwPort(rule), rule.to ?? any, "any", rule.from ?? any, place].join(
    " ",
  );
  for (const [, action = "", rest = "", hex, ruled = ""] of text.matchAll(
    /^### tuple ### (\S+) (.*?)(?: comment=([0-9a-f]*))?$((?:\n-A ufw6?-user-[^'"\n]*$)*)/gm,
  ))
    if (rest === match)
      return {
        action,
        comment: hex && Buffer.from(hex, "hex").toString("utf8"),
        lines: ruled.split("\n-A ").flatMap((line) => (line === "" ? [] : [line.split(" ")])),
      };
  return undefined;
}

const ufwPort = ({ port }: Rule) => port.replace("-", ":");

/** Both families have it or none has: what is missing in one is missing. */
async function kept(host: ReadHost, rule: Rule): Promise<readonly (Kept | undefined)[]> {
  const has6 = /^IPV6=yes/m.test((await fileText(host, "/etc/default/ufw")) ?? "");
  const found: (Kept | undefined)[] = [];
  for (const family of familiesOf(rule))
    if (family === 4 || has6)
      found.push(keptIn((await fileText(host, files[family])) ?? "", rule, family));
  return found;
}

function told(rule: Rule, { action, comment }: Kept): string {
  const { comment: _, ...rest } = rule;
  const named = comment === undefined ? "" : ` (${comment})`;
  return `${inWords(rest).replace(/^\w+/, action)}${named}`;
}

/** Where none is declared, a comment is somebody's and stays. */
function commented(declared: Rule, all: readonly (Kept | undefined)[]): Rule {
  const comment = declared.comment ?? all.find((one) => one?.comment)?.comment;
  return comment === undefined ? declared : { ...declared, comment };
}

function mustBeTaken({ port, proto }: Rule): void {
  if (proto !== "any" || !port.includes("-")) return;
  throw new VigoError("failed", `ufw has no rule for the ports ${port} of both tcp and udp`, {
    hint: "declare two, one with proto: tcp and one with proto: udp",
  });
}

export const ufw: Firewall = {
  async differences(host, declared, wanted) {
    mustBeTaken(declared);
    const all = await kept(host, declared);
    const rule = commented(declared, all);
    const first = all.find((one) => one !== undefined);
    const from = first && told(rule, first);
    if (!wanted)
      return oneDifference(from ?? ((await isBegun(host, rule)) ? halfDone : undefined), undefined);
    const to = inWords(rule);
    if (!isStored(all, rule))
      return oneDifference(from === to ? "in one of IPv4 and IPv6 only" : from, to);
    return (await isBegun(host, rule)) || !(await isInForce(host, all))
      ? oneDifference(halfDone, to)
      : [];
  },

  async apply(host, rule, wanted, proof) {
    await verified<readonly Stored[]>(host, {
      ...proof,
      former: async (unproven) => unproven ?? (await stored(host)),
      work: () => ordered(host, rule, wanted),
      back: (former) => restore(host, former),
    });
  },
};

const isStored = (all: readonly (Kept | undefined)[], rule: Rule) =>
  all.every((one) => one?.action === rule.action && one.comment === rule.comment);

const halfDone = "in the files of ufw and in force are not the same";

const noteOf = ({ direction, proto, port, from, to, interface: device }: Rule) =>
  `ufw:${[direction, proto, port, from, to, device].join(" ")}`;

/** By a run that was killed: ufw writes its files first, and has the kernel follow. */
const isBegun = async (host: ReadHost, rule: Rule) =>
  (await host.noted?.(noteOf(rule))) !== undefined;

/** Code of iptables for a rule that the kernel has not. */
const missing = 1;

async function isInForce(host: ReadHost, all: readonly (Kept | undefined)[]): Promise<boolean> {
  for (const words of all.flatMap((one) => one?.lines ?? [])) {
    const tool = words[0]?.startsWith("ufw6-") === true ? "ip6tables" : "iptables";
    const { code } = await host.query({ argv: [tool, "-w", "10", "-C", ...words] });
    if (code === missing) return false;
  }
  return true;
}

/** What was only half in force is read anew as a whole. */
async function ordered(host: Host, rule: Rule, wanted: boolean): Promise<void> {
  const all = await kept(host, rule);
  const wish = commented(rule, all);
  const isThere = isStored(all, wish);
  const isHalf = (await isBegun(host, rule)) || (wanted && isThere);
  await host.note?.(noteOf(rule), "begun");
  if (wanted && !isThere) await order(host, wish, rule.action);
  if (!wanted)
    for (const one of all) if (one !== undefined) await order(host, rule, one.action, "delete");
  if (isHalf) await reload(host);
  await host.note?.(noteOf(rule), undefined);
}

const reload = (host: Host) => mustSucceed("ufw reload", host.run({ argv: ["ufw", "reload"] }));

interface Stored {
  readonly path: string;
  readonly text: string;
}

async function stored(host: ReadHost): Promise<readonly Stored[]> {
  const all = [files[4], files[6]].map(async (path) => {
    const text = await fileText(host, path);
    return text === undefined ? [] : [{ path, text }];
  });
  return (await Promise.all(all)).flat();
}

async function order(host: Host, rule: Rule, action: string, ...before: readonly string[]) {
  const { direction, interface: device, proto, from = "any", to = "any", comment } = rule;
  const argv = [
    ...["ufw", ...before, action, direction],
    ...(device === undefined ? [] : ["on", device]),
    ...(proto === "any" ? [] : ["proto", proto]),
    ...["from", from, "to", to, "port", ufwPort(rule)],
    ...(comment === undefined || before.length > 0 ? [] : ["comment", comment]),
  ];
  await mustSucceed(
    argv.join(" "),
    host.run({ argv, env: { LANG: "C.UTF-8", LC_ALL: "C.UTF-8" } }),
  );
}

/** The files as they were, and the kernel with them. */
async function restore(host: Host, former: readonly Stored[]): Promise<void> {
  for (const { path, text } of former) await host.write(path, new TextEncoder().encode(text));
  await reload(host);
}
