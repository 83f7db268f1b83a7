/** Whether a bundle fits the answer that it travels in. Must not know policy, nor the wire beyond its limit. */
import type { Bundle } from "../../../core/bundle/compile.ts";
import { problemAt } from "../../../core/policy/findings.ts";
import type { Problem } from "../../../core/problem.ts";
import { maxMessageBytes } from "../../../core/wire/service.ts";
import type { Envoy } from "../envoys/envoy.ts";

/** The answer of a check-in holds a ticket and a few words beside the body. */
const bodyLimit = maxMessageBytes - 16_384;

/** Nothing where it fits. */
export function tooLarge({ encoded, resolved }: Bundle, { row }: Envoy): readonly Problem[] {
  const { size } = encoded;
  if (size <= bodyLimit) return [];
  const place = { file: "envoys.vgo", line: 1, column: 1 };
  const message = `the bundle of ${row.hostname} has ${size} bytes in ${resolved.resources.length} resources, more than ${bodyLimit}`;
  return [problemAt("VG905", place, row.hostname, { message })];
}
