/** What is installed and set up on Windows: `packages`, `package_updates`, `firewall`, `cert_lifecycle`, `ssh`, `time`. It fetches nothing. Must not know who wants it. */
import type { ReadHost } from "../../host.ts";
import { countOf, flagOf, numberOf, textOf, textsOf } from "../../tools/answer.ts";
import { certificateIn } from "../../tools/certificate-facts.ts";
import { localTime } from "../../tools/local-time.ts";
import type { Asking } from "../../tools/once.ts";
import { fingerprint, keyFile, parseSettings } from "../../tools/sshd.ts";
import { factsOf } from "../../tools/windows-facts.ts";

const mostPackages = 15_000;

/** As "Installed apps" lists them; of several of one name the last that is told counts. */
export async function packages(host: ReadHost, asking: Asking) {
  const told = (await factsOf(host, asking, "software"))("programs");
  const versions = new Map(
    told.map((program) => [textOf(program, "Name"), textOf(program, "Version")] as const),
  );
  const sorted = [...versions].sort(([a], [b]) => (a < b ? -1 : 1));
  return {
    manager: "windows" as const,
    count: sorted.length,
    installed: Object.fromEntries(sorted.slice(0, mostPackages)),
  };
}

/** Classifications of Windows Update: security and critical ones. */
const security: ReadonlySet<string> = new Set([
  "0fa1201d-4330-4fa8-8ae9-b877473b6441",
  "e6cf1350-c01b-414d-a61f-263d14d133b4",
]);
const mostUpdates = 2_000;

/** From the search that Windows made last. */
export async function packageUpdates(host: ReadHost, asking: Asking) {
  const updates = (await factsOf(host, asking, "updates"))("updates").map((update) => {
    const kb = textOf(update, "kb");
    return {
      name: textOf(update, "title"),
      version: kb === "" ? "" : `KB${kb}`,
      security: textsOf(update, "kinds").some((kind) => security.has(kind.toLowerCase())),
    };
  });
  return {
    count: updates.length,
    security_count: updates.filter((update) => update.security).length,
    packages: updates.slice(0, mostUpdates),
    broken_repos: [],
  };
}

/** NET_FW_ACTION_ALLOW. A machine may be on several networks at once: the most open profile is told. */
const allow = 1;

export async function firewall(host: ReadHost, asking: Asking) {
  const profiles = (await factsOf(host, asking, "software"))("firewall");
  if (profiles.length === 0) return undefined;
  const enabled = profiles.every((profile) => flagOf(profile, "enabled") === true);
  const policy = (field: "inbound" | "outbound") =>
    !enabled || profiles.some((profile) => numberOf(profile, field) === allow)
      ? ("accept" as const)
      : ("drop" as const);
  return {
    backend: "windows" as const,
    enabled,
    input_policy: policy("inbound"),
    forward_policy: "none" as const,
    output_policy: policy("outbound"),
    rule_count: Math.max(...profiles.map((profile) => countOf(profile, "rules"))),
  };
}

const mostCertificates = 200;

/** The machine's own store, not the one of authorities. */
export async function certLifecycle(host: ReadHost, asking: Asking) {
  const told = (await factsOf(host, asking, "software"))("certificates");
  const certificates = told.slice(0, mostCertificates).flatMap((certificate) => {
    const path = `Cert:\\LocalMachine\\My\\${textOf(certificate, "Thumbprint")}`;
    const body = textOf(certificate, "Der").replace(/(.{64})(?=.)/g, "$1\n");
    const pem = `-----BEGIN CERTIFICATE-----\n${body}\n-----END CERTIFICATE-----\n`;
    return certificateIn(pem, path, host.now()) ?? [];
  });
  return { certificates };
}

/** Windows has names of its own for time zones, so the difference is asked with it. */
export async function time(host: ReadHost, asking: Asking) {
  const [clock] = (await factsOf(host, asking, "now"))("clock");
  const minutes = numberOf(clock, "minutes");
  const two = (figure: number) => `${Math.floor(figure)}`.padStart(2, "0");
  const ahead = Math.abs(minutes);
  const offset = `${minutes < 0 ? "-" : "+"}${two(ahead / 60)}:${two(ahead % 60)}`;
  return {
    ...localTime(host.now(), textOf(clock, "zone") || "UTC", offset),
    ntp_synchronized: textOf(clock, "service") === "Running" && textOf(clock, "kind") !== "NoSync",
  };
}

/** Of the OpenSSH server that comes with Windows. */
export async function ssh(host: ReadHost, asking: Asking) {
  const told = await factsOf(host, asking, "software");
  const lines = told("sshSettings").filter((line) => typeof line === "string");
  const keys = told("sshKeys").flatMap((file) => {
    const kind = keyFile.exec(textOf(file, "name"))?.[1];
    const print = fingerprint(textOf(file, "key"));
    return kind === undefined || print === undefined ? [] : [[kind, print] as const];
  });
  if (lines.length === 0 && keys.length === 0) return undefined;
  return {
    host_key_fingerprints: Object.fromEntries(keys),
    ...(lines.length > 0 && parseSettings(lines.join("\n"))),
  };
}
