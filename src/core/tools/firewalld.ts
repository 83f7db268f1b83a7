/**
 * Rules of firewalld's default zone, running and permanent, through firewall-cmd(1). Must not know why. A rule of nothing but a port or
 * a service is kept as such; any other is a rich rule (firewalld.richlanguage(5)).
 */
import { VigoError } from "../errors.ts";
import type { Host, ReadHost } from "../host.ts";
import { mustSucceed } from "./exit.ts";
import { familiesOf, type Firewall, inWords, oneDifference, type Rule } from "./firewall-rule.ts";
import { verified } from "./verified.ts";

/** Asked of systemd where it can be: its own answer takes half a second. It writes no process id. */
export async function firewalldRuns(host: ReadHost): Promise<boolean> {
  const isThere =
    (await host.stat("/usr/sbin/firewalld")) ?? (await host.stat("/usr/bin/firewalld"));
  if (isThere === undefined) return false;
  const argv =
    host.os.init === "systemd"
      ? ["systemctl", "is-active", "--quiet", "firewalld"]
      : ["firewall-cmd", "--state"];
  return (await host.query({ argv })).code === 0;
}

interface Entry {
  readonly kind: "port" | "service" | "rich-rule";
  readonly value: string;
}

/** Those of `--list-all`: services and ports on a line each, rich rules below theirs. */
export function listedEntries(text: string): readonly Entry[] {
  const words = (name: string) =>
    (new RegExp(`^  ${name}: (.*)$`, "m").exec(text)?.[1] ?? "")
      .split(" ")
      .filter((it) => it !== "");
  return [
    ...words("services").map((value): Entry => ({ kind: "service", value })),
    ...words("ports").map((value): Entry => ({ kind: "port", value })),
    ...[...text.matchAll(/^\s+(rule .*\S)\s*$/gm)].map(([, value = ""]): Entry => ({
      kind: "rich-rule",
      value,
    })),
  ];
}

const verdicts = { allow: "accept", deny: "drop", reject: "reject" } as const;

/** What one rule is in the words of firewalld, for each protocol that it is about. */
export function entriesOf(rule: Rule): readonly Entry[] {
  const { from, to, action, priority, service } = rule;
  const isPlain = action === "allow" && (from ?? to ?? priority) === undefined;
  const protos = rule.proto === "any" ? ["tcp", "udp"] : [rule.proto];
  if (service !== undefined && isPlain) return [{ kind: "service", value: service }];
  if (isPlain) return protos.map((proto) => ({ kind: "port", value: `${rule.port}/${proto}` }));
  const elements =
    service === undefined
      ? protos.map((proto) => `port port="${rule.port}" protocol="${proto}"`)
      : [`service name="${service}"`];
  const families = familiesOf(rule);
  const head = [
    "rule",
    ...(priority === undefined || priority === 0 ? [] : [`priority="${priority}"`]),
    ...(families.length === 2 ? [] : [`family="ipv${families[0]}"`]),
    ...(from === undefined ? [] : [`source address="${from}"`]),
    ...(to === undefined ? [] : [`destination address="${to}"`]),
  ].join(" ");
  return elements.map((it) => ({ kind: "rich-rule", value: `${head} ${it} ${verdicts[action]}` }));
}

/** The same match with any verdict. */
const related = (rule: Rule): readonly Entry[] =>
  (["allow", "deny", "reject"] as const).flatMap((action) => entriesOf({ ...rule, action }));

const same = (a: Entry, b: Entry) => a.kind === b.kind && a.value === b.value;
const isIn = (all: readonly Entry[]) => (one: Entry) => all.some((it) => same(it, one));

const layers = [[], ["--permanent"]] as const;

async function listed(host: ReadHost, layer: readonly string[]): Promise<readonly Entry[]> {
  const argv = ["firewall-cmd", ...layer, "--list-all"];
  const { stdout } = await mustSucceed(argv.join(" "), host.query({ argv }));
  return listedEntries(stdout);
}

/** What has to come and go in one layer. */
interface Gap {
  readonly add: readonly Entry[];
  readonly remove: readonly Entry[];
}

async function gap(
  host: ReadHost,
  layer: readonly string[],
  rule: Rule,
  wanted: boolean,
): Promise<Gap> {
  const all = await listed(host, layer);
  const mine = wanted ? entriesOf(rule) : [];
  return {
    add: mine.filter((one) => !isIn(all)(one)),
    remove: related(rule).filter((one) => isIn(all)(one) && !isIn(mine)(one)),
  };
}

export const firewalld: Firewall = {
  async differences(host, rule, wanted) {
    mustFit(rule);
    const gaps = await Promise.all(layers.map((layer) => gap(host, layer, rule, wanted)));
    const removed = gaps.flatMap(({ remove }) => remove.map(({ value }) => value));
    const was = [...new Set(removed)].join(", ") || undefined;
    if (!wanted) return oneDifference(was, undefined);
    if (gaps.every(({ add, remove }) => add.length + remove.length === 0)) return [];
    const [now, later] = gaps.map(({ add }) => add.length > 0);
    const half = now === later ? undefined : now ? "permanent only" : "running only";
    return oneDifference(was ?? half, inWords(rule));
  },

  /** First the running layer: what is taken back never gets into the permanent one. */
  async apply(host, rule, wanted, proof) {
    const gaps = () => Promise.all(layers.map((layer) => gap(host, layer, rule, wanted)));
    await verified<readonly Gap[]>(host, {
      ...proof,
      former: async (kept) => kept ?? (await gaps()),
      work: async () => {
        for (const [at, { add, remove }] of (await gaps()).entries())
          await change(host, layers[at] ?? [], add, remove);
      },
      back: async (former) => {
        for (const [at, { add, remove }] of [...former.entries()].reverse())
          await change(host, layers[at] ?? [], remove, add);
      },
    });
  },
};

async function change(
  host: Host,
  layer: readonly string[],
  add: readonly Entry[],
  remove: readonly Entry[],
): Promise<void> {
  for (const [verb, entries] of [
    ["add", add],
    ["remove", remove],
  ] as const)
    for (const { kind, value } of entries) {
      const argv = ["firewall-cmd", ...layer, `--${verb}-${kind}=${value}`];
      await mustSucceed(argv.join(" "), host.run({ argv }));
    }
}

function mustFit({ interface: device, direction }: Rule): void {
  if (device === undefined && direction === "in") return;
  throw new VigoError("failed", "firewalld has no rules for one interface, nor for what goes out", {
    hint: "put the interface into a zone by firewall-cmd, or use backend: nftables",
  });
}
