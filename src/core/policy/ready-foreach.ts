/** What `foreach:` says it goes through. Must not know hosts: a var is looked at for each. */
import type { Findings } from "./findings.ts";
import { excerpt, type Node, valueIn } from "./node.ts";
import type { Foreach } from "./policy.ts";
import { withSecrets } from "./secrets.ts";
import { wrongShape } from "./shape.ts";
import { isTemplate } from "./template/template.ts";

/** `inItem`: it stands in a configcrate that is there once for each item, so `item.sites` is below that one. */
export function readyForeach(
  node: Node | undefined,
  inItem: boolean,
  found: Findings,
): Foreach | undefined {
  if (node === undefined) return undefined;
  const { place } = node;
  if (node.kind !== "scalar") return { kind: "values", values: withSecrets(valueIn(node)), place };
  if (isTemplate(node.source)) {
    found.problem("VG506", place, excerpt(node), {
      message: "foreach is never rendered",
      hint: "write the name of the var alone: foreach: sites",
    });
    return undefined;
  }
  const [root, ...rest] = node.source.split(".");
  const below = inItem && root === "item";
  const path = below || (root === "vars" && rest.length > 0) ? rest : node.source.split(".");
  if (node.value !== null && path.every((key) => /^[A-Za-z0-9_-]+$/.test(key)))
    return { kind: below ? "item" : "var", path, place };
  wrongShape(node, "foreach", "the name of a var, a list or a map", found);
  return undefined;
}
