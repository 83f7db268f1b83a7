/** The `macos_defaults` type: one setting of macOS or of a program, as defaults(1) keeps it. Must not know what it means. */
import type { z } from "zod";
import { choice, list, owner, parameters, text } from "../params.ts";
import { defineResource, differing } from "../resource.ts";
import {
  type DefaultsKind,
  defaultsKinds,
  type DefaultsValue,
  deleteDefault,
  readDefault,
  writeDefault,
} from "../tools/defaults.ts";

const params = () =>
  parameters({
    domain: text(
      "Whose setting it is: `com.apple.dock`, `NSGlobalDomain`, or a path without `.plist`.",
      {
        pattern: /^[^-\s\p{Cc}][^\p{Cc}]{0,500}$/u,
        wanted: "a domain like com.apple.dock, or a path",
      },
    ),
    key: text("Its name.", {
      pattern: /^[^-\p{Cc}][^\p{Cc}]{0,200}$/u,
      wanted: "a name that does not begin with a dash",
    }),
    state: choice("Absent removes the setting, so that its default counts.", [
      "present",
      "absent",
    ]).default("present"),
    kind: choice("What kind of value it is.", defaultsKinds).default("string"),
    value: text(
      "Its value; true or false for a bool. Needed unless `state` is absent.",
    ).exactOptional(),
    values: list("The texts of an array.", text("One text.")).exactOptional(),
    user: owner(
      "Account whose setting it is. Root's, or the machine's for a path, when not said.",
    ).exactOptional(),
  })
    .refine((p) => p.state === "absent" || wished(p) !== undefined, {
      path: ["value"],
      message: "is required unless state is absent; of an array it is values",
    })
    .refine((p) => p.value === undefined || isValue(p.kind, p.value), {
      path: ["value"],
      message:
        "must suit its kind: true or false, a whole number, a number; of an array say values",
    })
    .refine((p) => p.values === undefined || p.kind === "array", {
      path: ["values"],
      message: "is for kind: array",
    });

type Params = z.output<ReturnType<typeof params>>;

interface Wish {
  readonly kind: DefaultsKind;
  readonly value?: string | undefined;
  readonly values?: readonly string[] | undefined;
}

function isValue(kind: DefaultsKind, value: string): boolean {
  if (kind === "bool") return /^(?:true|false)$/.test(value);
  if (kind === "int") return /^-?\d{1,18}$/.test(value);
  return kind === "float" ? /^-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?$/.test(value) : kind === "string";
}

const wished = ({ kind, value, values }: Wish): string | readonly string[] | undefined =>
  kind === "array" ? values : value;

export const macosDefaults = defineResource<Params>({
  name: "macos_defaults",
  summary: "Keeps a setting of macOS or of one of its programs.",
  platforms: ["darwin"],
  params,
  main: "domain",
  claims: (p) => [{ id: `macos_defaults:${p.user ?? ""}:${p.domain}`, part: p.key }],
  after: (p) => (p.user === undefined ? [] : [`user:${p.user}`]),

  async check(p, host) {
    const now = await readDefault(host, p);
    if (p.state === "absent") return differing("value", now && shown(now.value), undefined);
    const wish = wished(p) ?? "";
    return [
      ...differing("kind", now?.kind, p.kind),
      ...(now !== undefined && isSame(p.kind, now, wish)
        ? []
        : differing("value", now && readable(now), shown(wish))),
    ];
  },

  async apply(p, host) {
    if (p.state === "absent") await deleteDefault(host, p);
    else await writeDefault(host, p, { kind: p.kind, value: wished(p) ?? "" });
  },

  examples: [
    {
      title: "The dock hides itself, for one account",
      params: {
        domain: "com.apple.dock",
        key: "autohide",
        kind: "bool",
        value: "true",
        user: "dana",
      },
    },
    {
      title: "For the machine",
      params: {
        domain: "/Library/Preferences/com.apple.loginwindow",
        key: "GuestEnabled",
        kind: "bool",
        value: "false",
      },
    },
    {
      title: "As the program has it",
      params: { domain: "com.apple.finder", key: "AppleShowAllFiles", state: "absent" },
    },
  ],
});

const shown = (value: string | readonly string[]): string =>
  typeof value === "string" ? value : value.join(", ");

/** A bool is told as 1 or 0. */
const readable = ({ kind, value }: DefaultsValue): string =>
  kind === "bool" ? (value === "1" ? "true" : "false") : shown(value);

/** Numbers are compared as numbers: 0.5 may have been written as 0.50. */
function isSame(kind: DefaultsKind, now: DefaultsValue, wish: string | readonly string[]): boolean {
  if (now.kind !== kind) return false;
  if (kind === "int" || kind === "float") return Number(now.value) === Number(wish);
  return kind === "array"
    ? JSON.stringify(now.value) === JSON.stringify(wish)
    : readable(now) === wish;
}
