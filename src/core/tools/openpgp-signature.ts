/**
 * What an OpenPGP key says of itself, in signatures of version 4. Source: RFC 9580, section 5.2. Must not know files. Nothing is verified
 * here; that is for the package manager.
 */

/** Over a name of the key. */
const overName: ReadonlySet<number> = new Set([0x10, 0x11, 0x12, 0x13]);
/** Over the key itself; it may be about other things than how long it is valid. */
const overKey = 0x1f;

/** Seconds after its making for which a key is valid, by its newest word about itself; 0: for ever. */
export function validSeconds(fingerprint: string, signatures: readonly Buffer[]): number {
  let [newest, seconds] = [-1, 0];
  for (const body of signatures) {
    const said = saidBy(body);
    if (said === undefined || !isBy(fingerprint, said)) continue;
    const at = said.get(2)?.readUInt32BE(0) ?? 0;
    const valid = said.get(9)?.readUInt32BE(0) ?? 0;
    const isLonger = at === newest && seconds > 0 && (valid === 0 || valid > seconds);
    if (at > newest || isLonger) [newest, seconds] = [at, valid];
  }
  return seconds;
}

type Said = ReadonlyMap<number, Buffer>;

/** Issuer's fingerprint behind its version, or the last eight bytes of it. */
function isBy(fingerprint: string, said: Said): boolean {
  const [long, short] = [33, 16].map((type) => said.get(type)?.toString("hex").toUpperCase());
  return long === undefined
    ? short !== undefined && fingerprint.endsWith(short)
    : long.slice(2) === fingerprint;
}

/** Subpackets by type, those that are signed too before the others. Undefined for signatures of other kinds. */
function saidBy(body: Buffer): Said | undefined {
  const type = body[1] ?? 0;
  if (body[0] !== 4 || !(overName.has(type) || type === overKey) || body.length < 8)
    return undefined;
  const signed = body.readUInt16BE(4);
  const rest = 6 + signed;
  if (rest + 2 > body.length) return undefined;
  const unsigned = body.subarray(rest + 2, rest + 2 + body.readUInt16BE(rest));
  const issuers = subpackets(unsigned).filter(([type]) => type === 16 || type === 33);
  const said = new Map([...issuers, ...subpackets(body.subarray(6, rest))]);
  return type === overKey && !said.has(9) ? undefined : said;
}

function subpackets(bytes: Buffer): readonly (readonly [number, Buffer])[] {
  const found: (readonly [number, Buffer])[] = [];
  for (let at = 0; at < bytes.length;) {
    const { start, length } = lengthAt(bytes, at);
    const next = start + length;
    if (length === 0 || next > bytes.length) break;
    const data = bytes.subarray(start + 1, next);
    const type = (bytes[start] ?? 0) & 0x7f;
    if ((type !== 2 && type !== 9) || data.length === 4) found.push([type, data]);
    at = next;
  }
  return found;
}

function lengthAt(bytes: Buffer, at: number): { readonly start: number; readonly length: number } {
  const first = bytes[at] ?? 0;
  if (first < 192) return { start: at + 1, length: first };
  if (first < 255)
    return { start: at + 2, length: ((first - 192) << 8) + (bytes[at + 1] ?? 0) + 192 };
  const isWhole = at + 5 <= bytes.length;
  return { start: at + 5, length: isWhole ? bytes.readUInt32BE(at + 1) : 0 };
}
