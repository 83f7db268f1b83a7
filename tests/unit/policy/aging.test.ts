import { expect, test } from "bun:test";
import { compile } from "../../../src/core/bundle/compile.ts";
import { Aging } from "../../../src/core/policy/aging.ts";
import type { Policy } from "../../../src/core/policy/policy.ts";
import { resolve } from "../../../src/core/policy/resolve.ts";
import { registries, treeOf } from "../../support/policy.ts";

test("what is asked for stays, and the rest goes with the second turn", () => {
  const aging = new Aging<object>(10);
  const [one, other] = [aging.of("one", () => ({})), aging.of("other", () => ({}))];
  for (let round = 0; round < 5; round++) {
    aging.turn();
    expect(aging.of("one", () => ({}))).toBe(one);
  }
  expect([...aging.values()]).toEqual([one, one]);
  expect(aging.of("other", () => ({}))).not.toBe(other);
});

test("more than may be kept is made anew", () => {
  const aging = new Aging<object>(2);
  const first = aging.of("1", () => ({}));
  for (const name of ["2", "3"]) aging.of(name, () => ({}));
  expect([...aging.values()]).toHaveLength(1);
  expect(aging.of("1", () => ({}))).not.toBe(first);
});

test("what policies of long ago came to is forgotten, and what they share with the newest is not", () => {
  const after = (workers: number, before?: Policy) => {
    const { policy } = compile(
      treeOf({
        "common.vgo": `vars: { workers: ${workers} }\n`,
        "envoys.vgo":
          "envoys: [{ match: 'a-*', configcrates: [a] }, { match: 'b-*', configcrates: [b] }]\n",
        "configcrates/a.vgo":
          "configcrate: a\nresources: [{ name: f, type: file, target_path: /a, content: '{{ vars.workers }}' }]\n",
        "configcrates/b.vgo":
          "configcrate: b\nresources: [{ name: f, type: file, target_path: /b, content: b }]\n",
      }),
      registries,
      before,
    );
    if (policy === undefined) throw new Error("the tree is not good");
    return policy;
  };
  const listOf = (policy: Policy, hostname: string) => {
    const resolved = resolve(policy, { id: hostname, hostname, traits: {} });
    return resolved.kind === "resolved" ? resolved.resources : [];
  };
  let policy = after(1);
  const [a, b] = [listOf(policy, "a-1"), listOf(policy, "b-1")];
  for (const workers of [2, 3, 4, 5, 1]) {
    policy = after(workers, policy);
    expect(listOf(policy, "b-1")).toBe(b);
    expect(listOf(policy, "a-1")[0]?.params["content"]).toBe(workers as never);
  }
  expect(listOf(policy, "a-1")).toEqual(a);
  expect(listOf(policy, "a-1")).not.toBe(a);
});
