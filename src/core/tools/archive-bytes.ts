/** An archive from where it is declared, as something that can be read without other programs. Must not unpack it. */
import { createHash } from "node:crypto";
import { VigoError } from "../errors.ts";
import type { Host } from "../host.ts";
import { formatOf, unpackers, unpackLimits } from "./unpack.ts";
import { headOf } from "../text/cut.ts";

export interface ArchiveOrigin {
  readonly source_url?: string;
  readonly source_path?: string;
  readonly sha256?: string;
}

export interface ArchiveBytes {
  /** Of the archive as it came. */
  readonly sha256: string;
  readonly plain: Uint8Array;
}

/** It is held in memory. */
const most = 1024 ** 3;

export async function archiveBytes(host: Host, origin: ArchiveOrigin): Promise<ArchiveBytes> {
  const { sha256, bytes } = await originBytes(host, origin);
  return { sha256, plain: await plainArchive(host, bytes) };
}

/** What was declared, as it came; rejects when it is something else. */
export async function originBytes(
  host: Host,
  origin: ArchiveOrigin,
): Promise<{ readonly sha256: string; readonly bytes: Uint8Array }> {
  const bytes = await asItCame(host, origin);
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  if (origin.sha256 === undefined || origin.sha256.toLowerCase() === sha256)
    return { sha256, bytes };
  throw new VigoError(
    "failed",
    `the archive is not the one that was declared: its sha256 is ${sha256}`,
    {
      hint: "look at where it comes from before changing sha256",
    },
  );
}

async function asItCame(
  host: Host,
  { source_url, source_path, sha256 }: ArchiveOrigin,
): Promise<Uint8Array> {
  if (source_path !== undefined) {
    const found = await host.read(source_path, { limit: most + 1 });
    if (found === undefined)
      throw new VigoError("failed", `the archive ${source_path} is not there`, {
        hint: "does another resource make it? Then depend on that one",
      });
    return withinMost(found.length, found);
  }
  const body = await host.fetch(source_url ?? "", {
    resume: true,
    ...(sha256 !== undefined && { sha256 }),
  });
  const parts: Uint8Array[] = [];
  let bytes = 0;
  for await (const part of body) {
    bytes += part.length;
    withinMost(bytes, part);
    parts.push(part);
  }
  return Buffer.concat(parts);
}

function withinMost<T>(bytes: number, value: T): T {
  if (bytes <= most) return value;
  throw new VigoError("limited", "the archive is larger than 1 GiB", {
    hint: "fetch it with download, and unpack it with exec",
  });
}

/** bzip2 and xz are the business of their own programs, which get no more room than an archive may take. */
export async function plainArchive(host: Host, bytes: Uint8Array): Promise<Uint8Array> {
  const program = unpackers[formatOf(bytes)];
  if (program === undefined) return bytes;
  const folder = "/var/tmp";
  const packed = `${folder}/.vigo-archive-${createHash("sha256").update(bytes).digest("hex").slice(0, 12)}`;
  const plain = `${packed}.tar`;
  try {
    await host.write(packed, bytes, { mode: 0o600, snapshot: false });
    await host.write(plain, new Uint8Array(), { mode: 0o600, snapshot: false });
    const room = Math.min(most, unpackLimits.bytes);
    const shell = `set -e; { ${program} -dc <"${packed}" || echo broken >&2; } | head -c ${room + 1} >"${plain}"`;
    const { code, stderr } = await host.run({ argv: { shell }, timeoutMs: 30 * 60_000 });
    if (/not found/.test(stderr))
      throw new VigoError("failed", `${program} is not installed`, {
        hint: "depend on its package",
      });
    const found = await host.read(plain, { limit: room + 1 });
    if (found === undefined || code !== 0 || (stderr !== "" && found.length <= room))
      throw new VigoError(
        "failed",
        `${program} cannot decompress the archive: ${headOf(stderr.trim(), 300)}`,
      );
    return withinMost(found.length, found);
  } finally {
    await host.remove(packed);
    await host.remove(plain);
  }
}
