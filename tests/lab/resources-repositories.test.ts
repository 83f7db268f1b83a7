/**
 * Repositories with their keys, packages and software from no repository, and what is installed beyond what is declared: on real
 * hosts, by the real tools.
 */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { createHash } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { aptRepository } from "./apt-repository.ts";
import { asRedhat, asSuse } from "./foreign-packages.ts";
import type { LabHost } from "./host.ts";
import { Lab, noLab } from "./lab.ts";
import { applying, type Life, liveThrough } from "./life.ts";
import { signIndex, signingKey } from "./signed-repository.ts";
import { builtVigo } from "./vigo.ts";

/** URL, FPR and SHA stand for what is known once the lab is there. */
type Known = Readonly<Record<"URL" | "FPR" | "SHA", string>>;
const filled = (life: Life, known: Known): Life =>
  JSON.parse(
    JSON.stringify(life).replace(/\b(?:URL|FPR|SHA)\b/g, (word) => known[word as keyof Known]),
  ) as Life;

const candidate = "apt-cache policy hello-vigo | sed -n 's/^  Candidate: //p'";

const debianLives: Readonly<Record<string, Life>> = {
  "repository, signed, as a stanza": {
    wish: [
      "{ name: lab, type: repository, repository: lab, repo: 'deb URL ./', key_url: 'URL/key.asc', key_fingerprint: FPR, priority: 990 }",
      "{ name: hello, type: package, package: hello-vigo, depends_on: lab }",
    ],
    ask: `cat /etc/apt/sources.list.d/lab.sources; stat -c %a /etc/apt/keyrings/lab.gpg; dpkg -s hello-vigo | grep ^Version; apt-cache policy | grep -c 'release.*o=Lab'; ${candidate}`,
    stands:
      "Types: deb\nURIs: URL\nSuites: ./\nSigned-By: /etc/apt/keyrings/lab.gpg\n644\nVersion: 1.1\n1\n1.1\n",
    harm: "echo x >/etc/apt/keyrings/lab.gpg; sed -i s/deb/deb-src/ /etc/apt/sources.list.d/lab.sources; rm /etc/apt/preferences.d/lab.pref; chmod 600 /etc/apt/sources.list.d/lab.sources",
    found: ["lab"],
    away: [
      "{ name: lab, type: repository, repository: lab, state: absent }",
      "{ name: hello, type: package, package: hello-vigo, state: absent, purge: true }",
    ],
    gone: "ls /etc/apt/sources.list.d/lab* /etc/apt/keyrings/lab* /etc/apt/preferences.d/lab* 2>/dev/null",
  },
  "repository, as a line, unused": {
    wish: [
      "{ name: lab, type: repository, repository: lab, repo: 'deb [trusted=yes] URL ./', format: list, enabled: false }",
    ],
    ask: "cat /etc/apt/sources.list.d/lab.list; apt-get -q update 2>&1 | grep -c URL || true",
    stands: "# deb [trusted=yes] URL ./\n0\n",
    harm: "sed -i 's/^# //' /etc/apt/sources.list.d/lab.list",
    found: ["lab"],
    away: ["{ name: lab, type: repository, repository: lab, state: absent }"],
    gone: "ls /etc/apt/sources.list.d/lab* 2>/dev/null",
  },
  nonrepo_package: {
    wish: [
      "{ name: hello, type: nonrepo_package, package: hello-vigo, version: '1.0', url: 'URL/hello-vigo_1.0_all.deb', sha256: SHA }",
    ],
    ask: "dpkg -s hello-vigo | grep ^Version; ls /var/cache/vigo-packages",
    stands: "Version: 1.0\n",
    harm: "dpkg -i /srv/new.deb",
    found: ["hello"],
    away: [
      "{ name: hello, type: nonrepo_package, package: hello-vigo, state: absent, purge: true }",
    ],
    gone: "dpkg -s hello-vigo 2>/dev/null | grep ^Version",
  },
  "source_package, a program out of a release": {
    wish: [
      "{ name: tool, type: source_package, target_path: /usr/local/bin/tool, url: 'URL/tool-1.4.tar.gz', binary_path: bin/tool, version: '1.4', owner: daemon, mode: '0750' }",
    ],
    ask: "/usr/local/bin/tool; stat -c '%a %U' /usr/local/bin/tool; ls /usr/local/bin",
    stands: "tool 1.4\n750 daemon\ntool\n",
    harm: "echo 'echo evil' >/usr/local/bin/tool; chmod 777 /usr/local/bin/tool; chown root /usr/local/bin/tool",
    found: ["tool"],
    away: ["{ name: tool, type: source_package, target_path: /usr/local/bin/tool, state: absent }"],
    gone: "ls -A /usr/local/bin",
  },
  "source_package, a tree": {
    wish: [
      "{ name: tree, type: source_package, target_path: /opt/tool, artifact: /srv/tool-1.4.tar.gz, version: '1.4', owner: daemon }",
    ],
    ask: "cd /opt/tool; find . -printf '%p %u\n' | sort; bin/tool",
    stands: ". daemon\n./bin daemon\n./bin/tool daemon\n./readme daemon\ntool 1.4\n",
    harm: "rm /opt/tool/readme; chown root /opt/tool",
    found: ["tree"],
    away: ["{ name: tree, type: source_package, target_path: /opt/tool, state: absent }"],
    gone: "ls -dA /opt/tool /opt/.vigo* 2>/dev/null",
  },
  flatpak: {
    wish: ["{ name: app, type: flatpak, package: org.vigo.Hello, remote: lab }"],
    ask: "flatpak list --system --columns=application,origin | grep Hello",
    stands: "org.vigo.Hello\tlab\n",
    harm: "flatpak install --system --noninteractive --assumeyes --reinstall other org.vigo.Hello",
    found: ["app"],
    away: ["{ name: app, type: flatpak, package: org.vigo.Hello, state: absent }"],
    gone: "flatpak list --system --columns=application | grep Hello",
  },
  package_set: {
    wish: [
      "{ name: only, type: package_set, packages: [systemd-sysv, dbus, iproute2, procps, sudo, logrotate, openssh-server, gpg, gpg-agent, flatpak, ostree], keep: ['gcc-*'], action: purge }",
    ],
    ask: "dpkg -s hello-vigo 2>/dev/null | grep ^Version || echo none",
    stands: "none\n",
    harm: "dpkg -i /srv/new.deb",
    found: ["only"],
    away: ["{ name: only, type: package_set, packages: [sudo], keep: ['*'] }"],
    gone: "dpkg -s hello-vigo 2>/dev/null | grep ^Version",
  },
};

const debianPackages = ["gpg", "gpg-agent", "flatpak", "ostree"];

/** Two remotes that have one application. */
const flatpakRemotes = `
  mkdir -p /srv/flat/rt/usr /srv/flat/rt/files /srv/flat/app/files /srv/flat/app/export; cd /srv/flat
  printf '[Runtime]\nname=org.vigo.Platform\nruntime=org.vigo.Platform/x86_64/1\n' >rt/metadata
  printf '[Application]\nname=org.vigo.Hello\nruntime=org.vigo.Platform/x86_64/1\ncommand=x\n' >app/metadata
  for arch in $(flatpak --default-arch); do sed -i "s/x86_64/$arch/" */metadata; done
  flatpak build-export --disable-sandbox --runtime repo rt 1; flatpak build-export --disable-sandbox repo app stable
  cp -a repo repo2; for at in lab=repo other=repo2; do
    flatpak remote-add --system --no-gpg-verify \${at%=*} /srv/flat/\${at#*=}; done`;

const rpmRepository = (ask: string, harm: string): Life => ({
  wish: [
    "{ name: signed, type: repository, repository: signed, repo: 'file:///srv/signed', key_url: 'URL/key.asc', key_fingerprint: FPR, priority: 10 }",
    "{ name: hello, type: package, package: vigo-signed, depends_on: signed }",
  ],
  ask,
  stands: "vigo-signed-1-1.noarch\n10\n1\n",
  harm,
  found: ["signed"],
  away: [
    "{ name: signed, type: repository, repository: signed, state: absent }",
    "{ name: hello, type: package, package: vigo-signed, state: absent }",
  ],
  gone: "ls /etc/*/repos.d/signed* /etc/yum.repos.d/signed* /etc/pki/rpm-gpg/*signed* 2>/dev/null; rpm -q vigo-signed | grep -v not",
});

/** A package signed with the host's key, in a repository of its own whose index is signed too, as zypper wants it. */
const signedRpm = `
  cd /srv; sed 's/vigo-other/vigo-signed/g; s/^Version.*/Version: 1/' vigo-other.spec >vigo-signed.spec
  sed -i 's/echo 2-1/echo 1-1/' vigo-signed.spec
  rpmbuild -bb --quiet --define '_rpmdir /srv/signed' --define '_topdir /srv/rpmbuild' vigo-signed.spec 2>&1
  rpmsign --define '_gpg_name lab@example.com' --define '_gpg_path /srv/gpg' --define '__gpg /usr/bin/gpg' --addsign signed/noarch/*.rpm 2>&1
  createrepo_c -q signed
  gpg --batch --quiet --homedir /srv/gpg --armor --detach-sign signed/repodata/repomd.xml`;

describe.skipIf(noLab() !== undefined)("on real hosts", () => {
  let lab: Lab;
  let folder: string;
  let url: string;
  beforeAll(async () => {
    lab = new Lab();
    folder = aptRepository(lab.folder("apt"), ["1.0", "1.1"]);
    url = await lab.serve(folder);
  });
  afterAll(() => lab?.end());

  describe("with apt", () => {
    let host: LabHost;
    let known: Known;
    beforeAll(async () => {
      [host] = (await lab.boot(["debian"], {
        vigo: builtVigo(),
        packages: debianPackages,
      })) as [LabHost];
      await host.sh(flatpakRemotes);
      const { key, fingerprint } = await signingKey(host);
      writeFileSync(join(folder, "key.asc"), key);
      await signIndex(host, folder);
      const deb = await Bun.file(join(folder, "hello-vigo_1.0_all.deb")).bytes();
      const sha256 = createHash("sha256").update(deb).digest("hex");
      known = { URL: url, FPR: fingerprint, SHA: sha256 };
      await host.put(
        "/srv/new.deb",
        await Bun.file(join(folder, "hello-vigo_1.1_all.deb")).bytes(),
      );
      await host.sh(`cd /srv; mkdir -p tool-1.4/bin; printf '#!/bin/sh\\necho tool 1.4\\n' >tool-1.4/bin/tool
        echo read >tool-1.4/readme; chmod 755 tool-1.4/bin/tool; tar czf tool-1.4.tar.gz tool-1.4`);
      const release = await host.ok(["base64", "/srv/tool-1.4.tar.gz"]);
      writeFileSync(join(folder, "tool-1.4.tar.gz"), Buffer.from(release, "base64"));
    }, 300_000);

    for (const [name, life] of Object.entries(debianLives))
      test(
        name,
        async () => {
          if (name === "package_set") await host.sh(life.harm);
          await liveThrough(host, name, filled(life, known));
        },
        180_000,
      );

    test("a package that somebody installed by hand is reported", async () => {
      await host.sh("dpkg -i /srv/new.deb");
      const wish = "{ name: only, type: package_set, packages: [sudo], keep: ['[!h]*'] }";
      const { resources } = await applying(host)("report", [wish]);
      expect(resources[0]).toMatchObject({
        outcome: "failed",
        reason: expect.stringMatching(/^a package is installed and not declared: hello-vigo \(/),
      });
    }, 60_000);

    test("another key than the declared one is refused, and nothing written", async () => {
      const wish = `{ name: bad, type: repository, repository: bad, repo: 'deb ${url} ./', key_url: '${url}/key.asc', key_fingerprint: ${"0".repeat(40)} }`;
      const { resources } = await applying(host)("bad", [wish]);
      expect(resources[0]).toMatchObject({
        outcome: "failed",
        reason: expect.stringContaining(`is ${known.FPR}, not 0000`),
      });
      expect(await host.sh("ls /etc/apt/sources.list.d /etc/apt/keyrings")).not.toContain("bad");
    }, 60_000);
  });

  describe.each([
    [
      "dnf",
      ["rpm", "dnf", "dnf-plugins-core", "createrepo-c", "gpg", "gpg-agent"],
      asRedhat,
      rpmRepository(
        "rpm -q vigo-signed; sed -n s/priority=//p /etc/yum.repos.d/signed.repo; dnf -q repolist | grep -c ^signed",
        "sed -i s/enabled=1/enabled=0/ /etc/yum.repos.d/signed.repo; rm /etc/pki/rpm-gpg/RPM-GPG-KEY-signed",
      ),
    ],
    [
      "zypper",
      ["rpm", "zypper", "createrepo-c", "gpg", "gpg-agent"],
      asSuse,
      rpmRepository(
        "rpm -q vigo-signed; sed -n s/priority=//p /etc/zypp/repos.d/signed.repo; zypper -n lr -E | grep -c signed.*Yes",
        "zypper -n modifyrepo --disable signed; rpm -e --force-debian gpg-pubkey",
      ),
    ],
  ] as const)("with %s", (name, packages, become, life) => {
    let host: LabHost;
    let known: Known;
    beforeAll(async () => {
      [host] = (await lab.boot([name], { vigo: builtVigo(), packages })) as [LabHost];
      await become(host);
      const { key, fingerprint } = await signingKey(host);
      const served = lab.folder(`keys-${name}`);
      writeFileSync(join(served, "key.asc"), key);
      known = { URL: await lab.serve(served), FPR: fingerprint, SHA: "" };
      await host.sh(signedRpm);
    }, 300_000);

    test("repository, signed", () => liveThrough(host, name, filled(life, known)), 180_000);
  });
});
