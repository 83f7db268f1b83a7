import { hostname } from "../../src/core/resources/hostname.ts";
import { cases } from "../support/cases.ts";

const running = "/proc/sys/kernel/hostname";
const set = "hostname web1.example.net";
const wish = { hostname: "web1.example.net" };
const commands = {
  [set]: (files: Map<string, string>) => {
    files.set(running, "web1.example.net\n");
    return "";
  },
};

cases(hostname, {
  "sets what is kept and what runs": {
    given: { files: { "/etc/hostname": "old\n", [running]: "old\n" }, commands },
    wish,
    does: ["write /etc/hostname", `run ${set}`],
    leaves: { "/etc/hostname": "web1.example.net\n" },
    says: { kept: ["old", "web1.example.net"], running: ["old", "web1.example.net"] },
  },
  "leaves a right one alone, comments and all": {
    given: {
      files: { "/etc/hostname": "# mine\nweb1.example.net\n", [running]: "web1.example.net\n" },
    },
    wish,
    does: [],
  },
  "mends only what runs": {
    given: { files: { "/etc/hostname": "web1.example.net\n", [running]: "x\n" }, commands },
    wish,
    does: [`run ${set}`],
  },
  "tells what the tool said": {
    given: {
      files: { "/etc/hostname": "web1.example.net\n", [running]: "x\n" },
      commands: { [set]: { code: 1, stdout: "", stderr: "you must be root" } },
    },
    wish,
    does: [`run ${set}`],
    ends: "failed",
    because: "hostname: exit 1: you must be root",
  },
});
