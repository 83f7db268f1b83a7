/** The `yaml_file` type: one value in a YAML file. Must not touch what stands beside it: order, quotes and comments stay. */
import { structuredFileType } from "../structured-file-type.ts";
import { removeYaml, setYaml, yamlValue } from "../text/yaml-edit.ts";

export const yamlFile = structuredFileType({
  name: "yaml_file",
  summary: "Keeps one value in a YAML file.",
  file: "The YAML file, with one document in it, of at most 1 MiB.",
  hasIndent: true,
  editor: { read: yamlValue, set: setYaml, remove: removeYaml },
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
