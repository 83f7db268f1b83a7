/** The `audit_rule` type: what the kernel's audit writes down, now and at boot. Must not configure the daemon that stores it. */
import type { z } from "zod";
import type { ReadHost } from "../host.ts";
import { choice, list, parameters, text } from "../params.ts";
import { type Change, defineResource, differing } from "../resource.ts";
import { rulesOf, spelled } from "../text/audit-rules.ts";
import { isLocked, loadedRules, loadRules, numbered } from "../tools/audit.ts";
import { type OwnFile, ownFileDifferences, writeOwnFile } from "../tools/own-file.ts";
import { untold, writtenAndTold } from "../tools/untold.ts";

const params = () =>
  parameters({
    audit_rule: text(
      "Name of the set, which is its file in `/etc/audit/rules.d`; they are read in the order of names.",
      {
        pattern: /^[A-Za-z0-9_][A-Za-z0-9_.-]*$/,
        wanted: "letters, digits and _ . -",
      },
    ),
    rules: list(
      "Rules as auditctl(8) has them, one each. Needed unless `state` is absent.",
      text("A rule, like `-w /etc/passwd -p wa -k passwd`.", {
        pattern: /^-[aAw] \S[^\n\r\0]*$/,
        wanted: "a rule that begins with -a, -A or -w",
      }),
    ).default([]),
    state: choice("Absent removes the file, and its rules from the kernel.", [
      "present",
      "absent",
    ]).default("present"),
  }).refine((p) => p.state === "absent" || p.rules.length > 0, {
    path: ["rules"],
    message: "is required unless state is absent",
  });

type Params = z.output<ReturnType<typeof params>>;

export const auditRule = defineResource<Params>({
  name: "audit_rule",
  summary: "Keeps rules of the kernel's audit, now and at boot.",
  platforms: ["linux"],
  params,
  main: "audit_rule",
  lane: "audit",
  claims: (p) => [{ id: `file:${own(p).path}` }],

  async check(p, host) {
    return [
      ...(await ownFileDifferences(host, "stored", own(p))),
      ...(await kernelDifference(p, host)),
    ];
  },

  async apply(p, host, changes) {
    const fields = new Set(changes.map(({ field }) => field));
    const isStored = ["stored", "mode", "owner", "group"].every((field) => !fields.has(field));
    const write = async () => (isStored ? undefined : await writeOwnFile(host, own(p)));
    const tell = () => loadRules(host);
    if (!fields.has("stored") && !fields.has("loaded")) return await write();
    if (!(await isLocked(host))) return await writtenAndTold(host, claimOf(p), write, tell);
    await write();
    await tell();
  },

  examples: [
    {
      title: "Who changes accounts",
      params: {
        audit_rule: "50-accounts",
        rules: ["-w /etc/passwd -p wa -k accounts", "-w /etc/shadow -p wa -k accounts"],
      },
    },
    {
      title: "Programs that root runs",
      params: {
        audit_rule: "60-root",
        rules: [
          "-a always,exit -F arch=b64 -S execve -F euid=0 -F auid>=1000 -F auid!=unset -k root",
        ],
      },
    },
    { title: "Not any more", params: { audit_rule: "60-root", state: "absent" } },
  ],
});

const own = (p: Params): OwnFile => ({
  path: `/etc/audit/rules.d/${p.audit_rule}.rules`,
  text: p.state === "present" ? `${p.rules.join("\n")}\n` : undefined,
  mode: "0640",
});

const claimOf = (p: Params) => `audit_rule:${p.audit_rule}`;

/** What goes with the file is what the file has and no other file does. */
async function kernelDifference(p: Params, host: ReadHost): Promise<readonly Change[]> {
  // The kernel may have what a former text had.
  const left = await untold(host, claimOf(p));
  if (left.length > 0) return left;
  if (p.state === "absent" && (await host.stat(own(p).path)) === undefined) return [];
  const loaded = await loadedRules(host);
  if (p.state === "present") {
    const missing = await notAmong(loaded, p.rules, host);
    return missing.length === 0 ? [] : differing("loaded", undefined, missing.join("\n"));
  }
  const stored = rulesOf(new TextDecoder().decode(await host.read(own(p).path)));
  const missing = new Set(await notAmong(loaded, stored, host));
  const there = stored.filter((rule) => !missing.has(rule));
  return there.length === 0 ? [] : differing("loaded", there.join("\n"), undefined);
}

async function notAmong(
  loaded: ReadonlySet<string>,
  rules: readonly string[],
  host: ReadHost,
): Promise<readonly string[]> {
  const missing: string[] = [];
  for (const rule of rules)
    if (!loaded.has(spelled(await numbered(host, rule)))) missing.push(rule);
  return missing;
}
