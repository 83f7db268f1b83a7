/** Lives of packages of other distributions, by their own managers. Must not know hosts. */
import type { Life } from "../life.ts";

const installed = 'rpm -q vigo-hello vigo-other | grep -v "not installed"';

/** What rpm's managers have in common. */
const rpmLives = (hold: string, unhold: string, newer: string): Readonly<Record<string, Life>> => ({
  "several, in one transaction": {
    wish: ["{ name: both, type: package, package: [vigo-hello, vigo-other] }"],
    ask: installed,
    stands: "vigo-hello-1.1-1.noarch\nvigo-other-2-1.noarch\n",
    harm: { "both.state both.package": "rpm -e --force-debian vigo-other" },
    away: ["{ name: both, type: package, package: [vigo-hello, vigo-other], state: absent }"],
    gone: installed,
  },
  "one version, held": {
    wish: [
      "{ name: hello, type: package, package: vigo-hello, version: 1.0-1, lock_version: true, allow_downgrade: true }",
    ],
    ask: `rpm -q vigo-hello; ${hold}`,
    stands: "vigo-hello-1.0-1.noarch\nheld\n",
    harm: {
      "hello.lock_version": unhold,
      "hello.version hello.allow_downgrade": `${unhold}; ${newer}`,
      "hello.state": "rpm -e --force-debian vigo-hello",
    },
    away: ["{ name: hello, type: package, package: vigo-hello, state: absent }"],
    gone: installed,
  },
});

const dnfLocks = "grep -c ^vigo-hello-0:1.0-1 /etc/dnf/plugins/versionlock.list | sed s/1/held/";
const zypperLocks = "grep -c 'solvable_name: vigo-hello' /etc/zypp/locks | sed s/1/held/";

/** Not of our own: `vigo-*` stays whatever is said. */
const stray = (ask: string) => ask.replace("vigo-other", "stray");

/** What comes as a file, and what is there beyond what is declared. */
const besides = (
  file: string,
  ask: string,
  other: string,
  install: string,
  remove: string,
): Readonly<Record<string, Life>> => ({
  "nonrepo_package, a file": {
    wish: [
      `{ name: other, type: nonrepo_package, package: vigo-other, artifact: ${file}, version: 2-1 }`,
    ],
    ask,
    stands: other,
    harm: { "other.state other.artifact": remove },
    away: ["{ name: other, type: nonrepo_package, package: vigo-other, state: absent }"],
    gone: ask,
  },
  "package_set, what nobody declared": {
    before: install,
    wish: [
      "{ name: only, type: package_set, packages: [vigo-hello], keep: ['*-base'], action: purge }",
    ],
    ask: `${stray(ask)} || true`,
    stands: "",
    harm: { "only.packages only.action": install },
    away: ["{ name: only, type: package_set, packages: [vigo-hello], keep: ['*'] }"],
    gone: stray(ask),
  },
});

const rpmBesides = (install: string) =>
  besides(
    "/srv/rpms/noarch/vigo-other-2-1.noarch.rpm",
    'rpm -q vigo-other | grep -v "not installed"',
    "vigo-other-2-1.noarch\n",
    install,
    "rpm -e --force-debian vigo-other",
  );

export const dnfLives: Readonly<Record<string, Life>> = {
  ...rpmBesides("dnf -q -y install stray"),
  ...rpmLives(
    dnfLocks,
    "dnf -q versionlock delete vigo-hello || true",
    "dnf -q -y install vigo-hello-1.1 2>&1",
  ),
  "the latest": {
    wish: ["{ name: hello, type: package, package: [vigo-hello, vigo-other], state: latest }"],
    ask: installed,
    stands: "vigo-hello-1.1-1.noarch\nvigo-other-2-1.noarch\n",
    harm: { "hello.state": "dnf -q -y install vigo-hello-1.0-1" },
    away: ["{ name: hello, type: package, package: [vigo-hello, vigo-other], state: absent }"],
    gone: installed,
  },
};

export const zypperLives: Readonly<Record<string, Life>> = {
  ...rpmBesides("zypper -n install -y stray"),
  ...rpmLives(
    zypperLocks,
    "zypper -n removelock vigo-hello",
    "zypper -n install -y vigo-hello=1.1-1",
  ),
  "the latest": {
    wish: ["{ name: hello, type: package, package: [vigo-hello, vigo-other], state: latest }"],
    ask: installed,
    stands: "vigo-hello-1.1-1.noarch\nvigo-other-2-1.noarch\n",
    harm: { "hello.state": "zypper -n install -y --oldpackage vigo-hello=1.0-1" },
    away: ["{ name: hello, type: package, package: [vigo-hello, vigo-other], state: absent }"],
    gone: installed,
  },
};

/**
 * As somebody would by hand after a power cut: a pacman that was killed when all was done leaves its lock, and a run that has nothing to
 * do does not look for it.
 */
const byHand = (words: string) => `rm -f /var/lib/pacman/db.lck; pacman --noconfirm ${words}`;

const inPacman = "pacman -Q vigo-hello vigo-other 2>/dev/null";

export const pacmanLives: Readonly<Record<string, Life>> = {
  ...besides(
    "/srv/pac/vigo-other-2-1-any.pkg.tar.gz",
    "pacman -Q vigo-other 2>/dev/null",
    "vigo-other 2-1\n",
    byHand("-Sy stray"),
    byHand("-R vigo-other"),
  ),
  "several, in one transaction": {
    wish: ["{ name: both, type: package, package: [vigo-hello, vigo-other] }"],
    ask: inPacman,
    stands: "vigo-hello 1.0-1\nvigo-other 2-1\n",
    harm: { "both.state both.package": byHand("-R vigo-other") },
    away: [
      "{ name: both, type: package, package: [vigo-hello, vigo-other], state: absent, purge: true }",
    ],
    gone: inPacman,
  },
  "one version": {
    wish: [
      "{ name: hello, type: package, package: vigo-hello, version: 1.0-1, allow_downgrade: true }",
    ],
    ask: inPacman.replace(" vigo-other", ""),
    stands: "vigo-hello 1.0-1\n",
    harm: {
      "hello.version hello.allow_downgrade": byHand("-U /srv/pac/vigo-hello-1.1-1-any.pkg.tar.gz"),
    },
    away: ["{ name: hello, type: package, package: vigo-hello, state: absent, autoremove: true }"],
    gone: inPacman,
  },
};
