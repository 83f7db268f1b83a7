/** Addresses and networks as the tools of Linux print them: `10.0.0.0/8`, `10.0.0.1`, `fd00::1`. Must not know machines. */
import { isIP } from "node:net";

export const addressPattern = /^[0-9A-Fa-f:.]{2,45}(?:\/\d{1,3})?$/;

export interface Network {
  readonly family: 4 | 6;
  /** Without bits behind the network, and without a length where it is a single address. */
  readonly text: string;
}

/** Undefined for what is neither an address nor a network. */
export function parseNetwork(written: string): Network | undefined {
  const [address = "", length] = written.split("/");
  const family = isIP(address);
  const whole = family === 4 ? 32 : 128;
  const bits = length === undefined ? whole : Number(length);
  if (family === 0 || !/^\d*$/.test(length ?? "") || bits > whole) return undefined;
  const bytes = cut(addressBytes(address), bits);
  const text = family === 4 ? bytes.join(".") : textOfV6(bytes);
  return { family: family === 4 ? 4 : 6, text: bits === whole ? text : `${text}/${bits}` };
}

/** An address with its length kept as it is, in the usual spelling: `10.0.0.5/24`. */
export function parseInterfaceAddress(written: string): string | undefined {
  const [address = "", length] = written.split("/");
  const single = parseNetwork(address);
  const most = single?.family === 4 ? 32 : 128;
  if (single === undefined || length === undefined || !/^\d{1,3}$/.test(length)) return undefined;
  return Number(length) > most ? undefined : `${single.text}/${Number(length)}`;
}

/** Of an address alone, most significant first. */
export const addressBytes = (address: string): readonly number[] =>
  isIP(address) === 4 ? address.split(".").map(Number) : bytesOfV6(address);

const cut = (bytes: readonly number[], bits: number): readonly number[] =>
  bytes.map((byte, at) => {
    const kept = Math.min(8, Math.max(0, bits - at * 8));
    return byte & (0xff << (8 - kept)) & 0xff;
  });

/** The parser of URLs spells it in groups, whatever it was written like. */
function bytesOfV6(address: string): readonly number[] {
  const [head = "", tail] = new URL(`http://[${address}]/`).hostname.slice(1, -1).split("::");
  const groups = (part: string) => part.split(":").filter((group) => group !== "");
  const [before, after] = [groups(head), groups(tail ?? "")];
  const zeros = Array.from({ length: 8 - before.length - after.length }, () => "0");
  return [...before, ...zeros, ...after]
    .map((group) => Number.parseInt(group, 16))
    .flatMap((number) => [number >> 8, number & 0xff]);
}

/** As RFC 5952 wants it. */
function textOfV6(bytes: readonly number[]): string {
  const groups = Array.from({ length: 8 }, (_, at) =>
    (((bytes[at * 2] ?? 0) << 8) | (bytes[at * 2 + 1] ?? 0)).toString(16),
  );
  return new URL(`http://[${groups.join(":")}]/`).hostname.slice(1, -1);
}
