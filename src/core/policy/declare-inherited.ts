/** `common.vgo` and `environments.vgo` taken apart: what a folder gives to all hostcrates below. Must not know which those are. */
import type { Checkin, Common, Environment } from "./declared.ts";
import type { Findings } from "./findings.ts";
import type { Entry, Node } from "./node.ts";
import { durationOf, fieldsOf, flagOf, mapOf, type Shape, textOf, textsOf } from "./shape.ts";
import { declareTables } from "./declare-lookup.ts";
import { checkScalar, declareVars } from "./vars.ts";

export const commonShape = {
  what: "common.vgo",
  keys: ["roles", "configcrates", "usercrates", "vars", "lookups"],
  misplaced: {
    match:
      "common.vgo holds for its whole folder; hostcrates go into another file, e.g. envoys.vgo",
    envoys: "hostcrates go into another file, e.g. envoys.vgo",
    environment: "a hostcrate says its environment",
    resources: "put them into a configcrate and list it under `configcrates:`",
  },
} as const satisfies Shape;

export const environmentShape = {
  what: "an environment",
  keys: ["configcrates", "exclude_configcrates", "vars", "noop", "checkin"],
  misplaced: {
    roles: "an environment lists configcrates; roles stand in hostcrates and common.vgo",
  },
} as const satisfies Shape;

export function declareCommon(file: string, node: Node, found: Findings): Common {
  const fields = fieldsOf(node, commonShape, found);
  return {
    file,
    roles: textsOf(fields.get("roles"), "roles", found),
    configcrates: textsOf(fields.get("configcrates"), "configcrates", found),
    usercrates: textsOf(fields.get("usercrates"), "usercrates", found),
    vars: declareVars(fields.get("vars"), found),
    lookups: declareTables(fields.get("lookups"), (node) => checkScalar(node, found), found),
  };
}

export function declareEnvironments(node: Node, found: Findings): ReadonlyMap<string, Environment> {
  const file = fieldsOf(node, { what: "environments.vgo", keys: ["env"] }, found);
  const block = mapOf(file.get("env"), "env", found);
  return new Map(
    [...(block?.entries ?? [])].map(([name, entry]) => [
      name,
      declareEnvironment(name, entry, found),
    ]),
  );
}

function declareEnvironment(name: string, { place, value }: Entry, found: Findings): Environment {
  const fields = fieldsOf(value, environmentShape, found);
  return {
    name,
    place,
    configcrates: textsOf(fields.get("configcrates"), "configcrates", found),
    excluded: textsOf(fields.get("exclude_configcrates"), "exclude_configcrates", found),
    vars: declareVars(fields.get("vars"), found),
    noop: flagOf(fields.get("noop"), "noop", found),
    checkin: checkinOf(fields.get("checkin"), found),
  };
}

/** `checkin: {interval: 15s, offline_threshold: 2.5x}`. */
export function checkinOf(entry: Entry | undefined, found: Findings): Checkin {
  if (entry === undefined) return {};
  const keys = ["interval", "offline_threshold"];
  const fields = fieldsOf(entry.value, { what: "checkin", keys }, found);
  const intervalMs = durationOf(fields.get("interval"), "interval", found);
  const threshold = textOf(fields.get("offline_threshold"), "offline_threshold", found);
  if (threshold !== undefined && !/^\d+(?:\.\d+)?x$|^\d+(?:s|m|h)$/.test(threshold.value))
    found.problem("VG507", threshold.place, threshold.value, {
      message: `offline_threshold must be a multiple like 2.5x or a time like 10m, not "${threshold.value}"`,
    });
  return {
    ...(intervalMs === undefined ? {} : { intervalMs }),
    ...(threshold === undefined ? {} : { offlineThreshold: threshold.value }),
  };
}
