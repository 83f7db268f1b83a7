/**
 * A licence: what the vendor lets a server do, signed. One word in a file: `vigo-license-1.FACTS.SIGNATURE`, both base64url; the facts
 * are canonical JSON, and the signature covers `vigo.v1.license`, a zero byte, and them. Must not know servers.
 */
import { z } from "zod";
import { VigoError } from "./errors.ts";
import { canonicalJson } from "./json.ts";
import { type SigningKey, sign, verify, verifyKey } from "./pki/keys.ts";

const facts = z.strictObject({
  id: z.string().min(1).max(100),
  customer: z.string().min(1).max(200),
  /** Machines at one time; as many as there are, when it is left out. */
  max_envoys: z.int().min(1).exactOptional(),
  issued: z.iso.datetime(),
  /** Without end, when it is left out. */
  expires: z.iso.datetime().exactOptional(),
});

export type License = z.output<typeof facts>;

/** Longer is none of ours. */
const mostCharacters = 10_000;
const form = /^vigo-license-1\.([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]{86})$/;

const signed = (body: Uint8Array): Uint8Array =>
  Buffer.concat([Buffer.from("vigo.v1.license\0"), body]);

export function writeLicense(license: License, key: SigningKey): string {
  const body = Buffer.from(canonicalJson(facts.parse(license)));
  const signature = Buffer.from(sign(signed(body), key));
  return `vigo-license-1.${body.toString("base64url")}.${signature.toString("base64url")}`;
}

/** `vendor`: 32 raw bytes of an ed25519 public key. Throws `invalid` for a text that is no licence, or not the vendor's. */
export function readLicense(text: string, vendor: Uint8Array): License {
  const [, body, signature] = form.exec(text.slice(0, mostCharacters).trim()) ?? [];
  if (body === undefined || signature === undefined) throw refused("this is no licence");
  const bytes = Buffer.from(body, "base64url");
  if (!verify(signed(bytes), Buffer.from(signature, "base64url"), verifyKey(vendor)))
    throw refused("the licence was changed, or the vendor did not sign it");
  return facts.parse(JSON.parse(bytes.toString("utf8")));
}

const refused = (message: string) =>
  new VigoError("invalid", message, {
    hint: "copy the file as you got it; it begins with vigo-license-1.",
  });
