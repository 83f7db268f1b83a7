/** The `registry` type: one value of the Windows registry, or a key. Must not know what it means to Windows. */
import type { z } from "zod";
import { choice, list, parameters, text } from "../params.ts";
import { defineResource, differing } from "../resource.ts";
import {
  makeRegistryKey,
  registryKeyPattern,
  type RegistryKind,
  registryKinds,
  registryStates,
  type RegistryValue,
  removeRegistryKey,
  removeRegistryValue,
  writeRegistryValue,
} from "../tools/registry.ts";

const params = () =>
  parameters({
    key: text("The key, as `HKLM\\SOFTWARE\\Policies\\Example`.", {
      pattern: registryKeyPattern,
      wanted: "a hive and keys below it, like HKLM\\SOFTWARE\\Example",
    }),
    state: choice("Absent removes the value; without `value_name` the key and all below it.", [
      "present",
      "absent",
    ]).default("present"),
    value_name: text("Name of the value. The key's own value when not said.", {
      pattern: /^[^\p{Cc}]{1,255}$/u,
      wanted: "a name of 255 letters at most",
    }).exactOptional(),
    kind: choice("What kind of value it is.", registryKinds).default("string"),
    data: text(
      "Its data: a text, a number for dword and qword, pairs of hex digits for binary. Without it only the key is kept.",
    ).exactOptional(),
    texts: list("The data of a multi_string.", text("One text.")).exactOptional(),
  })
    .refine((p) => p.kind !== "multi_string" || p.data === undefined, {
      path: ["data"],
      message: "of a multi_string is a list: say texts",
    })
    .refine((p) => p.kind === "multi_string" || p.texts === undefined, {
      path: ["texts"],
      message: "is for kind: multi_string",
    })
    .refine((p) => p.data === undefined || isData(p.kind, p.data), {
      path: ["data"],
      message: "must be a whole number for dword and qword, pairs of hex digits for binary",
    })
    .refine((p) => p.state === "absent" || p.value_name === undefined || wished(p) !== undefined, {
      path: ["data"],
      message: "is required where a value is named",
    });

type Params = z.output<ReturnType<typeof params>>;

function isData(kind: RegistryKind, data: string): boolean {
  if (kind === "binary") return /^(?:[0-9A-Fa-f]{2})*$/.test(data);
  if (kind !== "dword" && kind !== "qword") return true;
  return /^\d{1,20}$/.test(data) && BigInt(data) < 2n ** (kind === "dword" ? 32n : 64n);
}

interface Wish {
  readonly kind: RegistryKind;
  readonly data?: string | undefined;
  readonly texts?: readonly string[] | undefined;
}

/** As the registry gives it back. */
function wished({ kind, data, texts }: Wish): string | readonly string[] | undefined {
  if (kind === "multi_string") return texts;
  if (data === undefined || kind === "string" || kind === "expand_string") return data;
  return kind === "binary" ? data.toLowerCase() : String(BigInt(data));
}

const placeOf = ({ key, value_name: name = "" }: Params) => ({ key, name });
/** The registry does not care about case. */
const idOf = (key: string) =>
  `registry:${key
    .toLowerCase()
    .replace(/^hkey_local_machine/, "hklm")
    .replace(/^hkey_current_user/, "hkcu")}`;

export const registry = defineResource<Params>({
  name: "registry",
  summary: "Keeps a value of the Windows registry.",
  platforms: ["windows"],
  params,
  main: "key",
  claims: (p) =>
    p.state === "absent" && p.value_name === undefined
      ? [{ id: idOf(p.key) }]
      : [{ id: idOf(p.key), part: (p.value_name ?? "").toLowerCase() }],

  async check(p, host) {
    const [now = { key: false }] = await registryStates(host, [placeOf(p)]);
    const whole = p.value_name === undefined;
    if (p.state === "absent")
      return whole
        ? differing("key", now.key ? "present" : "absent", "absent")
        : differing("data", shown(now.value), undefined);
    const wish = wished(p);
    if (wish === undefined) return differing("key", now.key ? "present" : "absent", "present");
    return [
      ...differing("kind", now.value?.kind, p.kind),
      ...differing("data", shown(now.value), shown({ kind: p.kind, data: wish })),
    ];
  },

  async apply(p, host) {
    const wish = wished(p);
    if (p.state === "absent")
      await (p.value_name === undefined
        ? removeRegistryKey(host, p.key)
        : removeRegistryValue(host, placeOf(p)));
    else if (wish === undefined) await makeRegistryKey(host, p.key);
    else await writeRegistryValue(host, placeOf(p), { kind: p.kind, data: wish });
  },

  examples: [
    {
      title: "A number",
      params: {
        key: "HKLM\\SOFTWARE\\Policies\\Microsoft\\Windows\\Personalization",
        value_name: "NoLockScreen",
        kind: "dword",
        data: "1",
      },
    },
    {
      title: "Several texts",
      params: {
        key: "HKLM\\SOFTWARE\\Example",
        value_name: "Servers",
        kind: "multi_string",
        texts: ["one", "two"],
      },
    },
    {
      title: "No such value",
      params: { key: "HKLM\\SOFTWARE\\Example", value_name: "Old", state: "absent" },
    },
  ],
});

const shown = (value: RegistryValue | undefined): string | undefined =>
  value === undefined
    ? undefined
    : typeof value.data === "string"
      ? value.data
      : value.data.join(", ");
