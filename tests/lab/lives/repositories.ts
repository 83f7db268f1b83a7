/**
 * Lives of repositories with their keys, and of packages and software from no repository. `URL`, `FPR` and `SHA` stand for what is
 * known once the lab is there. Must not know hosts.
 */
import type { Life } from "../life.ts";

const candidate = "apt-cache policy hello-vigo | sed -n 's/^  Candidate: //p'";

export const debianSources: Readonly<Record<string, Life>> = {
  "repository, signed, as a stanza": {
    wish: [
      "{ name: lab, type: repository, repository: lab, repo: 'deb URL ./', key_url: 'URL/key.asc', key_fingerprint: FPR, priority: 990, format: deb822 }",
      "{ name: hello, type: package, package: hello-vigo, depends_on: lab }",
    ],
    ask: `cat /etc/apt/sources.list.d/lab.sources; stat -c %a /etc/apt/keyrings/lab.gpg; dpkg -s hello-vigo | grep ^Version; apt-cache policy | grep -c 'release.*o=Lab'; ${candidate}`,
    stands:
      "Types: deb\nURIs: URL\nSuites: ./\nSigned-By: /etc/apt/keyrings/lab.gpg\n644\nVersion: 1.1\n1\n1.1\n",
    harm: {
      "lab.key_url": "rm /etc/apt/keyrings/lab.gpg",
      "lab.key_fingerprint": "echo x >/etc/apt/keyrings/lab.gpg",
      "lab.repo": "sed -i s/deb/deb-src/ /etc/apt/sources.list.d/lab.sources",
      "lab.priority": "rm /etc/apt/preferences.d/lab.pref",
      "lab.format":
        "rm /etc/apt/sources.list.d/lab.sources; touch /etc/apt/sources.list.d/lab.sources; chmod 600 /etc/apt/sources.list.d/lab.sources",
      "lab.state": "rm /etc/apt/sources.list.d/lab.sources",
    },
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
    harm: {
      "lab.enabled": "sed -i 's/^# //' /etc/apt/sources.list.d/lab.list",
      "lab.format": "rm /etc/apt/sources.list.d/lab.list",
    },
    away: ["{ name: lab, type: repository, repository: lab, state: absent }"],
    gone: "ls /etc/apt/sources.list.d/lab* 2>/dev/null",
  },
  nonrepo_package: {
    wish: [
      "{ name: hello, type: nonrepo_package, package: hello-vigo, version: '1.0', url: 'URL/hello-vigo_1.0_all.deb', sha256: SHA }",
    ],
    ask: "dpkg -s hello-vigo | grep ^Version; ls /var/cache/vigo-packages",
    stands: "Version: 1.0\n",
    harm: {
      "hello.version": "dpkg -i /srv/new.deb",
      "hello.url hello.sha256 hello.state": "dpkg -r hello-vigo",
    },
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
    harm: {
      "tool.url tool.binary_path": "echo 'echo evil' >/usr/local/bin/tool",
      "tool.mode": "chmod 777 /usr/local/bin/tool",
      "tool.owner": "chown root /usr/local/bin/tool",
      "tool.state": "rm /usr/local/bin/tool",
    },
    away: ["{ name: tool, type: source_package, target_path: /usr/local/bin/tool, state: absent }"],
    gone: "ls -A /usr/local/bin",
  },
  "source_package, a tree": {
    wish: [
      "{ name: tree, type: source_package, target_path: /opt/tool, artifact: /srv/tool-1.4.tar.gz, version: '1.4', owner: daemon }",
    ],
    ask: "cd /opt/tool; find . -printf '%p %u\n' | sort; bin/tool",
    stands: ". daemon\n./bin daemon\n./bin/tool daemon\n./readme daemon\ntool 1.4\n",
    harm: {
      "tree.artifact": "rm /opt/tool/readme",
      "tree.version": "sed -i s/1[.]4/1.3/ /opt/.vigo-source-tool",
      "tree.owner": "chown root /opt/tool",
    },
    away: ["{ name: tree, type: source_package, target_path: /opt/tool, state: absent }"],
    gone: "ls -dA /opt/tool /opt/.vigo* 2>/dev/null",
  },
  flatpak: {
    wish: ["{ name: app, type: flatpak, package: org.vigo.Hello, remote: lab }"],
    ask: "flatpak list --system --columns=application,origin | grep Hello",
    stands: "org.vigo.Hello\tlab\n",
    harm: {
      "app.remote":
        "flatpak install --system --noninteractive --assumeyes --reinstall other org.vigo.Hello",
      "app.state": "flatpak uninstall --system --noninteractive --assumeyes org.vigo.Hello",
    },
    away: ["{ name: app, type: flatpak, package: org.vigo.Hello, state: absent }"],
    gone: "flatpak list --system --columns=application | grep Hello",
  },
  package_set: {
    before: "dpkg -i /srv/new.deb",
    wish: [
      "{ name: only, type: package_set, packages: [systemd-sysv, dbus, iproute2, procps, sudo, logrotate, openssh-server, gpg, gpg-agent, flatpak, ostree], keep: ['gcc-*'], action: purge }",
    ],
    // Between the removal and the purge that apt asks of dpkg there is nothing to tell it from what somebody only removed.
    ask: "dpkg -s hello-vigo 2>/dev/null | grep -E '^Status: (install|purge)' || echo none",
    stands: "none\n",
    harm: {
      "only.packages only.action": "dpkg -i /srv/new.deb",
    },
    away: ["{ name: only, type: package_set, packages: [sudo], keep: ['*'] }"],
    gone: "dpkg -s hello-vigo 2>/dev/null | grep ^Version",
  },
};

const rpmRepository = (ask: string, harm: Life["harm"]): Life => ({
  wish: [
    "{ name: signed, type: repository, repository: signed, repo: 'file:///srv/signed', key_url: 'URL/key.asc', key_fingerprint: FPR, priority: 10, enabled: true }",
    "{ name: hello, type: package, package: vigo-signed, depends_on: signed }",
  ],
  ask,
  stands: "vigo-signed-1-1.noarch\n10\n1\n",
  harm,
  away: [
    "{ name: signed, type: repository, repository: signed, state: absent }",
    "{ name: hello, type: package, package: vigo-signed, state: absent }",
  ],
  gone: "ls /etc/*/repos.d/signed* /etc/yum.repos.d/signed* /etc/pki/rpm-gpg/*signed* 2>/dev/null; rpm -q vigo-signed | grep -v not",
});

export const dnfRepository = rpmRepository(
  "rpm -q vigo-signed; sed -n s/priority=//p /etc/yum.repos.d/signed.repo; dnf -q repolist | grep -c ^signed",
  {
    "signed.enabled": "sed -i s/enabled=1/enabled=0/ /etc/yum.repos.d/signed.repo",
    "signed.key_url signed.key_fingerprint": "rm /etc/pki/rpm-gpg/RPM-GPG-KEY-signed",
    "signed.repo": "sed -i s,/srv/signed,/srv/other, /etc/yum.repos.d/signed.repo",
    "signed.priority": "sed -i s/priority=10/priority=11/ /etc/yum.repos.d/signed.repo",
    "signed.state": "rm /etc/yum.repos.d/signed.repo",
  },
);

export const zypperRepository = rpmRepository(
  "rpm -q vigo-signed; sed -n s/priority=//p /etc/zypp/repos.d/signed.repo; zypper -n lr -E | grep -c signed.*Yes",
  {
    "signed.enabled": "zypper -n modifyrepo --disable signed",
    "signed.key_url signed.key_fingerprint": "rpm -e --force-debian gpg-pubkey",
    "signed.priority": "sed -i s/priority=10/priority=11/ /etc/zypp/repos.d/signed.repo",
  },
);
