import { expect, test } from "bun:test";
import { explain } from "../../src/core/params.ts";
import { gsettings } from "../../src/core/resources/gsettings.ts";
import { parseLines, printLines } from "../../src/core/text/lines.ts";
import { pathIn, proof, withSystemDatabase } from "../../src/core/tools/dconf.ts";
import { cases, said } from "../support/cases.ts";
import type { Answer } from "../support/fake-host.ts";

const schemas = "/usr/share/glib-2.0/schemas/all.gschema.xml";
const xml = `<schemalist>
  <schema gettext-domain="x" id="org.gnome.system.proxy" path="/system/proxy/">
    <key name="mode" type="s"/></schema>
</schemalist>`;
const name = "50-vigo-org.gnome.system.proxy.mode";
const key = `/etc/dconf/db/local.d/${name}`;
const lock = `/etc/dconf/db/local.d/locks/${name}`;
const profile = "/etc/dconf/profile/user";
const keyText = "[system/proxy]\nmode='none'\n";
const update: Answer = (files) => {
  files.set("/etc/dconf/db/local", `${files.get("/etc/dconf/db/local") ?? ""}+`);
  return "";
};
const commands = { "dconf update": update, [proof]: "" };
const wish = { schema: "org.gnome.system.proxy", key: "mode", value: "'none'", lock: true };
const stands = {
  [schemas]: xml,
  [key]: keyText,
  [lock]: "/system/proxy/mode\n",
  [profile]: "user-db:user\nsystem-db:local\n",
};

cases(gsettings, {
  "makes all that is needed": {
    given: { files: { [schemas]: xml }, nodes: { "/etc": {} }, commands },
    wish,
    does: [
      "mkdir /etc/dconf",
      "mkdir /etc/dconf/db",
      "mkdir /etc/dconf/db/local.d",
      `write ${key}`,
      "mkdir /etc/dconf/db/local.d/locks",
      `write ${lock}`,
      "mkdir /etc/dconf/profile",
      `write ${profile}`,
      "run dconf update",
    ],
    leaves: stands,
  },
  "leaves alone what stands": {
    given: { files: { ...stands, "/etc/dconf/db/local": "+" }, commands },
    wish,
    does: [],
  },
  "compiles what was not": {
    given: { files: stands, commands },
    wish,
    does: ["run dconf update"],
    says: { compiled: ["an older one", "as declared"] },
  },
  "takes a lock off": {
    given: { files: stands, commands },
    wish: { ...wish, lock: false },
    does: [`remove ${lock}`, "run dconf update"],
  },
  "adds a line to a profile and leaves the others": {
    given: { files: { ...stands, [profile]: "# ours\nuser-db:user\nsystem-db:site\n" }, commands },
    wish,
    does: [`write ${profile}`, "run dconf update"],
    leaves: { [profile]: "# ours\nuser-db:user\nsystem-db:site\nsystem-db:local\n" },
  },
  "takes it away": {
    given: { files: stands, commands },
    wish: { schema: "org.gnome.system.proxy", key: "mode", state: "absent" },
    does: [`remove ${key}`, `remove ${lock}`, "run dconf update"],
    leaves: { [profile]: "user-db:user\nsystem-db:local\n" },
  },
  "goes by the name of a schema that is not there": {
    given: { files: { ...stands, "/etc/dconf/db/local": "+" }, commands },
    wish: { schema: "com.example.App", key: "size", value: "uint32 5" },
    does: ["write /etc/dconf/db/local.d/50-vigo-com.example.App.size", "run dconf update"],
    leaves: {
      "/etc/dconf/db/local.d/50-vigo-com.example.App.size": "[com/example/App]\nsize=uint32 5\n",
    },
  },
  "writes no value that dconf would choke on": {
    given: {
      files: stands,
      commands: { ...commands, [proof]: { code: 1, stdout: "", stderr: "" } },
    },
    wish: { ...wish, value: "none" },
    does: [],
    ends: "failed",
    because: "not valid",
  },
});

test.each([
  [{ schema: "org/gnome" }, "schema: must be the name of a schema"],
  [{ key: "Two Words" }, "key: must be"],
  [{ value: undefined }, "value: is required"],
])("refuses %j", (more, message) => {
  const { error } = gsettings.params.safeParse(said({ ...wish, ...more }));
  expect(error && explain(error)[0]).toStartWith(message);
});

test("finds the place of a schema, and puts the database last", () => {
  expect(pathIn(xml, "org.gnome.system.proxy")).toBe("/system/proxy/");
  expect(pathIn(xml, "org.gnome.system")).toBeUndefined();
  expect(pathIn('<schema id="a.b">', "a.b")).toBeUndefined();
  expect(printLines(withSystemDatabase(parseLines("system-db:site\n")))).toBe(
    "system-db:site\nuser-db:user\nsystem-db:local\n",
  );
});
