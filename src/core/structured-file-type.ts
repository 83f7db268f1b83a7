/**
 * What `json_file`, `yaml_file` and `toml_file` have in common: a key in a file of some format is kept at a value. Must not know any
 * format: each brings its editor.
 */
import type { z } from "zod";
import { choice, flag, nested, parameters, path, text, whole, proving } from "./params.ts";
import { defineResource, type Example, type ResourceType } from "./resource.ts";
import { keyPathPattern, parseKeyPath, printKeyPath } from "./text/key-path.ts";
import { editing } from "./tools/edited-file.ts";
import { placeFollows } from "./tools/place.ts";
import { type Editor, isJsonText, valueChange, writeValue } from "./tools/structured-file.ts";

/** `file` describes `target_path`. */
const base = (file: string) => ({
  target_path: path(file),
  state: choice("Absent removes the key.", ["present", "absent"]).default("present"),
  key: text('Where the value is: `a.b[0]`; a name with dots in it as `a["b.c"]`.', {
    pattern: keyPathPattern,
    wanted: 'a dotted key like a.b[0] or a["b.c"]',
  }),
  value: nested(
    "The value: a text, a list or a map. Needed unless `state` is absent.",
  ).exactOptional(),
  value_type: choice(
    "Auto reads numbers, true, false and null in the value as such; text leaves each a text; json reads the value as JSON text.",
    ["auto", "text", "json"],
  ).default("auto"),
  indent: whole("Blanks a level for what is added; as the file has them when not said.", {
    max: 16,
  }).exactOptional(),
  create: flag("Make the file when it is missing.").default(false),
  validate: proving().exactOptional(),
});

const params = (file: string, hasIndent: boolean) => {
  const { indent, ...flat } = base(file);
  return parameters(hasIndent ? { ...flat, indent } : (flat as ReturnType<typeof base>))
    .refine((p) => p.state === "absent" || p.value !== undefined, {
      path: ["value"],
      message: "is required unless state is absent",
    })
    .refine((p) => p.value_type !== "json" || p.value === undefined || isJsonText(p.value), {
      path: ["value"],
      message: "must be JSON text with value_type json",
    });
};

type Params = z.output<ReturnType<typeof params>>;

export interface StructuredFile {
  readonly name: string;
  readonly summary: string;
  /** What `target_path` is. */
  readonly file: string;
  /** Formats without levels have none. */
  readonly hasIndent: boolean;
  readonly editor: Editor;
  readonly examples: readonly Example<Params>[];
}

export const structuredFileType = ({
  file,
  hasIndent,
  editor,
  ...told
}: StructuredFile): ResourceType<Params> =>
  defineResource<Params>({
    ...told,
    platforms: ["linux", "darwin"],
    params: () => params(file, hasIndent),
    lane: editing,
    claims: (p) => [{ id: `file:${p.target_path}`, part: printKeyPath(parseKeyPath(p.key)) }],
    after: (p) => placeFollows(p.target_path),
    judgedBy: (p) => [p.target_path],
    check: (p, host) => valueChange(host, p, editor),
    apply: (p, host) => writeValue(host, p, editor),
  });
