/** How deep JSON goes, seen before it is read: what reads it calls itself for each level. Must not know what it says. */

const [quote, backslash] = [0x22, 0x5c];
const opening = new Set([0x5b, 0x7b]);
const closing = new Set([0x5d, 0x7d]);

/** Of any bytes; what is no JSON gives some number. */
export function nesting(json: Uint8Array): number {
  let [depth, most, quoted] = [0, 0, false];
  for (let at = 0; at < json.length; at++) {
    const byte = json[at] ?? 0;
    if (quoted && byte === backslash) at++;
    else if (byte === quote) quoted = !quoted;
    else if (!quoted && opening.has(byte)) most = Math.max(most, ++depth);
    else if (!quoted && closing.has(byte)) depth--;
  }
  return most;
}
