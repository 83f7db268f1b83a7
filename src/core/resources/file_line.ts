/** The `file_line` type: one line of a text file. Must not know the format of the file. */
import type { z } from "zod";
import { choice, flag, parameters, path, text, proving } from "../params.ts";
import { defineResource } from "../resource.ts";
import { type LineWish, withLine, withoutLine } from "../text/file-line.ts";
import type { Lines } from "../text/lines.ts";
import { isPattern, isPosition } from "../text/region.ts";
import { editDifference, editing, type FileEdit, writeEdit } from "../tools/edited-file.ts";
import { placeFollows } from "../tools/place.ts";

const oneLine = { pattern: /^[^\n\r\0]*$/, wanted: "one line" };
const patterns = ["match_pattern", "region_start", "region_end"] as const;

const params = () =>
  parameters({
    target_path: path("Where the file is."),
    line: text(
      "The line as it is to be. Needed unless `state` is absent and `match_pattern` says which lines go.",
      oneLine,
    ).exactOptional(),
    state: choice("Absent removes every such line.", ["present", "absent"]).default("present"),
    match_pattern: text(
      "Regular expression of the lines this one stands for: the first becomes the line, others go unless they are comments.",
      oneLine,
    ).exactOptional(),
    position: text(
      "Where a line goes that replaces none: end, begin, after:PATTERN (the last match) or before:PATTERN (the first).",
      oneLine,
    ).default("end"),
    region_start: text(
      "Regular expression: only what follows the first line that matches is looked at.",
      oneLine,
    ).exactOptional(),
    region_end: text(
      "Regular expression: and only up to the next line that matches.",
      oneLine,
    ).exactOptional(),
    create: flag("Make the file if it is not there.").default(false),
    validate: proving().exactOptional(),
  })
    .refine((p) => p.line !== undefined || (p.state === "absent" && p.match_pattern), {
      path: ["line"],
      message: "is required; with state absent, match_pattern will do",
    })
    .refine((p) => patterns.every((name) => isPattern(p[name])), {
      path: ["match_pattern"],
      message: "match_pattern, region_start and region_end must be regular expressions",
    })
    .refine((p) => isPosition(p.position), {
      path: ["position"],
      message: "must be end, begin, after:PATTERN or before:PATTERN",
    });

type Params = z.output<ReturnType<typeof params>>;

export const fileLine = defineResource<Params>({
  name: "file_line",
  summary: "Keeps one line of a text file.",
  platforms: ["linux", "darwin"],
  params,
  main: "target_path",
  lane: editing,
  claims: (p) => [
    { id: `file:${p.target_path}`, part: `line:${p.match_pattern ?? p.line}${region(p)}` },
  ],
  after: (p) => placeFollows(p.target_path),

  judgedBy: (p) => [p.target_path],
  check: (p, host) => editDifference(host, "line", edit(p)),

  async apply(p, host) {
    const { validate } = p;
    await writeEdit(host, edit(p), validate === undefined ? {} : { validate });
  },

  examples: [
    {
      title: "One line, whatever it was before",
      params: {
        target_path: "/etc/default/grub",
        line: "GRUB_TIMEOUT=1",
        match_pattern: "^#?GRUB_TIMEOUT=",
      },
    },
    {
      title: "In one section only",
      params: {
        target_path: "/etc/app.conf",
        line: "verbose",
        region_start: "^\\[log\\]",
        region_end: "^\\[",
      },
    },
    {
      title: "No such line",
      params: { target_path: "/etc/hosts.allow", match_pattern: "^telnetd:", state: "absent" },
    },
  ],
});

const region = ({ region_start: start, region_end: end }: Params) =>
  start === undefined && end === undefined ? "" : ` in ${start ?? ""}…${end ?? ""}`;

const edit = (p: Params): FileEdit => ({
  path: p.target_path,
  present: p.state === "present",
  create: p.create,
  edit: (doc: Lines) => (isWanted(p) ? withLine(doc, p) : withoutLine(doc, p)),
});

const isWanted = (p: Params): p is Params & LineWish =>
  p.state === "present" && p.line !== undefined;
