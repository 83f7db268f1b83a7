/**
 * `key_value` in configurations of sshd as nobody should write them, judged by sshd itself: what is in force afterwards for
 * everybody, and for those whom a `Match` is about.
 */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import fc from "fast-check";
import type { LabHost } from "./host.ts";
import { bootHosts, type Lab, noLab } from "./lab.ts";
import { applying } from "./applying.ts";

import { builtVigo } from "./vigo.ts";

const values = {
  PermitRootLogin: ["yes", "no", "forced-commands-only"],
  X11Forwarding: ["yes", "no"],
  MaxAuthTries: ["2", "3", "9"],
  Banner: ["/etc/issue", "none", "/etc/motd"],
  PasswordAuthentication: ["yes", "no"],
  ClientAliveInterval: ["0", "77"],
} as const;
type Key = keyof typeof values;
const keys = fc.constantFrom(...(Object.keys(values) as Key[]));
const wishes = keys.chain((key) =>
  fc.record({ key: fc.constant(key), value: fc.constantFrom<string>(...values[key]) }),
);

const settings = fc
  .record({
    wish: wishes,
    between: fc.constantFrom(" ", "\t", " = ", "=", "  "),
    before: fc.constantFrom("", "", "  ", "\t", "#"),
    as: fc.constantFrom<(text: string) => string>(
      (text) => text,
      (text) => text.toLowerCase(),
      (text) => text.toUpperCase(),
    ),
    spelled: fc.constantFrom<(value: string) => string>(
      (value) => value,
      (value) => `"${value}"`,
      (value) => `'${value}'`,
      (value) => `${value} # why`,
    ),
  })
  .map(({ wish, between, before, as, spelled }) =>
    [before, as(wish.key), between, spelled(wish.value)].join(""),
  );

const conditions = fc.constantFrom(
  "Match User bob",
  'match  user "bob"',
  "Match Group nogroup User eve",
  "Match User !bob,*",
  "Match Address 10.0.0.0/8",
  "Match user=bob",
  "Match all",
  "MATCH ALL # all",
);
const blanks = fc.constantFrom("", "# note", "   ");
/** `DIR` is a folder of each case. */
const includes = fc.constantFrom(
  "Include DIR/d/*.conf",
  "Include DIR/d/20.conf DIR/d/10.conf",
  'Include "DIR/d/1*"',
  "include DIR/*/20.conf",
  "Include=DIR/d/?0.conf",
  "Include DIR/none/*",
);

const text = (...lines: readonly fc.Arbitrary<string>[]) =>
  fc.array(fc.oneof(...lines), { maxLength: 9 }).map((all) => all.map((it) => `${it}\n`).join(""));

const cases = fc.record({
  wish: wishes,
  main: text(settings, settings, conditions, includes, blanks),
  first: text(settings, conditions, blanks),
  second: text(settings, conditions, blanks),
});

const many = process.env["VIGO_TEST_ALL"] === "1" ? 400 : 30;
const samples = fc.sample(cases, { numRuns: many, seed: 7 }).map((it, i) => {
  const dir = `/srv/odd/${i}`;
  const inDir = (config: string) => config.replaceAll("DIR", dir);
  return { ...it, dir, main: inDir(it.main), target: `${dir}/sshd_config` };
});

/** Nobody in particular as `sshd -T` has it, somebody no `Match` names, and those it names. */
const whom = ["", "zed", "bob", "eve"];

describe.skipIf(noLab() !== undefined)("sshd on a real host", () => {
  let lab: Lab;
  let host: LabHost;
  beforeAll(async () => {
    lab = await bootHosts(1, { vigo: builtVigo() });
    [host] = lab.hosts as [LabHost];
    const files = samples.flatMap(({ dir, main, first, second }) =>
      Object.entries({ sshd_config: main, "d/10.conf": first, "d/20.conf": second }).map(
        ([name, config]) => `mkdir -p ${dir}/d; cat >${dir}/${name} <<'END'\n${config}END\n`,
      ),
    );
    await host.put("/srv/make", files.join(""));
    await host.sh("mkdir -p /run/sshd; ssh-keygen -A >/dev/null; sh /srv/make");
  }, 300_000);
  afterAll(() => lab?.end());

  /** Of each case, what sshd says the setting is for each of `whom`. */
  async function inForce(): Promise<readonly (readonly string[])[]> {
    const asks = samples.flatMap(({ target, wish }) =>
      whom.map((user) => {
        const about = user === "" ? "" : `-C user=${user},host=h,addr=10.1.1.1`;
        const line = `grep '^${wish.key.toLowerCase()} ' || echo no answer`;
        return `/usr/sbin/sshd -T -f ${target} ${about} 2>&1 | ${line}\n`;
      }),
    );
    await host.put("/srv/ask", asks.join(""));
    const said = (await host.sh("sh /srv/ask")).trim().split("\n");
    expect(said).toHaveLength(samples.length * whom.length);
    const words = said.map((line) => line.slice(line.indexOf(" ") + 1));
    return samples.map((_, i) => words.slice(i * whom.length, (i + 1) * whom.length));
  }

  test("what was set is in force, what a Match says of somebody stays, and once is enough", async () => {
    const stacks = samples.map(
      ({ wish, target }, i) =>
        `{ name: n${i}, type: key_value, target_path: ${target}, key: ${wish.key}, value: '${wish.value}' }`,
    );
    const before = await inForce();
    const report = await applying(host)("odd", stacks);
    expect(report.resources.filter(({ outcome }) => !/^(?:ok|changed)$/.test(outcome))).toEqual([]);
    const after = await inForce();
    const wrong = samples.flatMap(({ wish, ...config }, i) => {
      const [was = [], is = []] = [before[i], after[i]];
      const right = is.every((it, who) => it === wish.value || (who > 0 && it === was[who]));
      return right ? [] : [{ wish, was, is, config }];
    });
    expect(wrong).toEqual([]);
    const again = await applying(host)("odd", stacks);
    expect(again.resources.filter(({ outcome }) => outcome !== "ok")).toEqual([]);

    // Nothing of this is true by chance: settings were others before, and some people still have their own.
    const values = samples.map(({ wish }) => wish.value);
    expect(before.filter(([was], i) => was !== values[i]).length).toBeGreaterThan(many / 4);
    expect(after.filter(([, , bob], i) => bob !== values[i]).length).toBeGreaterThan(0);
    const changed = report.resources.filter(({ outcome }) => outcome === "changed");
    expect(changed.length).toBeLessThan(many);
  }, 300_000);
});
