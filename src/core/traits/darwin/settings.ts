/** How macOS is set up: `time`, `locale`, `firewall`, `cert_lifecycle`. Must not know what a person has chosen. */
import type { ReadHost } from "../../host.ts";
import { certificateIn } from "../../tools/certificate-facts.ts";
import { isTimezone, localTime } from "../../tools/local-time.ts";
import { type Asking, printed } from "../../tools/once.ts";

/** The link leads into `/var/db/timezone/zoneinfo/`. */
export async function time(host: ReadHost, asking: Asking) {
  const [link, network] = await Promise.all([
    host.stat("/etc/localtime"),
    printed(host, asking, ["systemsetup", "-getusingnetworktime"], [0, 1]),
  ]);
  const [, name = "UTC"] = /\/zoneinfo\/(.+)$/.exec(link?.target ?? "") ?? [];
  return {
    ...localTime(host.now(), isTimezone(name) ? name : "UTC"),
    ntp_synchronized: /^Network Time: On$/m.test(network),
  };
}

/** Exit 1: there is no such setting. */
const setting = async (host: ReadHost, asking: Asking, domain: string, key: string) =>
  (
    await printed(host, asking, ["defaults", "read", `/Library/Preferences/${domain}`, key], [0, 1])
  ).trim();

/** The keyboard is a list of old property lists: `"KeyboardLayout Name" = "U.S.";`. */
export async function locale(host: ReadHost, asking: Asking) {
  const [lang, sources] = await Promise.all([
    setting(host, asking, ".GlobalPreferences", "AppleLocale"),
    setting(host, asking, "com.apple.HIToolbox", "AppleSelectedInputSources"),
  ]);
  const [, quoted, plain] = /"KeyboardLayout Name" = (?:"([^"]*)"|(\S+));/.exec(sources) ?? [];
  return { lang, keymap: quoted ?? plain ?? "" };
}

const filter = "/usr/libexec/ApplicationFirewall/socketfilterfw";

/** The application firewall: programs that may be reached. Who is not among them is not, unless Apple signed it. */
export async function firewall(host: ReadHost, asking: Asking) {
  const [state, programs] = await Promise.all([
    printed(host, asking, [filter, "--getglobalstate"]),
    printed(host, asking, [filter, "--listapps"]),
  ]);
  const enabled = /\(State = [12]\)/.test(state);
  const [, count] = /total number of apps = (\d+)/i.exec(programs) ?? [];
  return {
    backend: "socketfilterfw" as const,
    enabled,
    input_policy: enabled ? ("drop" as const) : ("accept" as const),
    forward_policy: "none" as const,
    output_policy: "none" as const,
    rule_count: Number(count ?? 0),
  };
}

const keychain = "/Library/Keychains/System.keychain";
const mostCertificates = 200;
/** errSecItemNotFound, as an exit code. */
const none = 44;

/** The machine's own keychain, not the one of authorities that everybody trusts. */
export async function certLifecycle(host: ReadHost, asking: Asking) {
  const found = await printed(
    host,
    asking,
    ["security", "find-certificate", "-a", "-p", keychain],
    [0, none],
  );
  const certificates = found
    .split(/^(?=-----BEGIN CERTIFICATE-----)/m)
    .map((text) => certificateIn(text, keychain, host.now()))
    .filter((told) => told !== undefined);
  return { certificates: certificates.slice(0, mostCertificates) };
}
