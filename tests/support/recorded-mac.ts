/** A Mac whose tools answer as `tests/fixtures/macos-15` has it. Must not know traits. */
import { readFileSync } from "node:fs";
import { kernelNames } from "../../src/core/tools/mac-kernel.ts";
import { type Answer, fakeHost } from "./fake-host.ts";

export const macRecord = (name: string): string =>
  readFileSync(`tests/fixtures/macos-15/${name}`, "utf8");

export const macProfiler =
  "system_profiler -json SPHardwareDataType SPMemoryDataType SPNVMeDataType SPSerialATADataType SPDisplaysDataType SPUSBDataType";

const firewall = "/usr/libexec/ApplicationFirewall/socketfilterfw";
const preferences = "/Library/Preferences";

const recorded: Readonly<Record<string, string>> = {
  [`sysctl ${kernelNames.join(" ")}`]: "sysctl.txt",
  sw_vers: "sw_vers.txt",
  "ioreg -rd1 -c IOPlatformExpertDevice": "ioreg.txt",
  vm_stat: "vm_stat.txt",
  "ifconfig -a": "ifconfig.txt",
  "netstat -rn": "netstat.txt",
  "scutil --dns": "scutil-dns.txt",
  "ps -axww -o pid= -o state= -o rss= -o etime= -o time= -o comm=": "ps.txt",
  "lsof -nP -i -F pcftPnT": "lsof.txt",
  mount: "mount.txt",
  "diskutil list -plist physical": "diskutil-list.plist",
  "diskutil info -plist disk0": "diskutil-disk0.plist",
  [macProfiler]: "system_profiler.json",
  "pmset -g batt": "pmset.txt",
  "dscl . -list /Users UniqueID": "dscl-uids.txt",
  "dscl . -list /Users PrimaryGroupID": "dscl-user-groups.txt",
  "dscl . -list /Groups PrimaryGroupID": "dscl-gids.txt",
  "dscl . -list /Groups GroupMembership": "dscl-members.txt",
  who: "who.txt",
  "launchctl list": "launchctl-list.txt",
  "launchctl print-disabled system": "launchctl-disabled.txt",
  "pkgutil --regexp --pkg-info .*": "pkgutil.txt",
  "softwareupdate --list --no-scan": "softwareupdate.txt",
  [`${firewall} --getglobalstate`]: "firewall-state.txt",
  [`${firewall} --listapps`]: "firewall-programs.txt",
  [`defaults read ${preferences}/com.apple.HIToolbox AppleSelectedInputSources`]:
    "input-sources.txt",
};

/** What is one line, or another machine's fixture, needs no file of its own. */
const said: Readonly<Record<string, Answer>> = {
  [`defaults read ${preferences}/.GlobalPreferences AppleLocale`]: "en_US\n",
  "systemsetup -getusingnetworktime": "Network Time: On\n",
  "security find-certificate -a -p /Library/Keychains/System.keychain": () =>
    readFileSync("tests/fixtures/certificates/web.pem", "utf8"),
  "sh -c exec ps -o rss= -o etime= -o time= -p $PPID": " 65536 01:00:00   0:12.50\n",
  "/etc/vigo-envoy/traits.d/room": '"B-204"\n',
  "/opt/homebrew/bin/node --version": "v22.11.0\n",
  "/opt/homebrew/bin/docker --version": "Docker version 27.3.1, build ce12230\n",
  "/opt/homebrew/bin/python3 --version": "Python 3.13.0\n",
  "/usr/libexec/java_home": "/Library/Java/JavaVirtualMachines/temurin-21.jdk/Contents/Home\n",
  "/usr/sbin/sshd -T": "port 22\nmaxauthtries 6\npermitrootlogin no\n",
};

/** Of `x`. */
const sum = "2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881";

/** What is in `/etc` is in `/private/etc`, and seen from both. */
const behindLink = (files: Readonly<Record<string, string>>) => ({
  ...files,
  ...Object.fromEntries(
    Object.entries(files)
      .filter(([path]) => path.startsWith("/etc/"))
      .map(([path, text]) => [`/private${path}`, text]),
  ),
});

/** `commands` stand before what is recorded; `asked` is every command line, in order. */
export function recordedMac(
  commands: Readonly<Record<string, Answer>> = {},
  files: Readonly<Record<string, string>> = {},
) {
  const asked: string[] = [];
  const answers = {
    ...Object.fromEntries(Object.entries(recorded).map(([line, file]) => [line, macRecord(file)])),
    ...said,
    ...commands,
  };
  const fake = fakeHost({
    os: {
      platform: "darwin",
      family: "darwin",
      distro: "darwin",
      version: "",
      init: "launchd",
      arch: "arm64",
    },
    now: new Date("2025-11-21T09:00:00Z"),
    agent: { version: "0.9.0", runDurationMs: 85.4 },
    addresses: [
      { interface: "lo0", family: "ipv4", address: "127.0.0.1", prefix: 8 },
      { interface: "en0", family: "ipv4", address: "192.0.2.7", prefix: 24 },
      { interface: "en0", family: "ipv6", address: "fe80::14a1:2b3c:4d5e:6f70", prefix: 64 },
      { interface: "en0", family: "ipv6", address: "2001:db8::7", prefix: 64 },
    ],
    filesystems: {
      "/": { bytes: 500e9, freeBytes: 300e9, availableBytes: 300e9, inodes: 100, freeInodes: 75 },
      "/System/Volumes/Data": {
        bytes: 500e9,
        freeBytes: 300e9,
        availableBytes: 300e9,
        inodes: 0,
        freeInodes: 0,
      },
    },
    files: behindLink({
      "/etc/hosts": "127.0.0.1 localhost\n",
      "/etc/sudoers": "root ALL=(ALL) ALL\n%admin ALL=(ALL) ALL\n",
      "/etc/ssh/ssh_host_ed25519_key.pub": "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAA root@dana-mac\n",
      "/usr/sbin/sshd": "x",
      "/var/at/tabs/dana": "30 2 * * * /usr/local/bin/backup\n",
      "/System/Library/LaunchDaemons/com.apple.ftpd.plist": "",
      "/System/Library/LaunchDaemons/com.apple.example.idle.plist": "",
      "/Library/LaunchDaemons/com.openssh.sshd.plist": "",
      "/Library/LaunchDaemons/notes.txt": "",
      "/etc/vigo-envoy/integrity.d/base.sha256": `${sum}  /usr/sbin/sshd\n`,
      "/opt/homebrew/bin/node": "x",
      "/opt/homebrew/bin/docker": "x",
      "/opt/homebrew/bin/python3": "x",
      "/usr/bin/python3": "opens a window",
      "/Library/Java/JavaVirtualMachines/temurin-21.jdk/Contents/Home/release":
        'JAVA_VERSION="21.0.5"\n',
      ...files,
    }),
    nodes: {
      "/": {},
      "/etc": { kind: "symlink", target: "/private/etc" },
      ...Object.fromEntries(
        [
          "/etc/vigo-envoy/traits.d/room",
          "/private/etc/vigo-envoy/traits.d/room",
          ...["node", "docker", "python3"].map((name) => `/opt/homebrew/bin/${name}`),
        ].map((path) => [path, { kind: "file", mode: 0o755 } as const]),
      ),
      "/etc/localtime": { kind: "symlink", target: "/var/db/timezone/zoneinfo/Europe/Berlin" },
    },
    commands: Object.fromEntries(
      Object.entries(answers).map(([line, answer]): [string, Answer] => [
        line,
        (all) => {
          asked.push(line);
          return typeof answer === "function" ? answer(all) : answer;
        },
      ]),
    ),
  });
  return { ...fake, asked };
}
