/** Did-you-mean for every kind of name that policy has: a golden case pins each with its place. */
import { expect, test } from "bun:test";
import { Glob } from "bun";

const root = `${import.meta.dir}/cases`;
const all = (
  await Promise.all(
    [...new Glob("*/expected.json").scanSync(root)].map((file) =>
      Bun.file(`${root}/${file}`).text(),
    ),
  )
).join("\n");

const quoted = String.raw`\\"[^"]+\\"`;
const guess = `(?:, did you mean ${quoted}\\?| ?\\(did you mean [^)]+\\)|\\\\n  hint: did you mean [^"]+\\?)`;
const place = String.raw`"[\w./-]+:\d+:\d+: VG\d+ `;
const line = (words: string) => new RegExp(`${place}${words}${guess}`);

/** What each is called in its message. */
const kinds: Readonly<Record<string, string>> = {
  "a key of a configcrate": `unknown key ${quoted} in a configcrate`,
  "a key of a usercrate": `unknown key ${quoted} in a usercrate`,
  "a key of a role": `unknown key ${quoted} in a role`,
  "a key of a hostcrate": `unknown key ${quoted} in a hostcrate`,
  "a key of a file of hostcrates": `unknown key ${quoted} in a hostcrate file`,
  "a key of checkin": `unknown key ${quoted} in checkin`,
  "a key of common.vgo": `unknown key ${quoted} in common\\.vgo`,
  "a key of environments.vgo": `unknown key ${quoted} in environments\\.vgo`,
  "a key of an environment": `unknown key ${quoted} in an environment`,
  "a key of a lookup": `unknown key ${quoted} in a lookup`,
  "a key of select": `unknown key ${quoted} in select`,
  "a key of compliance.vgo": `unknown key ${quoted} in compliance\\.vgo under configcrates/`,
  "a key of a waiver": `unknown key ${quoted} in a waiver`,
  "a key of a policy test": `unknown key ${quoted} in given`,
  "a key of an expectation": `unknown key ${quoted} in an expectation`,
  "a configcrate": `unknown configcrate ${quoted}`,
  "a role": `unknown role ${quoted}`,
  "a usercrate": `unknown usercrate ${quoted}`,
  "an environment": `nothing is said about environment ${quoted}`,
  "an environment nobody is in": `no hostcrate is in environment ${quoted}`,
  "a family of systems": `no system is of the family ${quoted}`,
  "a resource type": `unknown resource type ${quoted}`,
  "a parameter, or a common attribute": `unknown parameter ${quoted} of file`,
  "a default": `unknown parameter ${quoted} of any resource here`,
  "a word of a closed list": `state: must be one of [^"]+, not ${quoted}`,
  "a resource or configcrate": `unknown resource or configcrate ${quoted}`,
  "a resource of a configcrate": `unknown resource ${quoted} of configcrate \\w+`,
  "a template file": `unknown template file ${quoted}`,
  "a lookup table": `unknown lookup table ${quoted}`,
  "a secret": `there is no secret [\\w/]+`,
  "a var": `vars\\.[\\w.]+ is not set for [^"]+?`,
  "a field of an item": `item\\.[\\w.]+ is not set`,
  "a field of envoy": `unknown field ${quoted} of envoy`,
  "a trait in a template": `unknown trait ${quoted}`,
  "a field of a trait in a template": `unknown field ${quoted} of traits\\.os`,
  "a filter": `unknown filter ${quoted}`,
  "a tag": `unknown tag ${quoted}`,
  "a name in a condition": `unknown name ${quoted}`,
  "a function in a condition": `unknown function ${quoted}`,
  "a field of a trait in a condition": `unknown field of traits\\.os ${quoted}`,
  "a resource in a policy test": `the host has no [\\w/]+`,
  "a named task": `unknown named task ${quoted}`,
};

test.each(Object.entries(kinds))("%s", (_kind, words) => {
  expect(all).toMatch(line(words));
});
