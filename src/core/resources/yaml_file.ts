/** The `yaml_file` type: one value in a YAML file. Must not touch what stands beside it: order, quotes and comments stay. */
import type { z } from "zod";
import { choice, flag, nested, parameters, path, shell, text, whole } from "../params.ts";
import { defineResource } from "../resource.ts";
import { removeYaml, setYaml, yamlValue } from "../text/yaml-edit.ts";
import { keyPathPattern, parseKeyPath, printKeyPath } from "../text/key-path.ts";
import { editing } from "../tools/edited-file.ts";
import { placeFollows } from "../tools/place.ts";
import { type Editor, isJsonText, valueChange, writeValue } from "../tools/structured-file.ts";

const params = () =>
  parameters({
    target_path: path("The YAML file, with one document in it, of at most 1 MiB."),
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

const editor: Editor = { read: yamlValue, set: setYaml, remove: removeYaml };

export const yamlFile = defineResource<Params>({
  name: "yaml_file",
  summary: "Keeps one value in a YAML file.",
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
      title: "A list, wherever it stands",
      params: {
        target_path: "/etc/prometheus/prometheus.yml",
        key: "scrape_configs[0].static_configs[0].targets",
        value: ["localhost:9090", "localhost:9100"],
      },
    },
    {
      title: "No such key",
      params: {
        target_path: "/etc/netplan/01-lan.yaml",
        key: "network.ethernets.eth1",
        state: "absent",
      },
    },
  ],
});
