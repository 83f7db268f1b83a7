/**
 * Backups, and programs that are to be as they were made, on a real Debian host; also killed at work: what looks whole is whole, what
 * was brought to rest is woken, and the next run makes good the rest.
 */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { applying } from "./applying.ts";
import { aptRepository, aptSource } from "./apt-repository.ts";
import type { LabHost } from "./host.ts";
import { cut, killsOf, timed } from "./killed.ts";
import { bootHosts, type Lab, noLab } from "./lab.ts";
import { lifeTimeoutMs } from "./life.ts";
import { proven } from "./proof.ts";
import { builtVigo } from "./vigo.ts";

const why = noLab();

describe.skipIf(why !== undefined)("on a real host", () => {
  let lab: Lab;
  let host: LabHost;
  beforeAll(async () => {
    lab = await bootHosts(1, { vigo: builtVigo(), packages: ["rsync"] });
    [host] = lab.hosts as [LabHost];
    const url = await lab.serve(aptRepository(lab.folder("apt"), ["1.0"]));
    await host.put("/etc/apt/sources.list", aptSource(url));
    await host.sh("apt-get -qq update; apt-get -qq -y install hello-vigo >/dev/null");
  }, 300_000);
  afterAll(() => lab?.end());

  /** Outcome, and the fields that changed. */
  const said = async (crate: string, resource: string, ...flags: readonly string[]) => {
    const { resources } = await applying(host)(crate, [resource], ...flags);
    return resources.map(({ outcome, reason, changes }) => ({
      outcome: reason === undefined ? outcome : `${outcome}: ${reason}`,
      changes: changes.map(({ field, from, to, cause }) => [field, from, to, cause]),
    }));
  };

  test("backup: each copy is whole, and takes only what has changed", async () => {
    const wish =
      "{ name: copies, type: backup, source_dir: /srv/data, target_path: /srv/copies, exclude: ['*.tmp'], pre_command: 'echo before >>/srv/log', post_command: 'echo after >>/srv/log' }";
    await host.sh(
      "mkdir -p /srv/data/sub; cd /srv/data; echo old >page; echo same >sub/deep; chmod 640 page; chown games page; echo x >no.tmp; ln -s page link",
    );
    const first = [["newest", undefined, "a new copy", "upstream"]];
    expect(await said("copies", wish, "--dry-run")).toEqual([
      { outcome: "pending", changes: first },
    ]);
    expect(await said("copies", wish)).toEqual([{ outcome: "changed", changes: first }]);
    expect(await said("copies", wish)).toEqual([{ outcome: "ok", changes: [] }]);

    await host.sh(
      "cd /srv/copies; mv 2* 2026-01-01T000000Z; echo new >/srv/data/page; mkdir by-hand .unfinished; echo x >.unfinished/stray",
    );
    const second = [
      ["newest", "2026-01-01T000000Z", "a new copy", "upstream"],
      ["older than kept", "2026-01-01T000000Z", undefined, "upstream"],
    ];
    const kept = wish.replace(" }", ", retain_days: 36500 }");
    expect(await said("copies", kept)).toEqual([
      { outcome: "changed", changes: second.slice(0, 1) },
    ]);
    expect(
      await host.sh(
        "cd /srv/copies; stat -c %a .; cat 2026-01-01*/page; cd $(ls -d 2* | tail -1); ls; cat page; stat -c '%a %U' page; stat -c %h page sub/deep; cat /srv/log",
      ),
    ).toBe("700\nold\nlink\npage\nsub\nnew\n640 games\n1\n2\nbefore\nafter\nbefore\nafter\n");

    await host.sh("cd /srv/copies; mv $(ls -d 2* | tail -1) 2026-01-02T000000Z");
    expect((await said("copies", wish, "--dry-run"))[0]?.changes[1]).toEqual([
      "older than kept",
      "2026-01-01T000000Z, 2026-01-02T000000Z",
      undefined,
      "upstream",
    ]);
    await said("copies", wish);
    expect(await host.sh("ls -A /srv/copies | wc -l; ls -d /srv/copies/by-hand")).toBe(
      "2\n/srv/copies/by-hand\n",
    );
    await said("copies", wish.replace(" }", ", state: absent }"));
    expect(await host.sh("ls -A /srv/copies")).toBe("by-hand\n");
    proven(host, "backup");
  }, 300_000);

  test("file_integrity: what was altered is named, or comes back out of its package", async () => {
    const tool = "/usr/sbin/hello-vigo";
    const digest = (await host.sh(`sha256sum ${tool}`)).slice(0, 64);
    const wish = (what: string, action: string) =>
      `{ name: tools, type: file_integrity, integrity: tools, ${what}, action: ${action} }`;
    const [byDigest, byPackage] = [`manifest: { ${tool}: ${digest} }`, "packages: [hello-vigo]"];
    expect(await said("tools", wish(`${byDigest}, ${byPackage}`, "report"))).toEqual([
      { outcome: "ok", changes: [] },
    ]);

    for (const what of [byDigest, byPackage]) {
      await host.sh(`echo evil >>${tool}; echo mine >/etc/hello-vigo.conf`);
      const [reported] = await said("tools", wish(what, "report"));
      expect(reported?.outcome).toMatch(/^failed: not as they were made: \/usr\/sbin\/hello-vigo/);
      const dry = await said("tools", wish(what, "restore"), "--dry-run");
      const done = await said("tools", wish(what, "restore"));
      expect([dry[0]?.outcome, done[0]?.outcome]).toEqual(["pending", "changed"]);
      expect(done[0]?.changes).toEqual(dry[0]?.changes ?? []);
      expect(await said("tools", wish(what, "restore"))).toEqual([{ outcome: "ok", changes: [] }]);
      expect(await host.sh(`sha256sum ${tool}; cat /etc/hello-vigo.conf`)).toBe(
        `${digest}  ${tool}\nmine\n`,
      );
    }
    proven(host, "file_integrity");
  }, 300_000);

  /** Of the run that mends, as often as asked; later each time. */
  async function killedOften(crate: string, harm: string, ends: () => Promise<void>) {
    await host.sh(harm);
    const whole = await timed(host, crate);
    const kills = killsOf(host, 2);
    for (let round = 0; round < kills; round++) {
      await host.sh(harm);
      const ms = Math.round(whole * (0.15 + (0.85 * round) / Math.max(1, kills - 1)));
      await cut(host, crate, ms, round % 3 !== 2);
      await ends();
    }
  }

  test(
    "backup: killed, it leaves no copy that only looks whole, and nobody at rest",
    async () => {
      const wish =
        "{ name: kept, type: backup, source_dir: /srv/much, target_path: /srv/kept, retain_days: 36500, pre_command: 'touch /srv/rests', post_command: 'rm /srv/rests' }";
      await host.sh("mkdir /srv/much; cd /srv/much; seq 3000 | split -l 1 -a 3; chmod 640 *");
      await said("kept", wish);
      const older =
        "cd /srv/kept; for at in 202[6-9]-*; do [ $at = 2026-01-01T000000Z ] || { rm -rf 2026-01-01T000000Z; mv $at 2026-01-01T000000Z; }; done; chmod 640 2026*/*; echo $$ >>/srv/much/xaaa";
      await killedOften("kept", older, async () => {
        const unlike = "cd /srv/kept; for at in 2*; do diff -rq /srv/much $at || :; done";
        expect(await host.sh(unlike)).toMatch(/^(?:Files .*2026-01-01T000000Z\/xaaa differ\n)?$/);
        // What is set anew meanwhile is not set in the copy before, of which an unfinished one may have the same file.
        await host.sh("chmod 644 /srv/much/*");
        await said("kept", wish);
        await host.sh("chmod 640 /srv/much/*");
        expect(await said("kept", wish)).toEqual([{ outcome: "ok", changes: [] }]);
        const left =
          "cd /srv/kept; ls -A | grep -v ^2 || :; ls /srv/rests 2>/dev/null || :; stat -c %a 2026-01-01T000000Z/* | sort | uniq -c";
        expect((await host.sh(left)).trim()).toBe("3000 640");
      });
    },
    lifeTimeoutMs,
  );

  test(
    "file_integrity: killed, the next run brings the rest back",
    async () => {
      const wish =
        "{ name: whole, type: file_integrity, integrity: whole, packages: [hello-vigo], action: restore }";
      const tool = "/usr/sbin/hello-vigo";
      await said("whole", wish);
      const digest = await host.sh(`sha256sum ${tool}`);
      await killedOften("whole", `echo evil >>${tool}`, async () => {
        const [{ outcome } = { outcome: "none" }] = await said("whole", wish);
        expect(["ok", "changed"]).toContain(outcome);
        expect(await said("whole", wish)).toEqual([{ outcome: "ok", changes: [] }]);
        expect(
          await host.sh(`sha256sum ${tool}; dpkg --audit; dpkg -V hello-vigo | grep -v conf || :`),
        ).toBe(digest);
      });
    },
    lifeTimeoutMs,
  );
});
