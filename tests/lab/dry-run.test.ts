/**
 * A dry run says exactly what the run then does: each resource ends as it said, with the same changes, diffs and reasons. One policy
 * for what builds on what comes before it, one for what a run cannot do.
 */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import type { RunReport } from "../../src/core/converge/report.ts";
import { applying } from "./applying.ts";
import { aptRepository, aptSource } from "./apt-repository.ts";
import type { LabHost } from "./host.ts";
import { bootHosts, type Lab, noLab } from "./lab.ts";
import { builtVigo } from "./vigo.ts";

const edit = (name: string, type: string, more: string) =>
  `{ name: ${name}, type: ${type}, ${more} }`;
const app = "target_path: /srv/app.conf";

/** What each does is seen by those after it. */
const story: readonly string[] = [
  edit("line", "file_line", `${app}, line: added = 1`),
  edit("key", "key_value", `${app}, key: b, value: '22', separator: ' = '`),
  edit("block", "blockinfile", `${app}, block_content: of the block`),
  edit("words", "replace", `${app}, match_pattern: 'a = \\d+', replacement: 'a = 11'`),
  edit("one", "field_edit", fieldOf("dana")),
  edit("two", "field_edit", fieldOf("eve")),
  edit("quiet", "kernel_parameter", "parameter: quiet"),
  edit("nosmt", "kernel_parameter", "parameter: mitigations, value: 'auto,nosmt'"),
  edit("folder", "directory", "target_path: /srv/new, mode: '2750', group: crew"),
  edit("inside", "file", "target_path: /srv/new/a, content: \"one\\n\", owner: dana, mode: '4755'"),
  edit("copy", "file", "target_path: /srv/new/b, source_path: /srv/new/a"),
  edit("link", "symlink", "target_path: /srv/new/l, to: a"),
  edit("crew", "group", "group: crew, gid: 2500, members: [dana]"),
  edit(
    "dana",
    "user",
    "username: dana, uid: 2000, comment: Dana, password: '$6$s$h', password_max_age: 90, expires: '2030-01-02', authorized_keys: ['ssh-ed25519 AAAAkey dana@home']",
  ),
  edit("system", "user", "username: robot, system: true, shell: /usr/sbin/nologin, locked: true"),
  edit("rc", "file_line", "target_path: /home/dana/.profile, line: umask 077, depends_on: [dana]"),
  edit("sam", "user", "username: sam, shell: /bin/bash, groups: [crew], comment: Sam"),
  edit("notes", "file", 'target_path: /srv/notes, content: "told\\n", notify: [teller]'),
  edit("teller", "exec", "command: 'touch /srv/teller', refresh_only: true, notify: [after]"),
  edit("after", "exec", "command: 'touch /srv/after', refresh_only: true, when: changed"),
];

function fieldOf(name: string): string {
  return `path: /srv/table, line_match: '^ops:', select_field: 4, field_value: ${name}, field_operation: append`;
}

/** What nobody could do, though nothing differs from what could be done but what is in the way. */
const refused: readonly string[] = [
  edit("fixed", "file", "target_path: /srv/fixed, content: other"),
  edit("fixedline", "file_line", "target_path: /srv/fixed2, line: other"),
  edit("readonly", "file", "target_path: /srv/ro/file, content: other"),
  edit("mode", "file", "target_path: /srv/ro/there, mode: '0600'"),
  edit("gone", "file", "target_path: /srv/ro/there2, state: absent"),
  edit("full", "file", `target_path: /srv/full/file, content: '${"x".repeat(20_000)}'`),
  edit("nowhere", "file", "target_path: /srv/nowhere/file, content: x"),
  edit("twice", "user", "username: twice, uid: 1"),
  edit("nogroup", "user", "username: nogroup, group: nosuch"),
  edit("nomember", "group", "group: nomember, members: [nosuch]"),
  edit("gid", "group", "group: gid, gid: 1"),
  edit("tool", "exec", "command: [nosuch-tool, word], creates: /srv/never"),
  edit("stranger", "file", "target_path: /srv/stranger, content: x, owner: nosuch"),
  edit("package", "package", "package: nosuch-vigo, update_cache: false"),
  edit("version", "package", "package: tar, version: '99', update_cache: false"),
];

/** What a package brings is not known before it is there; what depends on that says so, and is no failure. */
const unknown = (url: string): readonly string[] => [
  edit(
    "source",
    "file",
    `target_path: /etc/apt/sources.list.d/x.list, content: "${aptSource(url).trim()}\\n"`,
  ),
  edit("hello", "package", "package: hello-vigo, depends_on: [source]"),
  edit(
    "conf",
    "file_line",
    "target_path: /etc/hello-vigo.conf, line: of ours, depends_on: [hello]",
  ),
  edit("inside", "file", "target_path: /var/lib/hello-vigo/x, content: x, depends_on: [runs]"),
  edit("runs", "service", "service: hello-vigo, enabled: true, depends_on: [conf]"),
  edit(
    "unit",
    "systemd_unit",
    "unit: own.service, sections: { Service: { ExecStart: /bin/sleep infinity }, Install: { WantedBy: multi-user.target } }",
  ),
  edit("own", "service", "service: own, enabled: true"),
];

describe.skipIf(noLab() !== undefined)("a dry run on a real host", () => {
  let lab: Lab;
  let host: LabHost;

  beforeAll(async () => {
    lab = await bootHosts(1, { vigo: builtVigo() });
    host = lab.hosts[0] as LabHost;
    await host.sh(`
      printf 'a = 1\\nb = 2\\n# the end\\n' >/srv/app.conf
      printf 'ops:x:5:\\n' >/srv/table
      mkdir -p /boot/grub
      printf 'GRUB_CMDLINE_LINUX_DEFAULT="splash"\\n' >/etc/default/grub
      printf '#!/bin/sh\\n. /etc/default/grub; echo "linux /vmlinuz ro $GRUB_CMDLINE_LINUX $GRUB_CMDLINE_LINUX_DEFAULT" >"$2"\\n' >/usr/local/sbin/grub-mkconfig
      chmod 755 /usr/local/sbin/grub-mkconfig; grub-mkconfig -o /boot/grub/grub.cfg
      useradd -m sam
      mkdir /srv/ro /srv/full
      mount -t tmpfs -o size=16k tmpfs /srv/full
      mount -t tmpfs tmpfs /srv/ro; touch /srv/ro/there /srv/ro/there2; mount -o remount,ro /srv/ro
      touch /srv/fixed /srv/fixed2; chattr +i /srv/fixed /srv/fixed2`);
  }, 120_000);

  afterAll(async () => {
    await host.sh("chattr -i /srv/fixed /srv/fixed2");
    await lab.end();
  });

  const told = ({ resources }: RunReport, would: string) =>
    resources.map(({ key, outcome, reason, changes }) => ({
      name: key.replace(/^[^/]*\//, ""),
      outcome: outcome === would ? "done" : outcome,
      reason: reason === "would refresh" ? undefined : reason,
      changes,
    }));

  const both = async (crate: string, resources: readonly string[]) => {
    const dry = told(await applying(host)(crate, resources, "--dry-run"), "pending");
    const done = told(await applying(host)(crate, resources), "changed");
    return { dry, done };
  };

  test("of resources that build on one another says what each will find and change", async () => {
    const { dry, done } = await both("story", story);
    expect(dry).toEqual(done);
    expect(done.map(({ outcome }) => outcome)).toEqual(story.map(() => "done"));
  }, 60_000);

  test("says what depends on what is not there yet", async () => {
    const url = await lab.serve(aptRepository(lab.folder("apt"), ["1.0"]));
    const { dry, done } = await both("unknown", unknown(url));
    expect(done.map(({ outcome }) => outcome)).toEqual(unknown("").map(() => "done"));
    expect(dry.map(({ name, outcome, reason }) => [name, outcome, reason])).toEqual([
      ["source", "done", undefined],
      ["hello", "done", "what apt's lists will have is not known before they are fetched"],
      ["conf", "done", "depends on unknown/hello, which is pending"],
      ["runs", "done", "depends on unknown/hello, which is pending"],
      ["inside", "done", "depends on unknown/runs, which is pending"],
      ["unit", "done", undefined],
      ["own", "done", "depends on unknown/unit, which is pending"],
    ]);
    const but = ({ name, changes }: { name: string; changes: unknown }) =>
      name === "conf" ? [] : [[name, changes]];
    expect(dry.flatMap(but)).toEqual(done.flatMap(but));
  }, 60_000);

  test("says what cannot be done, and why", async () => {
    const { dry, done } = await both("refused", refused);
    expect(dry).toEqual(done);
    expect(done.filter(({ outcome }) => outcome === "done")).toEqual([]);
  }, 60_000);
});
