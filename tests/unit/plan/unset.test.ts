/** A field that an enrolled machine has reported to be without is a mistake in the policy; what may still come is not. */
import { expect, test } from "bun:test";
import type { Subject } from "../../../src/core/policy/model.ts";
import { planOf } from "../../../src/core/plan/planning.ts";
import { unsetIn } from "../../../src/core/plan/unset.ts";
import { policyOf, registries } from "../../support/policy.ts";

const reading = (text: string) =>
  policyOf({
    "envoys.vgo": "envoys: [{ match: 'web-*', configcrates: [a] }]",
    "configcrates/a.vgo": `configcrate: a\nresources:\n  - { name: a, type: file, target_path: /a, content: "${text}" }\n`,
  });
const host = (hostname: string, os?: Readonly<Record<string, string>>): Subject => ({
  id: hostname,
  hostname,
  traits: os === undefined ? {} : { os },
});
const said = (before: string | undefined, after: string, ...hosts: readonly Subject[]) =>
  unsetIn(
    planOf(before === undefined ? undefined : reading(before), reading(after), hosts, registries),
  ).map(({ code, file, line, column, message }) => `${file}:${line}:${column} ${code} ${message}`);

const wants = "{{ traits.os.distro }}";
const place = "configcrates/a.vgo:3:58 VG106";
const bare = { family: "arch" };

test("each place once, with the machines that show it", () => {
  expect(said("x", wants, host("web-1", { distro: "debian" }))).toEqual([]);
  expect(said("x", wants, host("web-1", bare))).toEqual([
    `${place} traits.os.distro is not set for web-1`,
  ]);
  expect(
    said(undefined, wants, host("web-1", bare), host("web-2", bare), host("web-3", bare)),
  ).toEqual([`${place} traits.os.distro is not set for web-1 and 2 more`]);
});

test("what was never reported, and machines that nothing matches, are no mistake of this kind", () => {
  expect(said("x", wants, host("web-1"), host("mail-1", bare))).toEqual([]);
});

test("a machine that has no bundle as it is keeps nobody from publishing", () => {
  expect(said(wants, `y ${wants}`, host("web-1", bare))).toEqual([]);
});
