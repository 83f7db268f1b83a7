/**
 * What a usercrate knows of its account before any machine is asked: as its own `user` resource says, else as Linux has it by
 * habit. Must not know hosts.
 */
import type { JsonObject } from "../json.ts";
import type { Configcrate, Vars } from "./declared.ts";
import { isTemplate } from "./template/template.ts";

export function accountOf({ name: crate, place, resources }: Configcrate): Vars {
  const name = crate.replace(/^~/, "");
  const own = resources.find(
    ({ type, params }) => type.name === "user" && fixed(params, "username") === name,
  );
  const said = (key: string) => (own === undefined ? undefined : fixed(own.params, key));
  const uid = said("uid") ?? (name === "root" ? "0" : undefined);
  const value: JsonObject = {
    name,
    home: said("home") ?? (name === "root" ? "/root" : `/home/${name}`),
    ...(uid === undefined ? {} : { uid: Number(uid) }),
  };
  return new Map([["user", { place, value }]]);
}

/** A parameter as it is written, unless a template decides it. */
function fixed({ entries }: Configcrate["resources"][number]["params"], key: string) {
  const node = entries.get(key)?.value;
  if (node?.kind !== "scalar" || node.value === null || isTemplate(node.source)) return undefined;
  return node.source;
}
