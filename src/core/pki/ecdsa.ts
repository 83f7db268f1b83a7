/**
 * ECDSA signatures as X.509 has them: a DER SEQUENCE of two INTEGERs (RFC 3279 §2.2.3), and in one spelling only. Must not know what is
 * signed.
 */

const [sequence, integer] = [0x30, 0x02];

/** Of a curve of 256 bits. Libraries take other spellings of the same two numbers; DER knows one. */
export function isStrictSignature(der: Uint8Array): boolean {
  if (der[0] !== sequence || der[1] !== der.length - 2 || der.length > 72) return false;
  const r = integerAt(der, 2);
  const s = r === undefined ? undefined : integerAt(der, r);
  return s === der.length;
}

/** Where it ends; undefined when none stands there, or a negative one, or one with bytes that it does not need. */
function integerAt(der: Uint8Array, at: number): number | undefined {
  const [tag, length = 0, first = 0x80, second = 0x80] = der.subarray(at, at + 4);
  if (tag !== integer || length < 1 || length > 33 || first >= 0x80) return undefined;
  return first === 0 && length > 1 && second < 0x80 ? undefined : at + 2 + length;
}
