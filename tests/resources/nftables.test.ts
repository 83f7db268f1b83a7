import { expect, test } from "bun:test";
import type { CommandResult } from "../../src/core/host.ts";
import { explain } from "../../src/core/params.ts";
import { nftables } from "../../src/core/resources/nftables.ts";
import { withoutLearned } from "../../src/core/tools/nft.ts";
import { cases } from "../support/cases.ts";
import type { Act } from "../support/fake-host.ts";

const conf = "/etc/nftables.conf";
const include = 'include "/etc/nftables.d/*.nft"';
const own = "/etc/nftables.d/inet-filter.nft";
const kernel = "/kernel";
const content = "chain input { type filter hook input priority 0; }";
const text = `add table inet filter; delete table inet filter; table inet filter {\n${content}\n}\n`;
const listed =
  "table inet filter {\n\tchain input {\n\t\ttype filter hook input priority filter; policy accept;\n\t}\n}\n";
const missing: CommandResult = {
  code: 1,
  stdout: "",
  stderr: "Error: No such file or directory\nlist table inet filter\n",
};
const fails = (stderr: string, code = 1): CommandResult => ({ code, stdout: "", stderr });

/** The kernel's table is a file of the fake machine. */
const list: Act = (files) => files.get(kernel) ?? missing;
const loads = (...texts: readonly (string | undefined)[]): Act => {
  const waiting = [...texts];
  return (files) => {
    const next = waiting.shift();
    if (next === undefined) files.delete(kernel);
    else files.set(kernel, next);
    return "";
  };
};
const commands = {
  "nft --version": "nftables v1.0.6\n",
  "nft -s list table inet filter": list,
  "nft list table inet filter": list,
  "unshare -n sh -c nft -f - && nft -s list ruleset": listed,
};
const wish = { table: "filter", content };
const claim = "nftables:inet:filter";
const noted = `note ${claim}`;
const forgot = `forget ${claim}`;
const load = `run nft -f - < ${text.trim()}`;

cases(nftables, {
  "loads the table and keeps it for the next boot": {
    given: {
      files: { [conf]: "flush ruleset\n" },
      commands: { ...commands, "nft -f -": loads(listed) },
    },
    wish,
    does: [load, "mkdir /etc/nftables.d", `write ${own}`, `write ${conf}`],
    leaves: { [own]: text, [conf]: `flush ruleset\n${include}\n` },
  },
  "leaves a right table alone": {
    given: { files: { [conf]: `${include}\n`, [own]: text, [kernel]: listed }, commands },
    wish,
    does: [],
  },
  "brings back a table that was changed by hand, and only that": {
    given: {
      files: { [conf]: `${include}\n`, [own]: text, [kernel]: listed.replace("accept", "drop") },
      commands: { ...commands, "nft -f -": loads(listed) },
    },
    wish,
    does: [load],
  },
  "writes only the file when just that differs": {
    given: { files: { [conf]: `${include}\n`, [own]: "x", [kernel]: listed }, commands },
    wish,
    does: [`write ${own}`],
  },
  "keeps nothing for the next boot unless told to": {
    given: { commands: { ...commands, "nft -f -": loads(listed) } },
    wish: { ...wish, persist: false },
    does: [load],
  },
  "makes chains of rules": {
    given: { commands: { ...commands, "nft -f -": loads(listed) } },
    wish: {
      table: "filter",
      persist: false,
      rules: ["input type filter hook input priority 0;", "out counter", "input accept"],
    },
    does: [
      "run nft -f - < add table inet filter; delete table inet filter; table inet filter {\n\tchain input {\n\t\ttype filter hook input priority 0;\n\t\taccept\n\t}\n\tchain out {\n\t\tcounter\n\t}\n}",
    ],
  },
  "takes back what cuts the machine off": {
    given: {
      files: { [kernel]: "table inet filter {\n}\n" },
      commands: {
        ...commands,
        "nft -f -": loads(listed, "table inet filter {\n}\n"),
        "ping -c1 server": fails("unreachable"),
      },
    },
    wish: { ...wish, persist: false, verify: "ping -c1 server" },
    does: [
      noted,
      load,
      "run ping -c1 server",
      "run nft -f - < add table inet filter; delete table inet filter\ntable inet filter {\n}",
      forgot,
    ],
    leaves: { [kernel]: "table inet filter {\n}\n" },
    ends: "failed",
    because: "taken back, because afterwards this failed: ping -c1 server: exit 1: unreachable",
  },
  "brings back what was there before a run that was killed while it proved": {
    given: {
      files: { [kernel]: listed },
      notes: { [claim]: JSON.stringify("before") },
      commands: { ...commands, "nft -f -": loads("before"), "ping server": fails("unreachable") },
    },
    wish: { ...wish, persist: false, verify: "ping server" },
    does: ["run ping server", "run nft -f - < before", forgot],
    leaves: { [kernel]: "before" },
    ends: "failed",
    because: "taken back",
  },
  "keeps for the next boot what it could prove at last": {
    given: {
      files: { [conf]: `${include}\n`, [kernel]: listed },
      notes: { [claim]: JSON.stringify("before") },
      commands: { ...commands, "ping server": "" },
    },
    wish: { ...wish, verify: "ping server" },
    does: ["run ping server", forgot, "mkdir /etc/nftables.d", `write ${own}`],
    leaves: { [own]: text },
  },
  "does not begin what it could not bring back": {
    given: {
      files: { [kernel]: "table" },
      commands: {
        ...commands,
        "nft list table inet filter": { code: 0, stdout: "table", stderr: "", truncated: true },
      },
    },
    wish: { ...wish, persist: false, verify: "ping server" },
    does: [],
    ends: "failed",
    because: "the table inet filter is too long to be brought back",
  },
  "says where nft sees the mistake": {
    given: {
      commands: {
        ...commands,
        "unshare -n sh -c nft -f - && nft -s list ruleset": fails(
          "/dev/stdin:3:6-10: Error: Interface does not exist\n iif eth9 accept\n     ^^^^^\n",
        ),
      },
    },
    wish,
    does: [],
    ends: "failed",
    because: "nft does not take the table: line 2:6-10: Error: Interface does not exist",
  },
  "does not let the content leave its table": {
    given: {
      commands: {
        ...commands,
        "unshare -n sh -c nft -f - && nft -s list ruleset": `${listed}table ip nat {\n}\n`,
      },
    },
    wish,
    does: [],
    ends: "failed",
    because: "the content ends its table",
  },
  "removes the table": {
    given: {
      files: { [conf]: `${include}\n`, [own]: text, [kernel]: listed },
      commands: { ...commands, "nft -f -": loads(undefined) },
    },
    wish: { table: "filter", state: "absent" },
    does: ["run nft -f - < delete table inet filter", `remove ${own}`],
    leaves: { [conf]: `${include}\n` },
  },
  "has nothing to remove": {
    given: { commands },
    wish: { table: "filter", state: "absent" },
    does: [],
  },
  "does not know every system's boot": {
    given: { os: { family: "suse", distro: "opensuse-leap" }, commands },
    wish,
    does: [],
    ends: "failed",
    because: "persist: not for opensuse-leap",
  },
});

test("what sets learn by themselves is not compared", () => {
  const learned = (flags: string) =>
    `table inet x {\n\tset s {\n\t\ttype ipv4_addr\n\t\tflags ${flags}\n\t\telements = { 1.2.3.4,\n\t\t\t     5.6.7.8 }\n\t}\n}\n`;
  expect(withoutLearned(learned("dynamic,timeout"))).not.toContain("1.2.3.4");
  expect(withoutLearned(learned("interval"))).toContain("5.6.7.8");
});

test.each([
  [{ table: "x" }, "content: write one of content and rules"],
  [{ table: "x", content: "a", rules: ["b c"] }, "content: write one of content and rules"],
  [{ table: "x", rules: ["input"] }, "rules: must each be a chain's name and a statement"],
])("%j is refused", (params, because) => {
  const { error } = nftables.params.safeParse(params);
  expect(error && explain(error).join()).toContain(because);
});
