/** DER, the encoding of certificates (ITU-T X.690), as far as it is written here. Must not know what is encoded. */

/** A tag, a length, and what is in it. */
export function der(tag: number, ...parts: readonly Uint8Array[]): Uint8Array {
  const body = Buffer.concat(parts);
  return Buffer.concat([Uint8Array.of(tag, ...lengthOf(body.length)), body]);
}

function lengthOf(length: number): readonly number[] {
  if (length < 0x80) return [length];
  const bytes: number[] = [];
  for (let left = length; left > 0; left = Math.floor(left / 256)) bytes.unshift(left % 256);
  return [0x80 | bytes.length, ...bytes];
}

export const sequence = (...parts: readonly Uint8Array[]): Uint8Array => der(0x30, ...parts);
export const setOf = (part: Uint8Array): Uint8Array => der(0x31, part);
export const octets = (bytes: Uint8Array): Uint8Array => der(0x04, bytes);
export const bits = (bytes: Uint8Array, unused = 0): Uint8Array =>
  der(0x03, Uint8Array.of(unused), bytes);
export const truth = der(0x01, Uint8Array.of(0xff));
export const utf8 = (text: string): Uint8Array => der(0x0c, new TextEncoder().encode(text));

/** Of a number that is not negative, its bytes most significant first. */
export function integer(bytes: Uint8Array): Uint8Array {
  const start = bytes.findIndex((byte) => byte !== 0);
  const short = start < 0 ? Uint8Array.of(0) : bytes.subarray(start);
  return der(0x02, (short[0] ?? 0) >= 0x80 ? Buffer.concat([Uint8Array.of(0), short]) : short);
}

/** From its dotted numbers, the first of which is 0 or 1 or 2. */
export function oid(dotted: string): Uint8Array {
  const [first = 0, second = 0, ...rest] = dotted.split(".").map(Number);
  return der(0x06, Uint8Array.from([first * 40 + second, ...rest].flatMap(base128)));
}

function base128(number: number): readonly number[] {
  const bytes = [number % 128];
  for (let left = Math.floor(number / 128); left > 0; left = Math.floor(left / 128))
    bytes.unshift(0x80 | (left % 128));
  return bytes;
}

/** Whole seconds; two digits of the year until 2049, as RFC 5280 wants it. */
export function moment(date: Date): Uint8Array {
  const digits = date.toISOString().replace(/\.\d+|[-:T]/g, "");
  const isShort = date.getUTCFullYear() < 2050;
  return der(isShort ? 0x17 : 0x18, new TextEncoder().encode(isShort ? digits.slice(2) : digits));
}
