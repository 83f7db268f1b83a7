/**
 * Rules about single resources that their schema cannot know: an action that nobody notifies, Vigo's own things. As far as the
 * text alone shows; what a template decides is looked at when it is rendered. Must not know hosts.
 */
import type { JsonObject } from "../json.ts";
import { isAction } from "../resource.ts";
import { Clean } from "./clean.ts";
import type { Findings } from "./findings.ts";
import { type Steps, stepsOf } from "../steps.ts";
import { guardrail } from "./guardrails.ts";
import { excerpt, writtenOf } from "./node.ts";
import { fixedParameters } from "./parameters.ts";
import { openIn, readWhole } from "./ready-resource.ts";
import { choicesOf, type Policy, type ReadyCrate, type ReadyResource } from "./policy.ts";

export function* checkResources(policy: Policy, found: Findings): Steps<void> {
  const step = stepsOf("checking resources", policy.crates.size);
  for (const crate of policy.crates.values()) {
    clean.of(crate, policy.registries.resources, [], found, (own) => checkCrate(crate, own));
    yield step();
  }
}

const clean = new Clean<void>();

function checkCrate(crate: ReadyCrate, found: Findings): void {
  for (const resource of crate.resources)
    for (const choice of choicesOf(resource))
      checkResource(choice, crate.when !== undefined, found);
}

function checkResource(resource: ReadyResource, crateDecides: boolean, found: Findings): void {
  const { declared, templates, notified, when } = resource;
  const { type, params, name, place } = declared;
  const fixed = fixedIn(resource);
  const action = isAction(type, fixed);
  if (declared.revert && type.reversal?.kind === "command" && !params.entries.has("on_revert"))
    found.problem("VG702", place, name, {
      message: `${name} is to be reverted, and has no on_revert`,
      hint: "on_revert: is the command that undoes it",
    });
  if (action && !notified && !declared.revert)
    found.problem("VG701", place, name, {
      message: `${name} is an action, and nobody notifies it: it would never be done`,
      hint: `add \`notify: ${name}\` to the resource whose change asks for it`,
    });
  if (when?.changed === true && !notified && !action)
    found.problem("VG701", declared.when?.place ?? place, "changed", {
      message: `${name} waits to be notified, and nobody notifies it`,
      hint: `add \`notify: ${name}\` to the resource whose change asks for it`,
    });
  if (when?.changed === true && !action && crateDecides)
    found.problem("VG502", declared.when?.place ?? place, "changed", {
      message: "changed stands alone, and the configcrate has a condition too",
      hint: "write the configcrate's condition on each of its resources instead",
    });
  const read = templates.size === 0 ? readWhole(resource) : undefined;
  const reason = read && guardrail(type, read);
  if (reason !== undefined)
    found.problem("VG801", place, excerpt(params), { message: `refused: ${reason}` });
}

/** What a type can be asked about before there is a host. */
function fixedIn(resource: ReadyResource): object {
  const { templates, declared } = resource;
  if (declared.type.isAction === undefined) return nothing;
  const read = templates.size === 0 ? readWhole(resource) : undefined;
  if (read !== undefined) return read;
  const written = writtenOf(declared.params) as JsonObject;
  return fixedParameters(declared.type, written, openIn(declared.params, templates));
}

const nothing = {};
