import { expect, test } from "bun:test";
import { explain } from "../../src/core/params.ts";
import { replace } from "../../src/core/resources/replace.ts";
import { cases } from "../support/cases.ts";

const conf = "/etc/app.conf";
const wish = { target_path: conf, match_pattern: "^(workers)=\\d$", replacement: "$1=16" };

cases(replace, {
  "replaces all": {
    given: { files: { [conf]: "workers=1\nx\nworkers=2" } },
    wish,
    does: [`write ${conf}`],
    leaves: { [conf]: "workers=16\nx\nworkers=16" },
    says: { text: ["workers=1\nx\nworkers=2", "workers=16\nx\nworkers=16"] },
  },
  "replaces the first": {
    given: { files: { [conf]: "workers=1\nworkers=x\n" } },
    wish: { ...wish, occurrences: "first" },
    does: [`write ${conf}`],
    leaves: { [conf]: "workers=16\nworkers=x\n" },
    says: { text: ["workers=1", "workers=16"] },
  },
  "has nothing to do where nothing matches": {
    given: { files: { [conf]: "workers=16\n" } },
    wish,
    does: [],
  },
  "refuses what would never be done": {
    given: { files: { [conf]: "a\n" } },
    wish: { ...wish, match_pattern: "^a", replacement: "aa" },
    does: [],
    ends: "failed",
    because: `${conf}: the text that was put in matches again`,
  },
  "says that the file is missing": {
    given: {},
    wish,
    does: [],
    ends: "failed",
    because: "not there",
  },
});

test("refuses what is no pattern", () => {
  const { error } = replace.params.safeParse({ ...wish, region_end: "(" });
  expect(error && explain(error)).toEqual([
    "match_pattern: match_pattern, region_start and region_end must be regular expressions",
  ]);
});

test("shares a file, but not a pattern", () => {
  const part = (more: object) =>
    replace.claims(replace.params.parse({ ...wish, ...more }))[0]?.part;
  expect([part({}), part({ region_start: "x" })]).toEqual([
    "replace:^(workers)=\\d$",
    "replace:^(workers)=\\d$ in x",
  ]);
});
