/** The `toml_file` type: one value in a TOML file. Must not touch what stands beside it: order and comments stay. */
import type { z } from "zod";
import { choice, flag, nested, parameters, path, shell, text } from "../params.ts";
import { defineResource } from "../resource.ts";
import { removeToml, setToml, tomlValue } from "../text/toml-edit.ts";
import { keyPathPattern, parseKeyPath, printKeyPath } from "../text/key-path.ts";
import { editing } from "../tools/edited-file.ts";
import { placeFollows } from "../tools/place.ts";
import { type Editor, isJsonText, valueChange, writeValue } from "../tools/structured-file.ts";

const params = () =>
  parameters({
    target_path: path("The TOML file (1.0)."),
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
    create: flag("Make the file when it is missing.").default(false),
    validate: shell(
      "Shell command that proves the new file, `%`, before it takes its place.",
    ).exactOptional(),
  })
    .refine((p) => p.state === "absent" || p.value !== undefined, {
      path: ["value"],
      message: "is required unless state is absent",
    })
    .refine((p) => p.value_type !== "json" || p.value === undefined || isJsonText(p.value), {
      path: ["value"],
      message: "must be JSON text with value_type json",
    });

type Params = z.output<ReturnType<typeof params>>;

const editor: Editor = { read: tomlValue, set: setToml, remove: removeToml };

export const tomlFile = defineResource<Params>({
  name: "toml_file",
  summary: "Keeps one value in a TOML file.",
  platforms: ["linux", "darwin"],
  params,
  lane: editing,
  claims: (p) => [{ id: `file:${p.target_path}`, part: printKeyPath(parseKeyPath(p.key)) }],
  after: (p) => placeFollows(p.target_path),
  judgedBy: (p) => [p.target_path],
  check: (p, host) => valueChange(host, p, editor),
  apply: (p, host) => writeValue(host, p, editor),
  examples: [
    {
      title: "A mirror, in a table of its own",
      params: {
        target_path: "/etc/containers/registries.conf",
        key: "registry[0].mirror",
        value: [{ location: "mirror.example.net" }],
      },
    },
    {
      title: "No such key",
      params: {
        target_path: "/etc/containers/registries.conf",
        key: "short-name-mode",
        state: "absent",
      },
    },
  ],
});
