import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import type { Json } from "../../../src/core/json.ts";
import { sayTo } from "../../../src/core/query/answer.ts";
import { Groups } from "../../../src/core/query/groups.ts";
import { parseQuery } from "../../../src/core/query/parse.ts";
import { traits as types } from "../../../src/core/traits/index.ts";

const groupsOf = (text: string) => new Groups(parseQuery(text, types));

describe("what is made of many answers", () => {
  test("all of them in one row", () => {
    const groups = groupsOf(
      "count(), count(memory.used_pct), sum(memory.used_pct), avg(memory.used_pct), min(memory.used_pct), max(memory.used_pct)",
    );
    for (const value of [10, null, 40]) expect(groups.add([value])).toBeUndefined();
    expect(groups.rows()).toEqual([[3, 2, 50, 25, 10, 40]]);
  });

  test("nobody answered: nothing is the sum of nothing", () => {
    expect(groupsOf("count(), sum(memory.used_pct), avg(memory.used_pct)").rows()).toEqual([
      [0, null, null],
    ]);
    expect(groupsOf("count() group by os.distro").rows()).toEqual([]);
  });

  test("by what they have in common, in order", () => {
    const groups = groupsOf("count(), max(os.version) group by os.distro, hardware.cpu_count");
    const rows: readonly (readonly Json[])[] = [
      ["ubuntu", 4, "24.04"],
      ["debian", 16, "12"],
      ["debian", 2, "13"],
      ["debian", 16, "13"],
      [null, 2, null],
    ];
    for (const row of rows) groups.add(row);
    expect(groups.rows()).toEqual([
      ["debian", 2, 1, "13"],
      ["debian", 16, 2, "13"],
      ["ubuntu", 4, 1, "24.04"],
      [null, 2, 1, null],
    ]);
  });

  test("by lists and maps as well", () => {
    const groups = groupsOf("count() group by services.failed");
    for (const failed of [["a", "b"], [], ["a", "b"], ["b", "a"]]) groups.add([failed]);
    expect(groups.rows().map(([, count]) => count)).toEqual([2, 1, 1]);
  });

  test("what is no number is told, and counts nowhere", () => {
    const groups = groupsOf("count(), sum(custom.rack)");
    expect(groups.add(["twelve"])).toBe("its custom.rack is not a number");
    expect(groups.add([{ a: 1 }])).toBe("its custom.rack is not a number");
    groups.add([12]);
    expect(groups.rows()).toEqual([[1, 12]]);
    const least = groupsOf("min(custom.rack)");
    least.add([3]);
    expect(least.add(["three"])).toBe("its custom.rack is a string, and others' a number");
    expect(least.rows()).toEqual([[3]]);
  });

  test("not more than anybody reads", () => {
    const groups = groupsOf("count() group by os.machine_id");
    for (let n = 0; n < 10_000; n++) groups.add([`m${n}`]);
    expect(groups.add(["one more"])).toContain("more than 10000 groups");
    expect(groups.add(["m7"])).toBeUndefined();
  });

  test("agrees with a plain computation, for any numbers in any groups", () => {
    const machines = fc.array(
      fc.tuple(
        fc.constantFrom("a", "b", "c"),
        fc.option(fc.integer({ min: -1_000, max: 1_000 }), { nil: null }),
      ),
      { maxLength: 40 },
    );
    fc.assert(
      fc.property(machines, (all) => {
        const groups = groupsOf(
          "count(), count(loadavg.one), sum(loadavg.one), avg(loadavg.one), min(loadavg.one), max(loadavg.one) group by os.distro",
        );
        for (const values of all) groups.add(values);
        const expected = [...new Set(all.map(([name]) => name))].sort().map((name) => {
          const own = all.filter(([other]) => other === name);
          const numbers = own.flatMap(([, value]) => value ?? []);
          const sum = numbers.reduce((total, value) => total + value, 0);
          const of = numbers.length;
          return of === 0
            ? [name, own.length, 0, null, null, null, null]
            : [name, own.length, of, sum, sum / of, Math.min(...numbers), Math.max(...numbers)];
        });
        expect(groups.rows()).toEqual(expected);
      }),
    );
  });
});

describe("what one machine says", () => {
  const envoy = { id: "id", hostname: "web-1" };
  const told = { os: { distro: "debian" }, memory: { used_pct: 40 } };
  const say = (text: string) => sayTo(parseQuery(text, types), { envoy, traits: told, types });

  test("its values, and null for what it has not", async () => {
    expect(await say("os.distro, memory.used_pct, cloud.provider, services.failed[3]")).toEqual({
      kind: "values",
      values: ["debian", 40, null, null],
    });
  });

  test("whether it is meant", async () => {
    expect(await say('where traits.os.distro == "debian" select os.distro')).toEqual({
      kind: "values",
      values: ["debian"],
    });
    expect((await say('where traits.os.distro == "suse"')).kind).toBe("passed over");
    expect((await say('where envoy.hostname.startsWith("web-")')).kind).toBe("values");
    expect((await say("where has(traits.cloud) select os.distro")).kind).toBe("passed over");
  });

  test("why it cannot say", async () => {
    expect(await say('where traits.cloud.provider == "aws"')).toEqual({
      kind: "undecided",
      reason: expect.stringContaining("cloud"),
    });
  });

  test("nothing but traits, whatever it is asked", async () => {
    const where = 'file_exists("/etc/passwd")';
    const said = await sayTo({ where, paths: [] }, { envoy, traits: told, types });
    expect(said).toMatchObject({ kind: "undecided" });
  });
});
