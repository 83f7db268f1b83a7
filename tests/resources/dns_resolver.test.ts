import { expect, test } from "bun:test";
import { explain } from "../../src/core/params.ts";
import { dnsResolver } from "../../src/core/resources/dns_resolver.ts";
import { cases, said } from "../support/cases.ts";

const file = "/etc/resolv.conf";
const dropIn = "/etc/systemd/resolved.conf.d/90-vigo.conf";
const base = "/etc/resolvconf/resolv.conf.d/base";
const link = (target: string) => ({ [file]: { kind: "symlink" as const, target } });
const stub = "/run/systemd/resolve/stub-resolv.conf";
const commands = {
  "systemctl show --timestamp=us+utc --property=ActiveState,ActiveEnterTimestamp -- systemd-resolved.service":
    "ActiveState=active\nActiveEnterTimestamp=Wed 2025-01-01 00:00:00.000000 UTC\n",
  "systemctl reset-failed -- systemd-resolved.service": "",
  "systemctl try-restart -- systemd-resolved.service": "",
  "resolvconf -u": "",
};
const wish = { nameservers: ["10.0.0.53", "fd00::53"], search: ["corp.example.com"] };
const text = "search corp.example.com\nnameserver 10.0.0.53\nnameserver fd00::53\n";

cases(dnsResolver, {
  "puts servers where others were, and leaves the rest": {
    given: {
      files: { [file]: "# ours\ndomain old\nnameserver 1.1.1.1\noptions rotate\nsortlist x\n" },
    },
    wish,
    does: [`write ${file}`],
    leaves: { [file]: `# ours\n${text}options rotate\nsortlist x\n` },
  },
  "leaves alone what stands, whatever its order of kinds": {
    given: {
      files: { [file]: "nameserver  10.0.0.53\nnameserver fd00::53\nsearch corp.example.com\n" },
    },
    wish,
    does: [],
  },
  "minds the order of servers": {
    given: { files: { [file]: "nameserver fd00::53\nnameserver 10.0.0.53\n" } },
    wish: { nameservers: wish.nameservers },
    does: [`write ${file}`],
    leaves: { [file]: "nameserver 10.0.0.53\nnameserver fd00::53\n" },
  },
  "makes a file, with options": {
    given: {},
    wish: { ...wish, search: [], options: ["edns0", "timeout:2"] },
    does: [`write ${file}`],
    leaves: { [file]: "nameserver 10.0.0.53\nnameserver fd00::53\noptions edns0 timeout:2\n" },
  },
  "tells resolved where it keeps the file": {
    given: { nodes: link(`..${stub}`), commands },
    wish,
    does: [
      "mkdir /etc/systemd/resolved.conf.d",
      `write ${dropIn}`,
      "run systemctl reset-failed -- systemd-resolved.service",
      "run systemctl try-restart -- systemd-resolved.service",
    ],
    leaves: {
      [dropIn]:
        "# Kept by Vigo.\n[Resolve]\nDNS=\nDNS=10.0.0.53 fd00::53\nDomains=\nDomains=corp.example.com\n",
    },
  },
  "has no options for resolved": {
    given: { nodes: link(stub) },
    wish: { ...wish, options: ["rotate"] },
    does: [],
    ends: "failed",
    because: "systemd-resolved has no options",
  },
  "tells resolvconf where it keeps the file": {
    given: {
      nodes: { ...link("/etc/resolvconf/run/resolv.conf"), "/etc/resolvconf": {} },
      commands,
    },
    wish,
    does: [`write ${base}`, "run resolvconf -u"],
    leaves: { [base]: text },
  },
  "tells resolvconf again, where it was not told": {
    given: {
      files: {
        [base]: "nameserver 10.0.0.1\nnameserver 10.0.0.2\n",
        "/run/resolvconf/resolv.conf": "# made\nnameserver 9.9.9.9\nnameserver 10.0.0.2\n",
      },
      nodes: { ...link("/etc/resolvconf/run/resolv.conf"), "/etc/resolvconf": {} },
      commands: {
        ...commands,
        "resolvconf -u": (files) => {
          files.set("/run/resolvconf/resolv.conf", "nameserver 10.0.0.1\nnameserver 10.0.0.2\n");
          return "";
        },
      },
    },
    wish: { nameservers: ["10.0.0.1", "10.0.0.2"] },
    does: ["run resolvconf -u"],
    says: { loaded: ["an older text", "as on disk"] },
  },
  "knows that resolvconf takes no fourth server": {
    given: {
      files: {
        [base]: "nameserver 10.0.0.1\n",
        "/run/resolvconf/resolv.conf":
          "nameserver 1.1.1.1\nnameserver 2.2.2.2\nnameserver 3.3.3.3\n",
      },
      nodes: { ...link("/etc/resolvconf/run/resolv.conf"), "/etc/resolvconf": {} },
    },
    wish: { nameservers: ["10.0.0.1"] },
    does: [],
  },
  "puts a file in place of a link when told": {
    given: { files: { [stub]: "nameserver 127.0.0.53\n" }, nodes: link(stub) },
    wish: { ...wish, backend: "file" },
    does: ["write /etc/.vigo-new.resolv.conf", `rename /etc/.vigo-new.resolv.conf ${file}`],
    leaves: { [file]: text, [stub]: "nameserver 127.0.0.53\n" },
    says: {
      kind: [`a link to ${stub}`, "a file"],
      resolver: ["nameserver 127.0.0.53", text.trimEnd()],
    },
  },
  "takes away what it put there": {
    given: { files: { [file]: `${text}nameserver 1.1.1.1\n` } },
    wish: { ...wish, state: "absent" },
    does: [`write ${file}`],
    leaves: { [file]: "nameserver 1.1.1.1\n" },
  },
  "takes resolved's file away": {
    given: { files: { [dropIn]: "" }, nodes: link(stub), commands },
    wish: { ...wish, state: "absent" },
    does: [
      `remove ${dropIn}`,
      "run systemctl reset-failed -- systemd-resolved.service",
      "run systemctl try-restart -- systemd-resolved.service",
    ],
  },
});

test.each([
  [{ nameservers: [] }, "nameservers: must name a server"],
  [{ nameservers: ["dns.corp"] }, "nameservers.0: must be an IPv4 or IPv6 address"],
  [{ options: ["a b"] }, "options.0: must be an option"],
])("refuses %j", (more, message) => {
  const { error } = dnsResolver.params.safeParse(said({ ...wish, ...more }));
  expect(error && explain(error)[0]).toStartWith(message);
});
