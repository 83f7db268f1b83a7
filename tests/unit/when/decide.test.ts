import { describe, expect, test } from "bun:test";
import { VigoError } from "../../../src/core/errors.ts";
import type { ReadHost } from "../../../src/core/host.ts";
import type { Json } from "../../../src/core/json.ts";
import { CannotDecide } from "../../../src/core/policy/when/condition.ts";
import { decideOnEnvoy } from "../../../src/core/policy/when/decide-on-envoy.ts";
import { decideOnServer } from "../../../src/core/policy/when/decide-on-server.ts";
import { parseCondition } from "../../../src/core/policy/when/parse.ts";
import { fakeHost } from "../../support/fake-host.ts";
import { sampleTraits, sampleValues } from "../../support/sample-traits.ts";

const envoy = { id: "6f9619ff-8b86-d011-b42d-00c04fc964ff", hostname: "web-1.example.com" };
const vars: Readonly<Record<string, Json>> = {
  port: 80,
  ratio: 0.5,
  on: true,
  word: "yes",
  list: [1, 2, 3],
  map: { a: 1, b: { c: "d" } },
  none: null,
  big: 2 ** 53,
};

function server(source: string, traits = sampleValues): boolean {
  const condition = parseCondition(source, sampleTraits);
  if (condition.kind === "error") throw new Error(condition.message);
  const roles = ["web"];
  const context = { envoy, traits, vars, roles, environment: "live", types: sampleTraits };
  return decideOnServer(condition, context);
}

interface Machine {
  readonly host?: ReadHost;
  readonly traits?: Readonly<Record<string, Json>>;
  readonly notified?: boolean;
}

const machine = fakeHost({
  files: {
    "/etc/motd": "hi",
    "/proc/7/comm": "nginx\n",
    "/proc/8/comm": "a-program-with-\n",
    "/proc/8/cmdline": "/usr/bin/a-program-with-a-long-name\0-x\0",
    "/proc/9/comm": "python3\n",
    "/proc/self/comm": "nobody\n",
  },
  commands: { true: "", false: { code: 1, stdout: "", stderr: "" } },
}).host;

async function onEnvoy(source: string, { host = machine, ...more }: Machine = {}) {
  const { traits = sampleValues, notified = false } = more;
  const trait = async (section: string) => traits[section];
  const condition = { source, vars, environment: "live", roles: ["web"] };
  return decideOnEnvoy(condition, { envoy, host, trait, notified, types: sampleTraits });
}

/** What holds and what does not, on either side alike. */
const both: readonly (readonly [string, boolean])[] = [
  ["vars.port == 80", true],
  ["vars.port + 1 > 80", true],
  ["vars.port == '80'", false],
  ["vars.ratio * 2.0 == 1.0", true],
  ["vars.on", true],
  ["vars.word.matches('^(yes|no)$')", true],
  ["matches(vars.word, 'x')", false],
  ["size(vars.list) == 3 && 2 in vars.list", true],
  ["vars.list.exists(x, x > 2) && !vars.list.all(x, x > 2)", true],
  ["vars.list.filter(x, x > 1).map(x, x * 2) == [4, 6]", true],
  ["vars.map.b.c == 'd' && 'a' in vars.map", true],
  ["has(vars.map.z)", false],
  ["has(vars.nope) && vars.nope == 1", false],
  ["has(vars.nope) ? false : true", true],
  ["vars.nope || true", true],
  ["vars.none == null", true],
  ["vars.big > 9007199254740991", true],
  ["traits.os.family in ['debian', 'ubuntu']", true],
  ["traits.load.one / traits.load.five == 1.5", true],
  ["traits.hardware.cpu_count / 3 == 1", true],
  ["traits.load.mounts['/'].used_pct > 49.5", true],
  ["traits.load.gateway == null", true],
  ["has(traits.load.note)", false],
  ["traits.os.reboot_reasons.exists(r, r.startsWith('linux'))", true],
  ["os_family('debian') && distro('debian') && arch('amd64')", true],
  ["version_ge('12') && version_ge('9.10') && !version_ge('12.10')", true],
  ["has_systemd && has_systemd()", true],
  ["cpu_count == 4 && ram_mb() > 7000 && has_enough_ram(4096)", true],
  ["environment == 'live' && environment() != 'test'", true],
  ["role('web') && !role('db')", true],
  ["in_percent(100) && !in_percent(0)", true],
  ["envoy.hostname.startsWith('web-') && envoy.id.size() == 36", true],
  ["vars.word == 'yes' ? true : vars.nope", true],
];

describe("true and false", () => {
  test.each([...both])("%s", async (...[source, expected]) => {
    expect(server(source)).toBe(expected);
    expect(await onEnvoy(source)).toBe(expected);
  });
});

const undecided: readonly (readonly [string, string | RegExp])[] = [
  ["vars.nope == 1", "vars.nope is not there; has(vars.nope) asks whether it is"],
  ["vars.map.z.y == 1", "vars.map.z is not there; has(vars.map.z) asks whether it is"],
  [
    "traits.load.note == 'x'",
    "traits.load.note is not there; has(traits.load.note) asks whether it is",
  ],
  ["vars.word", "the condition is neither true nor false"],
  ["vars.word + 1 == 2", "types do not fit: string + int"],
  ["os_family(vars.port)", "os_family wants a text here"],
  ["1 / (vars.port - 80) == 1", "division by zero"],
  ["vars.word.matches(vars.word + '(')", /is no regular expression/],
  ["vars.list[7] == 1", /./],
  ["!vars.nope", /is not there/],
  ["vars.nope && true", /is not there/],
];

describe("cannot be decided, which is not false", () => {
  test.each([...undecided])("%s", async (...[source, reason]) => {
    expect(() => server(source)).toThrow(CannotDecide);
    expect(() => server(source)).toThrow(reason);
    await expect(onEnvoy(source)).rejects.toThrow(reason);
  });

  test("a trait that was never reported, or is not on this machine", async () => {
    expect(() => server("os_family('debian')", {})).toThrow("traits.os.family is not known");
    expect(() => server("traits.os.family == 'x'", {})).toThrow("traits.os is not there");
    expect(server("has(traits.os)", {})).toBe(false);
    await expect(onEnvoy("cpu_count > 1", { traits: {} })).rejects.toThrow(CannotDecide);
  });

  test("a question that fails", async () => {
    const slow: ReadHost = {
      ...machine,
      query: async () => {
        throw new VigoError("unavailable", "no answer after 30 s: pgrep");
      },
    };
    const asked = onEnvoy("command_succeeds('pgrep')", { host: slow });
    await expect(asked).rejects.toThrow("no answer after 30 s: pgrep");
    await expect(asked).rejects.toBeInstanceOf(CannotDecide);
  });

  test("a bug is not hidden behind it", async () => {
    const broken: ReadHost = {
      ...machine,
      query: async () => {
        throw new RangeError("a bug");
      },
    };
    await expect(onEnvoy("command_succeeds('x')", { host: broken })).rejects.toBeInstanceOf(
      RangeError,
    );
  });

  test("what a newer server knows and this agent does not", async () => {
    await expect(onEnvoy("has_wings()")).rejects.toThrow(/too old/);
  });
});

describe("asks the machine", () => {
  test.each([
    ["file_exists('/etc/motd')", true],
    ["file_exists('/nope')", false],
    ["dir_exists('/etc/motd')", false],
    ["command_succeeds('true') && !command_succeeds('false')", true],
    ["process_running('nginx')", true],
    ["process_running('nginy')", false],
    ["process_running('a-program-with-a-long-name')", true],
    ["process_running('a-program-with-another')", false],
    ["vars.list.exists(x, file_exists('/nope')) || file_exists('/etc/motd')", true],
    ["file_exists(vars.nope) || true", true],
  ])("%s", async (...[source, expected]) => {
    expect(await onEnvoy(source)).toBe(expected);
  });

  test("many at once, each with its own answers", async () => {
    const one = (path: string) => fakeHost({ files: { [path]: "" } }).host;
    const source = "vars.list.exists(x, file_exists('/a') && x == 2) && !file_exists('/b')";
    const answers = await Promise.all(
      ["/a", "/b", "/a", "/c"].map((path) => onEnvoy(source, { host: one(path) })),
    );
    expect(answers).toEqual([true, false, true, false]);
  });

  test("changed asks whether it was notified", async () => {
    expect(await onEnvoy("changed", { notified: true })).toBe(true);
    expect(await onEnvoy("changed")).toBe(false);
    expect(await onEnvoy("(cpu_count > 1) && (changed)", { notified: true })).toBe(true);
    expect(await onEnvoy("(cpu_count > 1) && (changed)")).toBe(false);
  });

  test("each section once, and none that is not read", async () => {
    const asked: string[] = [];
    const trait = async (section: string) => {
      asked.push(section);
      return sampleValues[section];
    };
    const source =
      "traits.os.family == 'x' && traits.os.arch == 'y' && has_systemd && cpu_count > 1";
    await decideOnEnvoy(
      { source },
      { envoy, host: machine, trait, notified: false, types: sampleTraits },
    );
    expect(asked.sort()).toEqual(["hardware", "os"]);
  });
});

describe("the clock, in local time", () => {
  /** A Wednesday. */
  const at = (time: string): Machine => {
    const now = new Date(`2026-04-15T${time}:00`);
    return { host: { ...machine, now: () => now } };
  };
  test.each([
    ["hour_range(9, 17)", "08:59", false],
    ["hour_range(9, 17)", "09:00", true],
    ["hour_range(9, 17)", "16:59", true],
    ["hour_range(9, 17)", "17:00", false],
    ["hour_range(22, 6)", "23:30", true],
    ["hour_range(22, 6)", "05:59", true],
    ["hour_range(22, 6)", "06:00", false],
    ["hour_range(20, 24)", "23:59", true],
    ["minute_range(50, 10)", "12:55", true],
    ["minute_range(50, 10)", "12:10", false],
    ["local_time('23:30', '00:15')", "00:14", true],
    ["local_time('23:30', '00:15')", "00:15", false],
    ["local_time('7:05', '24:00')", "07:05", true],
    ["day_of_week('wed') && day_of_week('Wednesday') && !day_of_week('sun')", "12:00", true],
    ["day_of_month(15) && !day_of_month(14)", "12:00", true],
  ])("%s at %s", async (...[source, time, expected]) => {
    expect(await onEnvoy(source, at(time))).toBe(expected);
  });

  test("a span that is a var is checked when it is used", async () => {
    await expect(onEnvoy("local_time(vars.word, '2:00')")).rejects.toThrow('"yes" is not a time');
  });
});

test("the server refuses to guess what only the envoy can tell", () => {
  expect(() => server("file_exists('/x')")).toThrow("the server was asked to decide");
});
