/** Resource types that edit texts, on a real Debian host; where a program reads the text, that program says what is in force. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import fc from "fast-check";
import { parseLines, printLines } from "../../src/core/text/lines.ts";
import { withSetting } from "../../src/core/text/openssh-config.ts";
import type { LabHost } from "./host.ts";
import { bootHosts, type Lab, noLab } from "./lab.ts";
import { applying } from "./applying.ts";
import { lifeTimeoutMs, liveThrough } from "./life.ts";
import { texts, textsGiven } from "./lives/texts.ts";
import { builtVigo } from "./vigo.ts";

/** Configurations of sshd as nobody should write them. */
const oddConfigs = fc.array(
  fc.constantFrom(
    "PermitRootLogin yes",
    "  permitrootlogin\tprohibit-password  ",
    'PermitRootLogin="yes" # for now',
    'PermitRootLogin "no"',
    "#PermitRootLogin forced-commands-only",
    "Match User bob",
    "Match all",
    "Include /srv/ssh.d/*.conf",
    "X11Forwarding yes",
    "",
  ),
  { maxLength: 8 },
);
const included = {
  "/srv/ssh.d/10-a.conf": "# ours\nX11Forwarding no\nMatch User eve\nPermitRootLogin yes\n",
  "/srv/ssh.d/20-b.conf": "PermitRootLogin forced-commands-only\n",
};

const why = noLab();

describe.skipIf(why !== undefined)("on a real host", () => {
  let lab: Lab;
  let host: LabHost;
  let keys: Readonly<Record<string, string>>;
  beforeAll(async () => {
    lab = await bootHosts(1, { vigo: builtVigo() });
    [host] = lab.hosts as [LabHost];
    for (const [path, text] of Object.entries(textsGiven)) await host.put(path, text);
    await host.sh(`
      echo 'Match User git' >>/etc/ssh/sshd_config; echo '  X11Forwarding yes' >>/etc/ssh/sshd_config
      ssh-keygen -q -t ed25519 -N '' -f /srv/key; rm -f /etc/ssh/ssh_known_hosts; ssh-keygen -A`);
    const words = async (path: string) => (await host.sh(`cat ${path}`)).trim().split(" ");
    const [kind, mine] = await words("/srv/key.pub");
    const [, theirs = ""] = await words("/etc/ssh/ssh_host_ed25519_key.pub");
    keys = { PUBLIC: `${kind} ${mine}`, HOSTKEY: theirs };
  }, 300_000);
  afterAll(() => lab?.end());

  const filled = (lines: readonly string[]) =>
    lines.map((line) => line.replace(/PUBLIC|HOSTKEY/g, (word) => keys[word] ?? word));

  for (const [name, life] of Object.entries(texts))
    test(
      name,
      () => liveThrough(host, name, { ...life, wish: filled(life.wish), away: filled(life.away) }),
      lifeTimeoutMs,
    );

  test("whatever stood in its configuration, sshd obeys what was set", async () => {
    const others = Object.entries(included);
    for (const [path, text] of others) await host.put(path, text);
    const texts = fc
      .sample(oddConfigs, { numRuns: 120, seed: 4 })
      .map((it) => `${it.join("\n")}\n`);
    const edited = texts.map((text, i) => {
      const target = `/srv/odd/${100 + i}`;
      const all = [...others, [target, text] as const];
      const files = new Map(all.map(([path, it]) => [path, parseLines(it)]));
      return printLines(withSetting({ files, root: target, target }, "PermitRootLogin", "no"));
    });
    const script = edited.map((text, i) => `cat >/srv/odd/${100 + i} <<'END'\n${text}END\n`);
    await host.sh(`mkdir -p /srv/odd /run/sshd\n${script.join("")}`);
    const asked = `for f in /srv/odd/*; do sshd -T -f $f 2>&1 | grep -e ^permitroot -e line; done`;
    const said = (await host.sh(asked)).trim().split("\n");
    const wrong = said.flatMap((line, i) =>
      line === "permitrootlogin no" ? [] : [[line, texts[i], edited[i]]],
    );
    expect(wrong).toEqual([]);
    expect(said).toHaveLength(texts.length);
  }, 120_000);

  test("what is not ours is as it was", async () => {
    const left = await Promise.all(Object.keys(textsGiven).map((path) => host.get(path)));
    const was = { ...textsGiven, "/srv/app.ini": "; App\n[main]\n\n[log]\nlevel=1\n\n[more]\n" };
    expect(Object.fromEntries(Object.keys(textsGiven).map((path, i) => [path, left[i]]))).toEqual(
      was,
    );
  });

  test("what cannot be done says why, and leaves the file", async () => {
    const before = await host.get("/etc/ssh/sshd_config");
    await host.sh("printf 'a\\377b' >/srv/latin; printf '# BEGIN vigo\\n' >/srv/half");
    const report = await applying(host)("wrong", [
      "{ name: sshd, type: key_value, target_path: /etc/ssh/sshd_config, key: PermitRootLogin, value: perhaps }",
      '{ name: sudo, type: sudoers, sudoers: bad, raw: "this is no rule\\n" }',
      "{ name: rotate, type: logrotate, logrotate: bad, paths: [/var/log/x.log], options: [rotat 4] }",
      "{ name: latin, type: file_line, target_path: /srv/latin, line: x }",
      "{ name: half, type: blockinfile, target_path: /srv/half, block_content: x }",
      "{ name: missing, type: ini, target_path: /srv/none.ini, key: a, value: b }",
    ]);
    expect(report.resources.map(({ outcome, reason = "" }) => `${outcome}: ${reason}`)).toEqual([
      expect.stringMatching(/^failed: .*left as it is: .*unsupported option "perhaps"/s),
      expect.stringMatching(/^failed: .*left as it is: .*syntax error/s),
      expect.stringMatching(/^failed: .*left as it is: .*unknown option 'rotat'/s),
      expect.stringMatching(/^failed: \/srv\/latin is not UTF-8 text/),
      expect.stringMatching(/^failed: \/srv\/half: its markers are not one pair: lines 1/),
      expect.stringMatching(/^failed: \/srv\/none.ini is not there/),
    ]);
    expect(await host.get("/etc/ssh/sshd_config")).toBe(before ?? "");
    expect(await host.exists("/etc/sudoers.d/bad")).toBe(false);
  }, 60_000);
});
