/**
 * A private key, the request made with it, and the certificate it belongs to: what differs from the wish, and how each is made.
 * Must not know owners and modes, nor when anybody looks.
 */
import { createHash, type KeyObject, type X509Certificate } from "node:crypto";
import { VigoError } from "../errors.ts";
import type { ReadHost } from "../host.ts";
import { type KeyKind, kindOf, newPrivateKey, privateKeyOf } from "../pki/key-kind.ts";
import {
  certificateRequest,
  type CertificateWish,
  isAsWished,
  isRequestFor,
  selfSigned,
} from "../pki/own-certificate.ts";
import { dateOf, daysLeft, firstCertificate, lifeOf, told } from "./certificate-text.ts";
import { fileText } from "./file-text.ts";

export { keyKinds } from "../pki/key-kind.ts";

export interface KeyedWish {
  readonly path: string;
  readonly key?: string;
  readonly keyContent: string | undefined;
  readonly keyKind: KeyKind | undefined;
  readonly request?: string;
  /** Of a finished certificate; otherwise one is made from the rest. */
  readonly content?: string;
  readonly commonName: string | undefined;
  readonly organization?: string;
  readonly names: readonly string[];
  readonly isCa: boolean;
  readonly days: number;
  readonly renewBefore: number;
}

interface Difference {
  readonly field: string;
  readonly from: string | undefined;
  readonly to: string | undefined;
  readonly cause: "intent" | "upstream";
}

const difference = (
  field: string,
  from: string | undefined,
  to: string | undefined,
  cause: "intent" | "upstream" = "intent",
): readonly Difference[] => [{ field, from, to, cause }];

/** A new certificate may not be of use at once where a clock is behind. */
const backdatedMs = 3_600_000;

const certificateWish = (wish: KeyedWish): CertificateWish => ({
  commonName: wish.commonName ?? "",
  organization: wish.organization,
  names: wish.names,
  isCa: wish.isCa,
});

/** A key is nobody's business: what it is like is said, never what it is. */
export async function keyChanges(host: ReadHost, wish: KeyedWish): Promise<readonly Difference[]> {
  if (wish.key === undefined) return [];
  const is = await fileText(host, wish.key);
  if (wish.content !== undefined) return broughtKeyChanges(wish, is);
  const key = is === undefined ? undefined : privateKeyOf(is);
  if (is !== undefined && key === undefined) throw unreadable(wish.key);
  const from = key && kindOf(key);
  const to = wish.keyKind ?? from ?? defaultKind;
  return from === to ? [] : difference("key", from, to);
}

const defaultKind: KeyKind = "ecdsa-p256";

function broughtKeyChanges(wish: KeyedWish, is: string | undefined): readonly Difference[] {
  const { key = "", keyContent, content = "" } = wish;
  const wanted = keyContent ?? is;
  const own = wanted === undefined ? undefined : privateKeyOf(wanted);
  if (wanted !== undefined && own === undefined)
    throw keyContent === undefined ? unreadable(key) : noKey;
  const certificate = firstCertificate(content);
  if (own !== undefined && certificate?.checkPrivateKey(own) === false)
    throw new VigoError("failed", `the key ${key} is not that of the certificate`, {
      hint: "content and key_content must come from one and the same request",
    });
  if (keyContent === undefined || keyContent === is) return [];
  return difference("key", is === undefined ? undefined : "another", "as declared");
}

const noKey = new VigoError("failed", "key_content is no private key in PEM", {
  hint: "it begins with -----BEGIN PRIVATE KEY-----, or the like, and has no passphrase",
});

const unreadable = (path: string) =>
  new VigoError("failed", `${path} is no private key in PEM, or it has a passphrase`, {
    hint: "move it away by hand, and a new one is made",
  });

export async function newKey(wish: KeyedWish): Promise<string> {
  return wish.keyContent ?? (await newPrivateKey(wish.keyKind ?? defaultKind));
}

/** The key that is in the file now; undefined while there is none, or one that is to be replaced. */
async function keyInFile(host: ReadHost, wish: KeyedWish): Promise<KeyObject | undefined> {
  const pem = wish.key === undefined ? undefined : await fileText(host, wish.key);
  const key = pem === undefined ? undefined : privateKeyOf(pem);
  const isKept = key !== undefined && [undefined, kindOf(key)].includes(wish.keyKind);
  return isKept ? key : undefined;
}

async function keyToSignWith(host: ReadHost, wish: KeyedWish): Promise<KeyObject> {
  const key = await keyInFile(host, wish);
  if (key === undefined) throw unreadable(wish.key ?? "");
  return key;
}

export async function requestChanges(
  host: ReadHost,
  wish: KeyedWish,
): Promise<readonly Difference[]> {
  if (wish.request === undefined) return [];
  const key = await keyInFile(host, wish);
  const is = await fileText(host, wish.request);
  if (key && is !== undefined && isRequestFor(is, key, certificateWish(wish))) return [];
  return difference("request", is === undefined ? undefined : "another", inWords(wish));
}

export const newRequest = async (host: ReadHost, wish: KeyedWish): Promise<string> =>
  certificateRequest(await keyToSignWith(host, wish), certificateWish(wish));

export async function certificateChanges(
  host: ReadHost,
  wish: KeyedWish,
): Promise<readonly Difference[]> {
  const is = await fileText(host, wish.path);
  const there = is === undefined ? undefined : firstCertificate(is);
  const from = there ? told(there) : is === undefined ? undefined : "no certificate";
  if (wish.content !== undefined) return broughtChanges(wish.content, is, from);
  const key = await keyInFile(host, wish);
  if (wish.request !== undefined) return signedByOthers(wish, there, key);
  const isOurs =
    there !== undefined &&
    key !== undefined &&
    isAsWished(there.raw, key, certificateWish(wish)) &&
    there.verify(there.publicKey) &&
    lifeOf(there) === wish.days;
  if (!isOurs) {
    const more = there === undefined ? "" : unlike(there, key, wish);
    return difference("certificate", from && `${from}${more}`, wished(wish));
  }
  if (daysLeft(there, host.now()) >= wish.renewBefore) return [];
  const until = dateOf(Date.parse(there.validTo));
  return difference("expires", until, `after ${wish.days} more days`, "upstream");
}

const wished = (wish: KeyedWish): string =>
  `${inWords(wish)}, for ${wish.days} days${wish.isCa ? ", a CA" : ""}`;

/** What the names of a certificate do not show of it, where it is not as it is to be. */
function unlike(there: X509Certificate, key: KeyObject | undefined, wish: KeyedWish): string {
  const found = [
    ...(lifeOf(there) === wish.days ? [] : [`made for ${lifeOf(there)} days`]),
    ...(key === undefined || there.checkPrivateKey(key) ? [] : ["for another key"]),
    ...(there.verify(there.publicKey) ? [] : ["signed by another"]),
    ...(there.ca === wish.isCa ? [] : [there.ca ? "a CA" : "no CA"]),
  ];
  const isShown = told(there).startsWith(`${inWords(wish)}, until `);
  if (found.length === 0 && isShown) return ", with other uses";
  return found.map((one) => `, ${one}`).join("");
}

function broughtChanges(content: string, is: string | undefined, from: string | undefined) {
  const brought = firstCertificate(content);
  if (brought === undefined)
    throw new VigoError("failed", "content is no certificate in PEM", {
      hint: "it begins with -----BEGIN CERTIFICATE-----",
    });
  if (is === content) return [];
  const [a, b] = [from, told(brought)];
  return a === b
    ? difference("certificate", `${a}, ${shortDigest(is ?? "")}`, `${b}, ${shortDigest(content)}`)
    : difference("certificate", a, b);
}

const shortDigest = (text: string) =>
  `sha256 ${createHash("sha256").update(text).digest("hex").slice(0, 12)}`;

/** Whoever signs the request may answer a request that is not the last one. */
function signedByOthers(
  wish: KeyedWish,
  there: X509Certificate | undefined,
  key: KeyObject | undefined,
): readonly Difference[] {
  if (there === undefined || key === undefined || there.checkPrivateKey(key)) return [];
  throw new VigoError("failed", `${wish.path} is not for the key ${wish.key}`, {
    hint: `let ${wish.request} be signed, and put its certificate there`,
  });
}

export async function newCertificate(host: ReadHost, wish: KeyedWish): Promise<string> {
  if (wish.content !== undefined) return wish.content;
  const from = new Date(host.now().getTime() - backdatedMs);
  const key = await keyToSignWith(host, wish);
  return selfSigned(key, certificateWish(wish), { from, days: wish.days });
}

/** `CN=web, for web.example, 10.0.0.1` */
function inWords({ commonName, organization, names }: KeyedWish): string {
  const subject = `${organization === undefined ? "" : `O=${organization}, `}CN=${commonName}`;
  return names.length === 0 ? subject : `${subject}, for ${names.join(", ")}`;
}
