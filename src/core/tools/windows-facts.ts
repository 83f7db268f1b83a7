/**
 * What Windows says of itself: for each group of facts one script, which PowerShell is started for once a collection, whatever the number of
 * traits that ask. Must not know what is made of the answers. Sources: the classes of CIM and COM named in the scripts
 * (learn.microsoft.com). Nothing here is in the language of the machine.
 */
import { VigoError } from "../errors.ts";
import type { ReadHost } from "../host.ts";
import { listOf, textOf } from "./answer.ts";
import type { Asking } from "./once.ts";
import { askPowershell, isRecord } from "./powershell.ts";
import { localParts } from "./windows-local-parts.ts";
import { machineParts } from "./windows-machine-parts.ts";
import { softwareParts } from "./windows-software-parts.ts";

/** By how long their traits are kept. */
const groups = {
  machine: machineParts,
  now: localParts,
  software: softwareParts.kept,
  updates: softwareParts.updates,
} as const;

export type FactGroup = keyof typeof groups;
export type Part<G extends FactGroup> = Extract<keyof (typeof groups)[G], string>;

/**
 * A part that fails is named with its reason, and costs no other. `I` is a point in time that every version of PowerShell writes alike;
 * `@(…)` keeps a list of one a list.
 */
const frame = (parts: Readonly<Record<string, string>>): string =>
  [
    "$r=@{};$e=@{}",
    "function I($t){if($t){([DateTime]$t).ToUniversalTime().ToString('yyyy-MM-ddTHH:mm:ssZ',[Globalization.CultureInfo]::InvariantCulture)}}",
    "function P($n,$b){try{$r[$n]=@(&$b)}catch{$e[$n]=[string]$_.Exception.Message}}",
    ...Object.entries(parts).map(([name, script]) => `P '${name}' {${script}}`),
    "ConvertTo-Json -Compress -Depth 6 -InputObject @{told=$r;failed=$e}",
  ].join(";");

export const factsScript = (group: FactGroup): string => frame(groups[group]);

/** The collection gives up on a trait before. */
const timeoutMs = 28_000;

/** The records of a part; rejects when that part failed. */
export async function factsOf<G extends FactGroup>(
  host: ReadHost,
  { once }: Asking,
  group: G,
): Promise<(part: Part<G>) => readonly unknown[]> {
  const answer = await once(`powershell ${group}`, () =>
    askPowershell(host, factsScript(group), timeoutMs),
  );
  if (!isRecord(answer) || !isRecord(answer["told"]))
    throw new VigoError("failed", `what Windows says of ${group} cannot be read`);
  const { told, failed } = answer;
  return (part) => {
    const why = textOf(failed, part);
    if (why !== "") throw new VigoError("failed", `Windows does not tell ${part}: ${why}`);
    return listOf(told, part);
  };
}
