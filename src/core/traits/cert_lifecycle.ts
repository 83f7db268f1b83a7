/**
 * The `cert_lifecycle` trait: certificates of this machine's services and when they end. What others have signed and everybody
 * trusts (the trust stores) is left out. Must not know who uses them.
 */
import { z } from "zod";
import type { ReadHost } from "../host.ts";
import { certificateIn, type ToldCertificate } from "../tools/certificate-facts.ts";
import { fileText } from "../tools/file-text.ts";
import { unlessDenied } from "../tools/refusal.ts";
import { defineTrait } from "../trait.ts";

const most = 200;
/** A folder that holds more than this is no place where people keep their certificates. */
const mostEntries = 2_000;

export const certLifecycle = defineTrait({
  name: "cert_lifecycle",
  summary: "Certificates of this machine and when they end.",
  platforms: ["linux"],
  elsewhere: {
    darwin: () =>
      (require("./darwin/settings.ts") as typeof import("./darwin/settings.ts")).certLifecycle,
    windows: () =>
      (require("./windows/software.ts") as typeof import("./windows/software.ts")).certLifecycle,
  },
  keep: "hour",
  value: () =>
    z.strictObject({
      certificates: z
        .array(
          z.strictObject({
            path: z.string(),
            cn: z.string(),
            sans: z.array(z.string()),
            issuer: z.string(),
            serial: z.string(),
            not_after: z.iso.datetime(),
            days_left: z.int(),
            is_ca: z.boolean(),
          }),
        )
        .meta({
          description: `The first certificate of each file, by path, ${most} at most: common name, other names (50 of them), name of the issuer, serial number (hexadecimal), end (UTC), whole days until then (negative: over), whether it may sign others.`,
        }),
    }),
  async collect(host) {
    const now = host.now();
    const files = await Promise.all(places.map((place) => filesIn(host, place)));
    const paths = [...new Set(files.flat())].sort();
    const certificates: ToldCertificate[] = [];
    for (const path of paths) {
      if (certificates.length >= most) break;
      const text = await unlessDenied(fileText(host, path));
      const told = text === undefined ? undefined : certificateIn(text, path, now);
      if (told !== undefined) certificates.push(told);
    }
    return { certificates };
  },
  example: {
    certificates: [
      {
        path: "/etc/letsencrypt/live/example.com/cert.pem",
        cn: "example.com",
        sans: ["example.com", "www.example.com"],
        issuer: "R11",
        serial: "04F1A2",
        not_after: "2026-03-01T12:00:00.000Z",
        days_left: 58,
        is_ca: false,
      },
    ],
  },
});

interface Place {
  readonly folder: string;
  /** Levels of folders below it. */
  readonly depth: number;
}

/** Where distributions and servers keep theirs. */
const places: readonly Place[] = [
  { folder: "/etc/letsencrypt/live", depth: 1 },
  { folder: "/etc/ssl", depth: 1 },
  { folder: "/etc/pki/tls", depth: 1 },
  { folder: "/etc/nginx", depth: 2 },
  { folder: "/etc/apache2", depth: 2 },
  { folder: "/etc/httpd", depth: 2 },
  { folder: "/etc/haproxy", depth: 1 },
  { folder: "/etc/postfix", depth: 1 },
  { folder: "/etc/dovecot", depth: 1 },
  { folder: "/etc/ldap", depth: 1 },
  { folder: "/etc/openvpn", depth: 1 },
  { folder: "/etc/kubernetes/pki", depth: 1 },
  { folder: "/etc/docker", depth: 2 },
  { folder: "/etc/postgresql", depth: 2 },
  { folder: "/etc/mysql", depth: 1 },
];

const nameOfOne = /\.(?:pem|crt|cer|cert)$/;

async function filesIn(host: ReadHost, { folder, depth }: Place): Promise<readonly string[]> {
  const names = (await unlessDenied(host.list(folder))) ?? [];
  const here = names.slice(0, mostEntries).map((name) => `${folder}/${name}`);
  const found = await Promise.all(
    here.map(async (path) => {
      if (nameOfOne.test(path)) return (await isOwn(host, path)) ? [path] : [];
      // What has an ending is a file of another kind, but for folders of domains.
      if (depth === 0 || /\.(?:\d+|conf|cnf|key|sh)$/.test(path)) return [];
      const entry = await unlessDenied(host.stat(path));
      return entry?.kind === "directory" ? filesIn(host, { folder: path, depth: depth - 1 }) : [];
    }),
  );
  return found.flat();
}

const biggest = 256 * 1024;

/** Links to where packages put the certificates of authorities are not this machine's; links of certbot are. */
async function isOwn(host: ReadHost, path: string): Promise<boolean> {
  const entry = await unlessDenied(host.stat(path));
  if (entry === undefined || entry.kind === "directory") return false;
  if (entry.kind === "symlink")
    return !/ca-certificates|ca-trust|\/pki\/trust/.test(entry.target ?? "");
  return entry.bytes <= biggest;
}
