/**
 * The `login_policy` type: rules for accounts and passwords, as keys of login.defs(5) and pwquality.conf(5). Must not change
 * accounts that are there: those are `user`.
 */
import type { z } from "zod";
import type { ReadHost } from "../host.ts";
import { choice, pairs, parameters } from "../params.ts";
import { type Change, defineResource } from "../resource.ts";
import { type KeyPlace, withKey, withoutKey } from "../text/ini.ts";
import type { Lines } from "../text/lines.ts";
import { editDifference, editing, type FileEdit, writeEdit } from "../tools/edited-file.ts";

const places = {
  login_defs: { path: "/etc/login.defs", separator: "\t", create: false },
  pwquality: { path: "/etc/security/pwquality.conf", separator: " = ", create: true },
} as const;
const names = ["login_defs", "pwquality"] as const;

const params = () =>
  parameters({
    login_defs: pairs(
      "Keys of `/etc/login.defs` by name, like `PASS_MAX_DAYS` or `UMASK`; they count for new accounts.",
    ).exactOptional(),
    pwquality: pairs(
      "Keys of `/etc/security/pwquality.conf` by name, like `minlen` or `dcredit`.",
    ).exactOptional(),
    state: choice("Absent removes these keys, so that the defaults count.", [
      "present",
      "absent",
    ]).default("present"),
  })
    .refine((p) => names.some((name) => p[name] !== undefined), {
      path: ["login_defs"],
      message: "choose login_defs, pwquality or both",
    })
    .refine((p) => names.every((name) => Object.values(p[name] ?? {}).every(isValue)), {
      path: ["login_defs"],
      message: "a value must be one line that is not empty, without blanks around it",
    });

const isValue = (value: string) => /^[^\s\0](?:[^\n\r\0]*[^\s\0])?$/.test(value);

type Params = z.output<ReturnType<typeof params>>;

export const loginPolicy = defineResource<Params>({
  name: "login_policy",
  summary: "Keeps rules for accounts and passwords.",
  platforms: ["linux"],
  params,
  lane: editing,
  claims: (p) =>
    names.flatMap((name) =>
      Object.keys(p[name] ?? {}).map((key) => ({
        id: `file:${places[name].path}`,
        part: `key:${key}`,
      })),
    ),
  after: () => ["file:/etc", "file:/etc/security"],

  check: (p, host) => differences(p, host),

  async apply(p, host, changes) {
    const differ = new Set(changes.map(({ field }) => field));
    for (const name of names) if (differ.has(name)) await writeEdit(host, edit(p, name));
  },

  examples: [
    {
      title: "Passwords that change, and are long",
      params: { login_defs: { PASS_MAX_DAYS: "90", UMASK: "027" }, pwquality: { minlen: "12" } },
    },
    { title: "As the system has it", params: { pwquality: { minlen: "12" }, state: "absent" } },
  ],
});

async function differences(p: Params, host: ReadHost): Promise<readonly Change[]> {
  const changes: Change[] = [];
  for (const name of names)
    if (p[name] !== undefined) changes.push(...(await editDifference(host, name, edit(p, name))));
  return changes;
}

function edit(p: Params, name: (typeof names)[number]): FileEdit {
  const { path, separator, create } = places[name];
  const wishes = Object.entries(p[name] ?? {});
  const one = (doc: Lines, [key, value]: readonly [string, string]) => {
    const place: KeyPlace = { key, separator, comment: "#" };
    return p.state === "present" ? withKey(doc, place, value) : withoutKey(doc, place);
  };
  return {
    path,
    present: p.state === "present",
    create,
    edit: (doc) => wishes.reduce(one, doc),
  };
}
