/** The traits of this machine, collected now. Reads and writes no state: works on any machine, enrolled or not. */
import { collectTraits } from "../../core/collect.ts";
import { unknownWord } from "../../core/did-you-mean.ts";
import { VigoError } from "../../core/errors.ts";
import type { ReadHost } from "../../core/host.ts";
import type { Json } from "../../core/json.ts";
import { traits } from "../../core/traits/index.ts";
import type { AgentContext } from "./command.ts";
import { thisMachine } from "./enforcement.ts";

/** All, or one by its name (`os`), or one field of it (`os.distro`). Null: this machine has no such thing. */
export async function showTraits(
  { home, log }: Pick<AgentContext, "home" | "log">,
  path: string | undefined,
  host: ReadHost = thisMachine(home),
): Promise<Json> {
  const [name, ...fields] = path?.split(".") ?? [];
  if (name !== undefined) assertKnown(name);
  const { sections, failures } = await collectTraits(traits, host, {
    ...(name !== undefined && { only: new Set([name]) }),
  });
  for (const failure of failures)
    log.error("trait not collected", { name: failure.name, reason: failure.reason });
  if (name === undefined)
    return Object.fromEntries(sections.map((section) => [section.name, section.value]));
  const value = sections.find((section) => section.name === name)?.value ?? null;
  return fields.reduce((inside, field) => within(inside, field, path ?? ""), value);
}

function assertKnown(name: string): void {
  const known = traits.map((trait) => trait.name);
  if (known.includes(name)) return;
  throw new VigoError("missing", unknownWord("trait", name, known), {
    hint: `there are ${known.join(", ")}`,
  });
}

function within(value: Json, field: string, path: string): Json {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) {
    const fields = value as { readonly [key: string]: Json };
    if (Object.hasOwn(fields, field)) return fields[field] ?? null;
    throw new VigoError("missing", `${path}: ${unknownWord("field", field, Object.keys(fields))}`);
  }
  throw new VigoError("missing", `${path}: there is no ${field} in it`);
}
