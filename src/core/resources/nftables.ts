/**
 * The `nftables` type: one table of the packet filter as a whole, now and at every boot. Must not touch other tables: those of
 * other programs live beside it. It is loaded in one transaction, so that there is never half of it.
 */
import type { z } from "zod";
import type { ReadHost } from "../host.ts";
import { choice, flag, list, parameters, shell, text } from "../params.ts";
import { type Change, defineResource } from "../resource.ts";
import { unifiedDiff } from "../text/diff.ts";
import { summary } from "../tools/content.ts";
import { editDifference, editing, writeEdit } from "../tools/edited-file.ts";
import { nftFolder, nftInclude, storeNft } from "../tools/nft-boot.ts";
import { listedTable, load, replacing, wantedTable, wayBack } from "../tools/nft.ts";
import { type OwnFile, ownFileDifferences } from "../tools/own-file.ts";
import { unproven, verified, verifyMeans } from "../tools/verified.ts";

const params = () =>
  parameters({
    table: text("Name of the table.", {
      pattern: /^[A-Za-z_][A-Za-z0-9_.-]{0,63}$/,
      wanted: "a name like filter",
    }),
    family: choice("What it filters.", ["inet", "ip", "ip6", "arp", "bridge", "netdev"]).default(
      "inet",
    ),
    state: choice("Absent removes the table.", ["present", "absent"]).default("present"),
    content: shell(
      "What is between the braces of the table, as nft(8) has it: sets, maps and chains.",
    ).exactOptional(),
    rules: list(
      "Instead of content: a chain and what stands in it, like `input tcp dport 22 accept`; a base chain's type first.",
      shell("A chain's name and a statement."),
    ).exactOptional(),
    persist: flag(
      "Kept in `/etc/nftables.d`, and loaded at boot by the service nftables, which has to be enabled.",
    ).default(true),
    verify: shell(verifyMeans).exactOptional(),
  })
    .refine((p) => p.state === "absent" || (p.content === undefined) !== (p.rules === undefined), {
      path: ["content"],
      message: "write one of content and rules, unless state is absent",
    })
    .refine((p) => (p.rules ?? []).every((rule) => ruleParts(rule) !== undefined), {
      path: ["rules"],
      message: "must each be a chain's name and a statement, on one line",
    });

type Params = z.output<ReturnType<typeof params>>;

export const nftables = defineResource<Params>({
  name: "nftables",
  summary: "Keeps one table of the packet filter.",
  platforms: ["linux"],
  params,
  main: "table",
  lane: editing,
  claims: (p) => [{ id: claimOf(p) }, ...(p.persist ? [{ id: `file:${filePath(p)}` }] : [])],
  after: () => ["package:nftables", "file:/etc/nftables.d"],

  async check(p, host) {
    const stored = p.persist ? await ownFileDifferences(host, "stored", ownFile(p)) : [];
    const include = p.persist && p.state === "present" ? nftInclude(host) : undefined;
    // Whoever writes the file sees to its being included too.
    const isKept = include !== undefined && stored.length === 0;
    return [
      ...(await tableChange(p, host)),
      ...(await unproven(host, claimOf(p), p.verify)),
      ...stored,
      ...(isKept ? await editDifference(host, "boot", include) : []),
    ];
  },

  async apply(p, host, changes) {
    const fields = new Set(changes.map(({ field }) => field));
    const content = contentOf(p);
    if (fields.has("table") || fields.has("verify"))
      await verified<string>(host, {
        claim: claimOf(p),
        verify: p.verify,
        isNeeded: fields.has("table"),
        former: async (kept) => kept ?? (await wayBack(host, tableOf(p))),
        work: () => load(host, content === undefined ? dropped(p) : replacing(tableOf(p), content)),
        back: (former) => load(host, former),
      });
    if (["stored", "mode", "owner", "group"].some((field) => fields.has(field)))
      await storeNft(host, ownFile(p));
    if (p.persist && p.state === "present") await writeEdit(host, nftInclude(host));
  },

  examples: [
    {
      title: "What may come in",
      params: {
        table: "filter",
        content: `set office { type ipv4_addr; flags interval; elements = { 10.1.0.0/16 }; }
chain input {
  type filter hook input priority filter; policy drop;
  ct state established,related accept
  iif lo accept
  ip saddr @office tcp dport { 22, 1530, 8443 } accept
}
`,
        verify: "timeout 5 bash -c '</dev/tcp/vigo.example.com/1530'",
      },
    },
    {
      title: "As rules",
      params: {
        table: "limits",
        rules: [
          "input type filter hook input priority -10; policy accept;",
          "input tcp dport 25 ct count over 20 reject",
        ],
      },
    },
    { title: "No such table", params: { table: "old", family: "ip", state: "absent" } },
  ],
});

const claimOf = ({ family, table }: Params) => `nftables:${family}:${table}`;
const tableOf = ({ family, table: name }: Params) => ({ family, name });
const filePath = (p: Params) => `${nftFolder}/${p.family}-${p.table}.nft`;

const dropped = (p: Params) => `delete table ${p.family} ${p.table}\n`;

/** The chain and the statement. */
function ruleParts(rule: string): readonly [string, string] | undefined {
  const [, chain, statement] = /^\s*([A-Za-z_][\w.-]*)\s+(\S[^\r\n]*)$/.exec(rule) ?? [];
  return chain === undefined || statement === undefined ? undefined : [chain, statement];
}

/** Undefined: there is to be no table. */
function contentOf(p: Params): string | undefined {
  if (p.state === "absent") return undefined;
  const chains = new Map<string, string>();
  for (const rule of p.rules ?? []) {
    const [chain = "", statement = ""] = ruleParts(rule) ?? [];
    chains.set(chain, `${chains.get(chain) ?? ""}\t\t${statement}\n`);
  }
  const made = [...chains].map(([chain, statements]) => `\tchain ${chain} {\n${statements}\t}\n`);
  return p.content ?? made.join("");
}

/** Compared as nft lists it. Before nft is there, only what is declared can be told. */
async function tableChange(p: Params, host: ReadHost): Promise<readonly Change[]> {
  const content = contentOf(p);
  const is = await listedTable(host, tableOf(p));
  const wanted =
    content === undefined
      ? undefined
      : ((await wantedTable(host, tableOf(p), content)) ?? replacing(tableOf(p), content));
  if (is === wanted) return [];
  const [from, to] = [is, wanted].map((it) => it && new TextEncoder().encode(it));
  const diff = unifiedDiff(from || undefined, to || undefined);
  const told = { from: from ? summary(from) : undefined, to: to ? summary(to) : undefined };
  return [{ field: "table", ...told, cause: "intent", ...(diff !== undefined && { diff }) }];
}

const ownFile = (p: Params): OwnFile => {
  const content = contentOf(p);
  const text = content === undefined ? undefined : replacing(tableOf(p), content);
  return { path: filePath(p), text, mode: "0644" };
};
