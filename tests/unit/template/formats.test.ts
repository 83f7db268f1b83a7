import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { canonicalJson, type JsonObject } from "../../../src/core/json.ts";
import { networkOf } from "../../../src/core/policy/template/ip-network.ts";
import { compareSemver } from "../../../src/core/policy/template/semver.ts";
import { toToml } from "../../../src/core/policy/template/toml.ts";

describe("semver", () => {
  /** In order, from https://semver.org §11 and around. */
  const rising = [
    "0.9.9",
    "1.0.0-alpha",
    "1.0.0-alpha.1",
    "1.0.0-alpha.beta",
    "1.0.0-beta",
    "1.0.0-beta.2",
    "1.0.0-beta.11",
    "1.0.0-rc.1",
    "1.0.0",
    "1.0.1",
    "1.2",
    "1.10",
    "2.0.0",
    "99999999999999999999.0.0",
  ];
  test("orders them all", () => {
    for (const [i, a] of rising.entries())
      for (const [j, b] of rising.entries())
        expect([a, b, compareSemver(a, b)]).toEqual([a, b, Math.sign(i - j) as -1 | 0 | 1]);
  });
  test("takes a v and leaves out build metadata", () => {
    expect(compareSemver("v1.2.3+b1", "1.2.3+b2")).toBe(0);
    expect(() => compareSemver("1.x", "1")).toThrow('"1.x" is no version like 1.2.3');
  });
});

describe("networks", () => {
  test.each([
    ["10.1.2.3/24", "10.1.2.0/24"],
    ["10.1.2.3/0", "0.0.0.0/0"],
    ["255.255.255.255/32", "255.255.255.255/32"],
    ["2001:db8::1/64", "2001:db8::/64"],
    ["2001:db8:0:0:1:0:0:1/128", "2001:db8::1:0:0:1/128"],
    ["fe80::1/10", "fe80::/10"],
    ["::1/128", "::1/128"],
    ["::ffff:10.0.0.1/128", "::ffff:a00:1/128"],
    ["1:0:2:3:4:5:6:7/128", "1:0:2:3:4:5:6:7/128"],
    ["2001:DB8::1/0", "::/0"],
  ])("%s is in %s", (...[address, network]) => expect(networkOf(address)).toBe(network));

  test.each(["10.1.2.3", "10.1.2.3/33", "10.1.2/24", "::1/129", "x/8", ":::/8"])(
    "%s is none",
    (address) => expect(() => networkOf(address)).toThrow("is no address with a prefix"),
  );

  test("a network is in itself", () => {
    const v4 = fc.tuple(fc.ipV4(), fc.nat(32)).map(([ip, bits]) => `${ip}/${bits}`);
    const v6 = fc.tuple(fc.ipV6(), fc.nat(128)).map(([ip, bits]) => `${ip}/${bits}`);
    fc.assert(
      fc.property(fc.oneof(v4, v6), (address) =>
        expect(networkOf(networkOf(address))).toBe(networkOf(address)),
      ),
    );
  });
});

describe("toml", () => {
  test("tables after values, arrays of tables by name", () => {
    const value = {
      a: { b: 1, c: { d: [] } },
      list: [{ x: 1 }, { y: { z: "é" } }],
      top: true,
      "odd key": [{}, 1],
    };
    expect(toToml(value)).toBe(
      [
        "top = true",
        '"odd key" = [{}, 1]',
        "",
        "[a]",
        "b = 1",
        "",
        "[a.c]",
        "d = []",
        "",
        "[[list]]",
        "x = 1",
        "",
        "[[list]]",
        "[list.y]",
        'z = "é"',
      ].join("\n"),
    );
  });

  test("reads back as it was, by another's parser", () => {
    const leaf = fc.oneof(fc.string({ unit: "binary" }), fc.integer(), fc.boolean());
    const { value } = fc.letrec<{ value: unknown; map: unknown }>((tie) => ({
      value: fc.oneof({ maxDepth: 3 }, leaf, fc.array(tie("value"), { maxLength: 3 }), tie("map")),
      map: fc.dictionary(fc.string({ minLength: 1 }), tie("value"), { maxKeys: 4 }),
    }));
    const map = fc.dictionary(fc.string({ minLength: 1 }), value, {
      maxKeys: 4,
    }) as fc.Arbitrary<JsonObject>;
    fc.assert(
      fc.property(map, (json) => {
        fc.pre(!canonicalJson(json).includes("__proto__"));
        expect(canonicalJson(Bun.TOML.parse(toToml(json)))).toBe(canonicalJson(json));
      }),
    );
  });

  test("has no null", () => {
    expect(() => toToml({ a: null })).toThrow("toml has no null");
    expect(() => toToml([1])).toThrow("toml needs a map at the top");
  });
});
