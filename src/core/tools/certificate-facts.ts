/** What a certificate says of itself, as far as people ask. Must not know where it was found. */
import { X509Certificate } from "node:crypto";

export interface ToldCertificate {
  readonly path: string;
  readonly cn: string;
  readonly sans: string[];
  readonly issuer: string;
  readonly serial: string;
  readonly not_after: string;
  readonly days_left: number;
  readonly is_ca: boolean;
}

const begin = "-----BEGIN CERTIFICATE-----";
/** A chain is short; what holds more is a store of authorities. */
const longestChain = 8;
const dayMs = 86_400_000;
const mostNames = 50;

/** Undefined for a file without one, a store of authorities, and what only looks like one. */
export function certificateIn(text: string, path: string, now: Date): ToldCertificate | undefined {
  const start = text.indexOf(begin);
  if (start < 0 || text.split(begin).length - 1 > longestChain) return undefined;
  const block = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/.exec(text)?.[0] ?? "";
  const read = readCertificate(block);
  if (read === undefined) return undefined;
  const ends = new Date(read.validTo);
  return {
    path,
    cn: commonName(read.subject),
    sans: namesIn(read.subjectAltName ?? ""),
    issuer: commonName(read.issuer),
    serial: read.serialNumber,
    not_after: ends.toISOString(),
    days_left: Math.floor((ends.getTime() - now.getTime()) / dayMs),
    is_ca: read.ca,
  };
}

function readCertificate(pem: string): X509Certificate | undefined {
  try {
    return new X509Certificate(pem);
  } catch (error) {
    if (error instanceof Error) return undefined;
    throw error;
  }
}

/** A line an attribute; without a common name the organisation has to do. */
function commonName(name: string): string {
  const part = (key: string) => new RegExp(`^${key}=(.*)$`, "m").exec(name)?.[1];
  return part("CN") ?? part("O") ?? "";
}

/** `DNS:a, IP Address:192.0.2.1`, quoted where a name holds a comma. */
const namesIn = (listed: string): string[] =>
  [...listed.matchAll(/(?:DNS|IP Address|email|URI):("(?:[^"\\]|\\.)*"|[^,]*)/g)]
    .map(([, name = ""]) => name.replaceAll('"', "").trim())
    .slice(0, mostNames);
