/** Values as YAML 1.2 that YAML 1.1 reads alike. Must not know templates; loaded when first used, as the library is big. */
import { stringify } from "yaml";

/**
 * Without the last line end.
 * @public taken with `require`, which the check for unused exports does not follow.
 */
export const toYaml = (value: unknown): string =>
  stringify(value ?? null, { lineWidth: 0, version: "1.1" }).trimEnd();
