import { describe, expect, test } from "bun:test";
import { parseCondition } from "../../../src/core/policy/when/parse.ts";
import { sampleTraits } from "../../support/sample-traits.ts";

const parse = (source: string) => parseCondition(source, sampleTraits);
const good = (source: string) => {
  const found = parse(source);
  if (found.kind === "error") throw new Error(`${source}: ${found.message}`);
  return found;
};

describe("what a condition reads", () => {
  test("vars, with the place of the first, and those it asks for", () => {
    const found = good("has(vars.a) && vars.a > 1 && vars.b['c'] == 'x'");
    expect(found.vars).toEqual([
      { name: "a", offset: 4 },
      { name: "b", offset: 29 },
    ]);
    expect(found.varsAsked).toEqual(["a"]);
  });

  test("trait fields, its own and those of functions", () => {
    const found = good("traits.load.one > 1.0 && version_ge('12') && has(traits.hardware)");
    expect(found.fields).toEqual(["hardware", "load.one", "os.version"]);
    expect(found.sections).toEqual(["hardware", "load", "os"]);
    expect(found.functions).toEqual(["version_ge"]);
  });

  test("a loop's own variable is neither", () => {
    expect(good("vars.list.exists(v, v == vars.x)").vars.map(({ name }) => name)).toEqual([
      "list",
      "x",
    ]);
  });

  test("changed, alone", () => {
    expect(good(" changed ")).toMatchObject({ changed: true, onServer: false });
    expect(parse("true && changed")).toMatchObject({ offset: 8, message: "changed stands alone" });
  });
});

describe("who decides", () => {
  test.each([
    ["true", "server"],
    ["vars.x == 1 && environment == 'live' && role('web') && in_percent(5)", "server"],
    ["os_family('debian') || arch('arm64') || has_systemd()", "server"],
    ["envoy.hostname.startsWith('web-')", "server"],
    ["traits.os.kernel == '6.1'", "traits"],
    ["cpu_count > 2", "traits"],
    ["has(traits.os)", "traits"],
    ["file_exists('/x')", "envoy"],
    ["os_family('debian') && hour_range(1, 5)", "envoy"],
    ["process_running('nginx')", "envoy"],
    ["changed", "envoy"],
  ])("%s: %s", (source, who) => {
    const { onServer, needsEnvoy } = good(source);
    expect(onServer ? "server" : needsEnvoy ? "envoy" : "traits").toBe(who);
  });
});

/** Source, offset, message, hint. */
const refusals: readonly (readonly [string, number, string, string?])[] = [
  ["", 0, "there is no condition", "take `when:` out"],
  ["1 +", 3, "the expression ends too early"],
  ["a = b", 2, "compare with ==, not ="],
  ["true & true", 5, "write &&"],
  ["traits.os.family == 'x", 20, "unterminated string"],
  ["if == 1", 0, "reserved word if"],
  ["traits.os.famly == 'x'", 10, 'unknown field of traits.os "famly"', "did you mean family?"],
  ["traits['oss'].family == 'x'", 7, 'unknown trait "oss"', "did you mean os?"],
  ["true && traits.docker.x", 15, 'unknown trait "docker"', "`vigo cli explain traits` lists them"],
  [
    "traits.hardware.disks > 1",
    16,
    'unknown field of traits.hardware "disks"',
    "it has cpu_count, memory_mb",
  ],
  ["has(traits.os.famly)", 14, 'unknown field of traits.os "famly"', "did you mean family?"],
  ["traits.load.mounts['/'].used > 1.0", 24, 'unknown field of traits.load.mounts[…] "used"'],
  ["envoy.name == 'x'", 6, 'unknown field of envoy "name"', "it has id, hostname"],
  ["has_sytemd", 0, 'unknown name "has_sytemd"', "did you mean has_systemd?"],
  ["os_famly('x')", 0, 'unknown function "os_famly"', "did you mean os_family?"],
  ["size(vars) > 0", 5, "vars is not a value by itself", "name what is in it: vars.NAME"],
  ["traits[vars.x] == 1", 0, "traits is not a value by itself", "name what is in it: traits.NAME"],
  ["os_family(3)", 10, "os_family wants a text here"],
  ["has_enough_ram('2')", 15, "has_enough_ram wants a whole number here"],
  ["os_family()", 0, "os_family takes 1 argument, not 0"],
  ["in_percent(1, 'a', 'b')", 0, "in_percent takes 1 or 2 arguments, not 3"],
  ["environment('live')", 0, "environment takes nothing", "write environment"],
  ["in_percent(101)", 11, "in_percent: a percentage is 0 to 100"],
  ["hour_range(5, 5)", 11, "hour_range: a span from 5 to 5 is never"],
  ["hour_range(-1, 5)", 11, "hour_range: hours are 0 to 24"],
  ["local_time('2:70', '3:00')", 11, 'local_time: a time is written "HH:MM"'],
  ["day_of_week('caturday')", 12, "day_of_week: a day is monday to sunday, or mon to sun"],
  ["file_exists('etc')", 12, "file_exists: the path must be absolute"],
  ["is_vm", 0, "is_vm needs the trait virtualization, which this version does not have"],
  [
    "true || has_display()",
    8,
    "has_display needs the trait display, which this version does not have",
  ],
  [
    "port_listening(22)",
    0,
    "port_listening needs the trait ports, which this version does not have",
  ],
  [
    "package_installed('x')",
    0,
    "package_installed needs the trait packages, which this version does not have",
  ],
  [
    "service_running('x')",
    0,
    "service_running needs the trait services, which this version does not have",
  ],
  [
    "vars.a.matches('(?=x)')",
    15,
    `"(?=x)" is no regular expression of RE2's syntax`,
    "RE2 has no lookaround and no backreferences",
  ],
  [
    "cpu_count",
    0,
    "a condition is true or false, and this is a whole number",
    "compare it with something",
  ],
  ["traits.os.family == 5", 0, "types do not fit: string == int"],
  ["traits.hardware.cpu_count + 0.5 > 2.0", 0, "types do not fit: int + double"],
  ["vars.list.all(x, vars.list.all(y, [1].all(z, z == x)))", 34, "all inside more than 1 other"],
  ["vars.list.all(vars, true)", 14, "vars means something else already", "use another letter"],
  [`${"!".repeat(300)}true`, 200, "nested more than 200 deep", "use a list and `in`"],
  [`${"(".repeat(100)}true${")".repeat(100)}`, 64, "the expression is too long or nested too deep"],
  [`"${"x".repeat(5000)}" == "x"`, 0, "a condition may have 4096 bytes, this one has 5009"],
];

describe("refused", () => {
  test.each(refusals)("%s", (...[source, offset, message, hint]) => {
    const found = parse(source);
    expect(found).toMatchObject({ kind: "error", offset, message });
    if (hint !== undefined) expect(found).toMatchObject({ hint });
  });

  test("4,096 nots are refused, and nothing overflows", () => {
    expect(parse(`${"!".repeat(4092)}true`)).toMatchObject({ kind: "error" });
    expect(parse(`true${" || true".repeat(500)}`)).toMatchObject({ kind: "error" });
  });
});

test("functions are there from the day their trait is", () => {
  expect(good("cpu_count() >= 4 && ram_mb >= 1024").fields).toEqual([
    "hardware.cpu_count",
    "hardware.memory_mb",
  ]);
  expect(parseCondition("cpu_count > 1", [])).toMatchObject({
    message: "cpu_count needs the trait hardware, which this version does not have",
  });
});

test("the same text gives the same object", () => {
  expect(parse("vars.x == 1")).toBe(parse("vars.x == 1"));
});
