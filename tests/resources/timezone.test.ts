import { timezone } from "../../src/core/resources/timezone.ts";
import { cases } from "../support/cases.ts";

const zone = "/usr/share/zoneinfo/Europe/Vienna";
const link = (target: string) => ({ "/etc/localtime": { kind: "symlink" as const, target } });
const wish = { timezone: "Europe/Vienna" };
const turned = [
  `symlink /etc/.vigo-new.localtime ${zone}`,
  "rename /etc/.vigo-new.localtime /etc/localtime",
];

cases(timezone, {
  "sets link and name": {
    given: {
      files: { [zone]: "TZif", "/etc/timezone": "Etc/UTC\n" },
      nodes: link("/usr/share/zoneinfo/Etc/UTC"),
    },
    wish,
    does: [...turned, "write /etc/timezone"],
    leaves: { "/etc/timezone": "Europe/Vienna\n" },
    says: { zone: ["Etc/UTC", "Europe/Vienna"], name: ["Etc/UTC", "Europe/Vienna"] },
  },
  "takes a relative link for what it is": {
    given: {
      files: { "/etc/timezone": "Europe/Vienna\n" },
      nodes: link("../usr/share/zoneinfo/Europe/Vienna"),
    },
    wish,
    does: [],
  },
  "replaces a copy of a zone": {
    given: {
      files: { [zone]: "TZif", "/etc/localtime": "TZif", "/etc/timezone": "Europe/Vienna\n" },
    },
    wish,
    does: turned,
  },
  "makes no name file where there is none": {
    given: { os: { family: "rhel" }, nodes: link(zone) },
    wish,
    does: [],
  },
  "knows only zones that are there": {
    given: { nodes: link("/usr/share/zoneinfo/UTC") },
    wish,
    does: [],
    ends: "failed",
    because: "no time zone Europe/Vienna in /usr/share/zoneinfo (is the name right",
  },
});
