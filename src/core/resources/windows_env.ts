/** The `windows_env` type: an environment variable that new programs of Windows get. Must not know the registry's language. */
import type { z } from "zod";
import { choice, parameters, text } from "../params.ts";
import { defineResource, differing } from "../resource.ts";
import { quoted, tellPowershell } from "../tools/powershell.ts";
import { registryStates, removeRegistryValue, writeRegistryValue } from "../tools/registry.ts";

const params = () =>
  parameters({
    variable: text("Name of the variable.", {
      pattern: /^[^=%\p{Cc}]{1,255}$/u,
      wanted: "a name of 255 letters at most, without = and %",
    }),
    state: choice("Absent removes it.", ["present", "absent"]).default("present"),
    value: text("Its value; `%NAME%` in it stands for another variable.").exactOptional(),
    target: choice("Whose it is: of the whole machine, or of the account the agent runs as.", [
      "Machine",
      "User",
    ]).default("Machine"),
  }).refine((p) => p.state === "absent" || p.value !== undefined, {
    path: ["value"],
    message: "is required unless state is absent",
  });

type Params = z.output<ReturnType<typeof params>>;

const keys = {
  Machine: "HKLM\\SYSTEM\\CurrentControlSet\\Control\\Session Manager\\Environment",
  User: "HKCU\\Environment",
} as const;

const placeOf = (p: Params) => ({ key: keys[p.target], name: p.variable });
/** Only such a value is expanded when it is read. */
const kindOf = (value: string) => (value.includes("%") ? "expand_string" : "string");

export const windowsEnv = defineResource<Params>({
  name: "windows_env",
  summary: "Keeps an environment variable of Windows.",
  platforms: ["windows"],
  params,
  main: "variable",
  claims: (p) => [
    { id: `windows_env:${p.target}:${p.variable.toLowerCase()}` },
    {
      id: `registry:${keys[p.target].toLowerCase()}`,
      part: p.variable.toLowerCase(),
    },
  ],

  async check(p, host) {
    const [now] = await registryStates(host, [placeOf(p)]);
    const { data } = now?.value ?? {};
    const value = typeof data === "string" ? data : data?.join(";");
    const wish = p.state === "absent" ? undefined : p.value;
    const kind = value === undefined || wish === undefined ? undefined : now?.value?.kind;
    return [
      ...differing("value", value, wish),
      ...(kind === undefined || wish === undefined ? [] : differing("kind", kind, kindOf(wish))),
    ];
  },

  async apply(p, host) {
    if (p.state === "absent" || p.value === undefined) await removeRegistryValue(host, placeOf(p));
    else
      await writeRegistryValue(host, placeOf(p), {
        kind: kindOf(p.value),
        data: p.value,
      });
    await tellPowershell(host, announce(p.target));
  },

  examples: [
    { title: "For all", params: { variable: "JAVA_HOME", value: "C:\\Program Files\\Java" } },
    {
      title: "Not any more",
      params: { variable: "JAVA_HOME", state: "absent" },
    },
  ],
});

/** Windows tells running programs that the environment has changed when .NET sets a variable: one that is not there, to nothing. */
const announce = (target: Params["target"]): string =>
  `[Environment]::SetEnvironmentVariable('VIGO_ANNOUNCES',$null,${quoted(target)})`;
