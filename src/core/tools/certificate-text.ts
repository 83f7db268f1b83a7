/** What a certificate in a file says, in the words of reports. Must not know what is wanted. */
import { X509Certificate } from "node:crypto";

const day = 86_400_000;

/** The first one of a PEM text; undefined where there is none, or nothing that can be read. */
export function firstCertificate(pem: string): X509Certificate | undefined {
  const block = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/.exec(pem)?.[0];
  if (block === undefined) return undefined;
  try {
    return new X509Certificate(block);
  } catch (error) {
    if (error instanceof Error) return undefined;
    throw error;
  }
}

/** `CN=web, for web.example and 10.0.0.1, until 2027-01-31` */
export function told(certificate: X509Certificate): string {
  const { subject, subjectAltName = "", validTo } = certificate;
  const names = subjectAltName.replace(/(?:DNS|IP Address):/g, "");
  const forNames = names === "" ? "" : `, for ${names}`;
  return `${subject.replaceAll("\n", ", ")}${forNames}, until ${dateOf(Date.parse(validTo))}`;
}

export const dateOf = (ms: number): string => new Date(ms).toISOString().slice(0, 10);

/** Whole days between its first and its last moment. */
export const lifeOf = ({ validFrom, validTo }: X509Certificate): number =>
  Math.round((Date.parse(validTo) - Date.parse(validFrom)) / day);

/** Whole days left of it, negative afterwards. */
export const daysLeft = ({ validTo }: X509Certificate, now: Date): number =>
  Math.floor((Date.parse(validTo) - now.getTime()) / day);
