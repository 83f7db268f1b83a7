import { expect, test } from "bun:test";
import fc from "fast-check";
import type { JsonObject } from "../../../src/core/json.ts";
import { assemble, crateVars } from "../../../src/core/policy/assembly.ts";
import { mergeValues } from "../../../src/core/policy/vars.ts";
import { policyOf } from "../../support/policy.ts";

const plain = (value: unknown) => JSON.parse(JSON.stringify(value));

test("maps merge by key, everything else is replaced", () => {
  const under = { a: { x: 1, y: { z: 1 } }, list: [1, 2], text: "t", map: { k: 1 } };
  const over = { a: { y: { w: 2 } }, list: [3], text: { now: "a map" }, map: 5, none: null };
  expect(plain(mergeValues(under, over))).toEqual({
    a: { x: 1, y: { z: 1, w: 2 } },
    list: [3],
    text: { now: "a map" },
    map: 5,
    none: null,
  });
});

const json = fc.dictionary(
  fc.constantFrom("a", "b", "__proto__"),
  fc.jsonValue({ maxDepth: 3 }),
) as fc.Arbitrary<JsonObject>;

test("merging changes neither side, and what is laid over last stays", () => {
  fc.assert(
    fc.property(json, json, (a, b) => {
      const before = plain([a, b]);
      const merged = mergeValues(a, b);
      expect(plain([a, b])).toEqual(before);
      expect(plain(mergeValues(merged, b))).toEqual(plain(merged));
      expect(plain(mergeValues(a, a))).toEqual(plain(a));
    }),
  );
});

test("a configcrate sees its own vars under everybody else's, laid one by one", () => {
  const policy = policyOf({
    "configcrates/a.vgo": "configcrate: a\nvars: { x: { k: 1 }, own: { k: 1 } }\n",
    "roles.vgo": "roles: [{ role: r, configcrates: [a], vars: { x: text, other: 1 } }]\n",
    "envoys.vgo": 'envoys: [{ match: "*", roles: [r], vars: { x: { m: 2 }, own: { m: 2 } } }]\n',
  });
  const [hostcrate] = policy.declared.hostcrates;
  const crate = policy.declared.configcrates.get("a");
  if (hostcrate === undefined || crate === undefined) throw new Error("nothing declared");
  const vars = crateVars(crate, assemble(policy.declared, hostcrate, undefined));
  expect(plain(vars.values)).toEqual({ x: { m: 2 }, own: { k: 1, m: 2 }, other: 1 });
});
