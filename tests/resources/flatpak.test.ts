import { expect, test } from "bun:test";
import { explain } from "../../src/core/params.ts";
import { flatpak } from "../../src/core/resources/flatpak.ts";
import { cases } from "../support/cases.ts";

const name = "org.example.App";
const list = "flatpak list --system --columns=application,origin";
const flags = "--system --noninteractive --assumeyes";
const given = (rows: string, commands: Record<string, string> = {}) => ({
  files: { "/usr/bin/flatpak": "", "/run/list": rows },
  commands: {
    [list]: (files: Map<string, string>) => files.get("/run/list") ?? "",
    ...Object.fromEntries(
      Object.entries(commands).map(([line, after]) => [
        line,
        (files: Map<string, string>) => {
          files.set("/run/list", after);
          return "";
        },
      ]),
    ),
  },
});
const rows = (origin: string) => `org.example.Platform\tlab\n${name}\t${origin}\n`;

cases(flatpak, {
  installs: {
    given: given("", { [`flatpak install ${flags} lab ${name}`]: rows("lab") }),
    wish: { package: name, remote: "lab" },
    does: [`run flatpak install ${flags} lab ${name}`],
    says: { remote: [undefined, "lab"] },
  },
  "is content with any remote when none is said": {
    given: given(rows("lab")),
    wish: { package: name },
    does: [],
  },
  "moves to another remote": {
    given: given(rows("lab"), {
      [`flatpak install --reinstall ${flags} other ${name}`]: rows("other"),
    }),
    wish: { package: name, remote: "other" },
    does: [`run flatpak install --reinstall ${flags} other ${name}`],
    says: { remote: ["lab", "other"] },
  },
  removes: {
    given: given(rows("lab"), {
      [`flatpak uninstall ${flags} ${name}`]: "org.example.Platform\tlab\n",
    }),
    wish: { package: name, state: "absent" },
    does: [`run flatpak uninstall ${flags} ${name}`],
  },
  "asks which remote, where several have it": {
    given: {
      files: { "/usr/bin/flatpak": "" },
      commands: {
        [list]: "",
        [`flatpak install ${flags} ${name}`]: {
          code: 1,
          stdout: "",
          stderr: "error: No remote chosen to resolve matches for ‘org.example.App’",
        },
      },
    },
    wish: { package: name },
    does: [`run flatpak install ${flags} ${name}`],
    ends: "failed",
    because: "say which with remote",
  },
});

test("refuses what is no identifier", () => {
  const { error } = flatpak.params.safeParse({ package: "firefox" });
  expect(error && explain(error)).toEqual([
    'package: must be an identifier with at least two dots, not "firefox"',
  ]);
});
