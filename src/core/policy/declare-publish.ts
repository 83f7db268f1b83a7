/** A step that publishes, taken apart: to whom first, how long each part is watched. Must not know what is published. */
import { stagesOf } from "../workflows/stages.ts";
import type { PublishStep } from "../workflows/workflow.ts";
import type { Findings } from "./findings.ts";
import { clip, type Entry } from "./node.ts";
import { fieldsOf, flagOf, type Shape, textOf, textsOf } from "./shape.ts";

export const publishShape = {
  what: "publish",
  keys: ["message", "canary", "then", "hold", "gate", "min_ran", "replace"],
} as const satisfies Shape;

type Published = Pick<PublishStep, "message" | "rollout" | "replace">;

/** `publish: true`, or with its stages. */
export function publishIn(entry: Entry | undefined, found: Findings): Published {
  if (entry?.value.kind !== "map") {
    if (!flagOf(entry, "publish", found) && entry !== undefined)
      found.problem("VG302", entry.place, "publish", {
        message: "write publish: true, or publish: {message: TEXT, canary: 5%}",
      });
    return { message: "", replace: false };
  }
  const fields = fieldsOf(entry.value, publishShape, found);
  const written = (key: (typeof publishShape.keys)[number]) =>
    textOf(fields.get(key), key, found)?.value;
  const listed = (key: "then" | "gate") =>
    fields.has(key)
      ? textsOf(fields.get(key), key, found)
          .map(({ value }) => value)
          .join(",")
      : undefined;
  const replace = flagOf(fields.get("replace"), "replace", found);
  const plain = { message: written("message") ?? "", replace };
  const stages = {
    canary: written("canary"),
    more: listed("then"),
    hold: written("hold"),
    gate: listed("gate"),
    minRan: written("min_ran"),
  };
  if (stages.canary === undefined) {
    for (const [key, { place }] of fields)
      if (key !== "message" && key !== "replace")
        found.problem("VG302", place, key, {
          message: `${key} needs canary: 5%, which it is about`,
        });
    return plain;
  }
  const read = stagesOf(stages);
  if ("plan" in read) return { ...plain, rollout: read.plan };
  found.problem("VG302", entry.place, clip(read.message), read);
  return plain;
}
