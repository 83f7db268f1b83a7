import { expect, test } from "bun:test";
import { locale } from "../../src/core/resources/locale.ts";
import { normalized } from "../../src/core/tools/locale.ts";
import { cases } from "../support/cases.ts";
import type { Answer, FakeInit } from "../support/fake-host.ts";

const gen = "# List\n# de_AT ISO-8859-1\n# de_AT.UTF-8 UTF-8\nen_US.UTF-8 UTF-8\n";
const conf = "/etc/default/locale";
const makes: Answer = (files) => {
  files.set("locales", `${files.get("locales")}de_AT.utf8\n`);
  return "";
};
const machine = (files: Readonly<Record<string, string>>, locales = ""): FakeInit => ({
  files: { "/etc/locale.gen": gen, locales: `C\nC.utf8\nPOSIX\n${locales}`, ...files },
  commands: {
    "locale -a": (all) => all.get("locales") ?? "",
    "localedef -i de_AT -f UTF-8 de_AT.UTF-8": makes,
    "localedef --delete-from-archive de_AT.utf8": (all) => {
      all.set("locales", "C\n");
      return "";
    },
  },
});
const wish = { locale: "de_AT.UTF-8" };
const made = gen.replace("# de_AT.UTF-8", "de_AT.UTF-8");

cases(locale, {
  "makes it and keeps it in the list": {
    given: machine({}),
    wish,
    does: ["write /etc/locale.gen", "run localedef -i de_AT -f UTF-8 de_AT.UTF-8"],
    leaves: { "/etc/locale.gen": made, [conf]: undefined },
    says: {
      generated: ["false", "true"],
      "locale.gen": ["# de_AT.UTF-8 UTF-8", "de_AT.UTF-8 UTF-8"],
    },
  },
  "makes it the default, and leaves what else is said there": {
    given: machine(
      { "/etc/locale.gen": made, [conf]: "# ours\nLANG=C\nLC_TIME=en_GB.UTF-8\n" },
      "de_AT.utf8\n",
    ),
    wish: { ...wish, lang: true },
    does: [`write ${conf}`],
    leaves: { [conf]: "# ours\nLANG=de_AT.UTF-8\nLC_TIME=en_GB.UTF-8\n" },
    says: { lang: ["LANG=C", "LANG=de_AT.UTF-8"] },
  },
  "leaves alone what stands, quoted or not": {
    given: machine({ "/etc/locale.gen": made, [conf]: 'LANG="de_AT.UTF-8"\n' }, "de_AT.utf8\n"),
    wish: { ...wish, lang: true },
    does: [],
  },
  "puts a name that is not in the list at its end": {
    given: machine({ "/etc/locale.gen": "en_US.UTF-8 UTF-8\n" }, "de_AT.utf8\n"),
    wish,
    does: ["write /etc/locale.gen"],
    leaves: { "/etc/locale.gen": "en_US.UTF-8 UTF-8\nde_AT.UTF-8 UTF-8\n" },
  },
  "keeps no list where there is none": {
    given: {
      os: { family: "rhel", distro: "rocky" },
      files: { locales: "" },
      commands: machine({}).commands ?? {},
    },
    wish: { ...wish, lang: true },
    does: ["write /etc/locale.conf", "run localedef -i de_AT -f UTF-8 de_AT.UTF-8"],
    leaves: { "/etc/locale.conf": "LANG=de_AT.UTF-8\n" },
  },
  "takes it away, from the default too": {
    given: machine({ "/etc/locale.gen": made, [conf]: "LANG=de_AT.UTF-8\n" }, "de_AT.utf8\n"),
    wish: { ...wish, state: "absent" },
    does: [
      `write ${conf}`,
      "write /etc/locale.gen",
      "run localedef --delete-from-archive de_AT.utf8",
    ],
    leaves: { [conf]: "", "/etc/locale.gen": gen },
  },
  "leaves another default where it takes a locale away": {
    given: machine({ [conf]: "LANG=en_US.UTF-8\n" }),
    wish: { ...wish, state: "absent" },
    does: [],
  },
  "has nothing to make of what the C library brings": {
    given: machine({}),
    wish: { locale: "C.UTF-8", lang: true },
    does: [`write ${conf}`],
  },
  "makes nothing when told": {
    given: machine({}),
    wish: { ...wish, generate: false, lang: true },
    does: [`write ${conf}`],
  },
  "says that its sources are missing": {
    given: {
      ...machine({}),
      commands: {
        "locale -a": "C\n",
        "localedef -i de_AT -f UTF-8 de_AT.UTF-8": {
          code: 4,
          stdout: "",
          stderr: "[error] cannot open locale definition file `de_AT': No such file or directory",
        },
      },
    },
    wish,
    does: ["write /etc/locale.gen", "run localedef -i de_AT -f UTF-8 de_AT.UTF-8"],
    ends: "failed",
    because: "its sources are not on this machine (declare the package",
  },
  "is not for a C library without locales": {
    given: {
      os: { family: "alpine", distro: "alpine" },
      commands: { "locale -a": { code: 127, stdout: "", stderr: "" } },
    },
    wish,
    does: [],
    ends: "failed",
    because: "not for alpine",
  },
});

test("knows a locale by both of its spellings", () => {
  expect(normalized("de_AT.UTF-8@euro")).toBe("de_AT.utf8@euro");
  expect(normalized("de_DE.ISO-8859-15")).toBe("de_DE.iso885915");
});
