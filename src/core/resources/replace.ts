/** The `replace` type: what matches a pattern in a text file, replaced. Must not know the format of the file. */
import type { z } from "zod";
import { choice, parameters, path, text } from "../params.ts";
import { defineResource } from "../resource.ts";
import { isPattern } from "../text/region.ts";
import { replaced } from "../text/replaced.ts";
import { editDifference, editing, type FileEdit, writeEdit } from "../tools/edited-file.ts";
import { placeFollows } from "../tools/place.ts";

const line = { pattern: /^[^\n\r\0]*$/, wanted: "one line" };
const patterns = ["match_pattern", "region_start", "region_end"] as const;

const params = () =>
  parameters({
    target_path: path("Where the file is."),
    match_pattern: text(
      "Regular expression of what is replaced; `^` and `$` are ends of lines, `\\n` joins lines.",
      { pattern: /^[^\r\0]+$/, wanted: "a regular expression" },
    ),
    replacement: text(
      "What comes instead; `$1`, `$<name>` and `$&` stand for what matched, `$$` for a dollar. It must not match again.",
      { pattern: /^[^\r\0]*$/, wanted: "a text without carriage returns" },
    ),
    occurrences: choice("All of them, or only the first.", ["all", "first"]).default("all"),
    region_start: text(
      "Regular expression: only what follows the first line that matches is looked at.",
      line,
    ).exactOptional(),
    region_end: text(
      "Regular expression: and only up to the next line that matches.",
      line,
    ).exactOptional(),
  }).refine((p) => patterns.every((name) => isPattern(p[name])), {
    path: ["match_pattern"],
    message: "match_pattern, region_start and region_end must be regular expressions",
  });

type Params = z.output<ReturnType<typeof params>>;

export const replace = defineResource<Params>({
  name: "replace",
  summary: "Replaces what matches a pattern in a text file.",
  platforms: ["linux", "darwin"],
  params,
  main: "target_path",
  lane: editing,
  claims: (p) => [
    {
      id: `file:${p.target_path}`,
      part: `replace:${[p.match_pattern, p.region_start, p.region_end].filter(Boolean).join(" in ")}`,
    },
  ],
  after: (p) => placeFollows(p.target_path),

  judgedBy: (p) => [p.target_path],
  check: (p, host) => editDifference(host, "text", edit(p)),
  apply: (p, host) => writeEdit(host, edit(p)),

  examples: [
    {
      title: "Another mirror, everywhere",
      params: {
        target_path: "/etc/apt/sources.list",
        match_pattern: "http://deb\\.debian\\.org/",
        replacement: "https://mirror.example.com/",
      },
    },
    {
      title: "With what matched",
      params: {
        target_path: "/etc/app.conf",
        match_pattern: "^(workers)\\s*=\\s*\\d$",
        replacement: "$1 = 16",
      },
    },
  ],
});

const edit = (p: Params): FileEdit => ({
  path: p.target_path,
  present: true,
  create: false,
  edit: (doc) => replaced(doc, p),
});
