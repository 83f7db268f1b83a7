/**
 * Where the network lets no machine out but through a proxy: HTTPS_PROXY and NO_PROXY, or their settings. Must not know what
 * travels through it, nor open a connection.
 */
import { BlockList, isIP } from "node:net";
import { VigoError } from "../../core/errors.ts";

/** As it was written; read when it is needed, so that a proxy of other programs troubles no command that calls nobody. */
export interface ProxySettings {
  /** `http://proxy.example.org:3128`, with name and password where it wants them; the scheme may be left out. */
  readonly https: string;
  /** Who is called directly: names (with all below them), addresses, networks, `*`; commas between them. */
  readonly except?: string;
}

/** The proxy that leads there, or undefined. Throws `invalid` for what is none. */
export function proxyFor(
  { host, port }: { readonly host: string; readonly port: number },
  settings: ProxySettings | undefined,
): URL | undefined {
  if (settings === undefined || isLocal(host)) return undefined;
  const exceptions = (settings.except ?? "").split(/[\s,]+/).filter((one) => one !== "");
  return exceptions.some((one) => covers(one.toLowerCase(), host.toLowerCase(), port))
    ? undefined
    : proxyUrl(settings.https);
}

const loopback = listOf("127.0.0.0", 8, "ipv4");

/** No proxy leads back to this machine. */
const isLocal = (host: string): boolean =>
  host === "localhost" || host === "::1" || (isIP(host) === 4 && loopback.check(host, "ipv4"));

function listOf(address: string, bits: number, family: "ipv4" | "ipv6"): BlockList {
  const list = new BlockList();
  list.addSubnet(address, bits, family);
  return list;
}

/** What is no name, address or network covers nobody, as with other programs that read NO_PROXY. */
function covers(exception: string, host: string, port: number): boolean {
  if (exception === "*") return true;
  const [, address = "", bits = ""] = /^([0-9a-f.:]+)\/(\d{1,3})$/.exec(exception) ?? [];
  if (isIP(address) !== 0) return isWithin(host, address, Number(bits));
  if (isIP(exception) !== 0) return exception === host;
  const [, name = "", only] = /^\[?(.*?)\]?(?::(\d+))?$/.exec(exception) ?? [];
  return (only === undefined || Number(only) === port) && isBelow(host, name.replace(/^\*?\./, ""));
}

function isWithin(host: string, address: string, bits: number): boolean {
  const version = isIP(address);
  if (isIP(host) !== version || bits > (version === 4 ? 32 : 128)) return false;
  return listOf(address, bits, family(version)).check(host, family(version));
}

const isBelow = (host: string, name: string): boolean =>
  name !== "" && (host === name || (isIP(host) === 0 && host.endsWith(`.${name}`)));

const family = (version: number): "ipv4" | "ipv6" => (version === 4 ? "ipv4" : "ipv6");

/** Written without a scheme it is a HOST:PORT, as curl takes it. */
function proxyUrl(written: string): URL {
  const text = /^[a-z][a-z0-9+.-]*:\/\//i.test(written) ? written : `http://${written}`;
  const url = URL.parse(text);
  if (url !== null && url.protocol === "http:" && url.hostname !== "") return url;
  throw new VigoError("invalid", "the proxy of HTTPS_PROXY is none that can be asked", {
    hint: "it is http://HOST:PORT, or http://NAME:PASSWORD@HOST:PORT",
  });
}
