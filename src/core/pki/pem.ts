/** Certificates between their two forms: DER bytes and PEM text (RFC 7468). Must not know what they say. */

export function toPem(der: Uint8Array): string {
  const lines =
    Buffer.from(der)
      .toString("base64")
      .match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join("\n")}\n-----END CERTIFICATE-----\n`;
}

const block = /-----BEGIN CERTIFICATE-----([A-Za-z0-9+/=\s]+)-----END CERTIFICATE-----/g;

/** DER of each, in their order. */
export const certificatesIn = (pem: string): readonly Uint8Array[] =>
  [...pem.matchAll(block)].map(([, body = ""]) => new Uint8Array(Buffer.from(body, "base64")));
