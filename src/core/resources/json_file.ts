/** The `json_file` type: one value in a JSON file. Must not touch what stands beside it: order, blanks and comments stay. */
import { structuredFileType } from "../structured-file-type.ts";
import { jsonValue, removeJson, setJson } from "../text/json-edit.ts";

export const jsonFile = structuredFileType({
  name: "json_file",
  summary: "Keeps one value in a JSON file.",
  file: "The JSON file; comments in it are kept.",
  hasIndent: true,
  editor: { read: jsonValue, set: setJson, remove: removeJson },
  examples: [
    {
      title: "A number, deep in the file",
      params: {
        target_path: "/etc/docker/daemon.json",
        key: "log-opts.max-file",
        value: "3",
        value_type: "text",
        create: true,
      },
    },
    {
      title: "No such key",
      params: {
        target_path: "/etc/docker/daemon.json",
        key: "insecure-registries",
        state: "absent",
      },
    },
  ],
});
