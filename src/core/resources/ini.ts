/** The `ini` type: one key of a file in sections. Must not know the program that reads it. */
import type { z } from "zod";
import { choice, flag, parameters, path, text } from "../params.ts";
import { defineResource } from "../resource.ts";
import { withKey, withoutKey } from "../text/ini.ts";
import { editDifference, editing, type FileEdit, writeEdit } from "../tools/edited-file.ts";
import { placeFollows } from "../tools/place.ts";

const params = () =>
  parameters({
    target_path: path("Where the file is."),
    section: text("Name of the section, without brackets. Left out: before the first section.", {
      pattern: /^[^\s\][\n\r\0](?:[^\][\n\r\0]*[^\s\][\n\r\0])?$/,
      wanted: "the name of a section",
    }).exactOptional(),
    key: text("Name of the key, as it is written.", {
      pattern: /^[^\s#;[=\n\r\0](?:[^=\n\r\0]*[^\s=\n\r\0])?$/,
      wanted: "the name of a key",
    }),
    value: text("Its value, as it is written. Needed unless `state` is absent.", {
      pattern: /^(?:|[^\s\0](?:[^\n\r\0]*[^\s\0])?)$/,
      wanted: "one line without blanks around it",
    }).exactOptional(),
    state: choice("Absent removes the key; its section stays.", ["present", "absent"]).default(
      "present",
    ),
    separator: text(
      "Between key and value in a new line, as `=` or ` = `. A line that is there keeps its blanks.",
      { pattern: /^(?:[ \t]*[=:][ \t]*|[ \t]+)$/, wanted: "= or : with any blanks, or blanks" },
    ).default("="),
    create: flag("Make the file if it is not there.").default(false),
  }).refine(({ state, value }) => state === "absent" || value !== undefined, {
    path: ["value"],
    message: "is required unless state is absent",
  });

type Params = z.output<ReturnType<typeof params>>;

export const ini = defineResource<Params>({
  name: "ini",
  summary: "Keeps one key of a file in sections.",
  platforms: ["linux", "darwin"],
  params,
  main: "target_path",
  lane: editing,
  claims: (p) => [{ id: `file:${p.target_path}`, part: `key:${p.section ?? ""}/${p.key}` }],
  after: (p) => placeFollows(p.target_path),

  judgedBy: (p) => [p.target_path],
  check: (p, host) => editDifference(host, "value", edit(p)),
  apply: (p, host) => writeEdit(host, edit(p)),

  examples: [
    {
      title: "A key of a section",
      params: {
        target_path: "/etc/systemd/journald.conf",
        section: "Journal",
        key: "SystemMaxUse",
        value: "200M",
      },
    },
    {
      title: "No such key",
      params: { target_path: "/etc/app.ini", section: "debug", key: "trace", state: "absent" },
    },
  ],
});

const edit = (p: Params): FileEdit => ({
  path: p.target_path,
  present: p.state === "present",
  create: p.create,
  edit: (doc) =>
    p.state === "present" && p.value !== undefined ? withKey(doc, p, p.value) : withoutKey(doc, p),
});
