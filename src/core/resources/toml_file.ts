/** The `toml_file` type: one value in a TOML file. Must not touch what stands beside it: order and comments stay. */
import { structuredFileType } from "../structured-file-type.ts";
import { removeToml, setToml, tomlValue } from "../text/toml-edit.ts";

export const tomlFile = structuredFileType({
  name: "toml_file",
  summary: "Keeps one value in a TOML file.",
  file: "The TOML file (1.0).",
  hasIndent: false,
  editor: { read: tomlValue, set: setToml, remove: removeToml },
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
