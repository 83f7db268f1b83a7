/**
 * The `archive` type: an archive unpacked into a folder. Must not know what is in it. What was unpacked is written down in the
 * folder, so that another archive, or a file somebody removed, is noticed; absent takes away just that, and the next version what
 * only the former one had.
 */
import { createHash } from "node:crypto";
import type { z } from "zod";
import { VigoError } from "../errors.ts";
import type { Host, ReadHost } from "../host.ts";
import { choice, parameters, path, text, whole } from "../params.ts";
import { type Change, defineResource, differing } from "../resource.ts";
import { archiveBytes } from "../tools/archive-bytes.ts";
import { placeFollows } from "../tools/place.ts";
import { readUnpacked, type Unpacked, writeUnpacked } from "../tools/unpacked.ts";
import { unpack } from "../tools/unpack.ts";

const params = () =>
  parameters({
    target_path: path("Folder to unpack into; it must be there."),
    state: choice("Absent removes what was unpacked.", ["present", "absent"]).default("present"),
    source_url: text("The http or https address of the archive; needs `sha256`, or `creates`.", {
      pattern: /^https?:\/\/\S+$/,
      wanted: "an http or https address",
    }).exactOptional(),
    source_path: path("The archive, on the envoy.").exactOptional(),
    sha256: text("The sha256 of the archive, in hex. Another one unpacks the other archive.", {
      pattern: /^[0-9a-fA-F]{64}$/,
      wanted: "64 hex digits",
    }).exactOptional(),
    strip_components: whole("How many leading folders of each name to leave out.", {
      max: 50,
    }).default(0),
    creates: path(
      "What unpacking makes; as long as it is there, nothing else is asked.",
    ).exactOptional(),
  })
    .refine((p) => (p.source_url === undefined) !== (p.source_path === undefined), {
      path: ["source_url"],
      message: "write one of source_url and source_path",
    })
    .refine(
      (p) =>
        p.state === "absent" || p.source_url === undefined || (p.sha256 ?? p.creates) !== undefined,
      {
        path: ["sha256"],
        message:
          "is required with source_url, or else creates: without them there is no telling what is there",
      },
    );

type Params = z.output<ReturnType<typeof params>>;

export const archive = defineResource<Params>({
  name: "archive",
  summary: "Unpacks an archive (tar, also gz, bz2, xz or zst, and zip) into a folder.",
  platforms: ["linux", "darwin"],
  params,
  main: "target_path",
  claims: (p) => [{ id: `archive:${p.target_path}`, part: origin(p) }],
  after: (p) => [
    ...placeFollows(`${p.target_path}/x`),
    ...(p.source_path === undefined ? [] : [`file:${p.source_path}`]),
  ],

  async check(p, host) {
    const noted = await readUnpacked(host, note(p));
    if (p.state === "absent") return differing("archive", noted && shown(noted), undefined);
    if (p.creates !== undefined)
      return (await host.stat(p.creates)) === undefined
        ? differing("archive", undefined, `unpacked, with ${p.creates}`)
        : [];
    const wanted = await digestOf(p, host);
    const changed = differing(
      "archive",
      noted && shown(noted),
      wanted === undefined ? `unpacked from ${origin(p)}` : `sha256 ${wanted}`,
    );
    return changed.length > 0 || noted === undefined ? changed : await missing(p, noted, host);
  },

  async apply(p, host) {
    if (p.state === "absent") return await takeAway(p, host);
    if ((await host.stat(p.target_path, { follow: true }))?.kind !== "directory")
      throw new VigoError("failed", `${p.target_path} is no folder`, {
        hint: "declare it as a directory resource",
      });
    const bytes = await archiveBytes(host, p);
    const before = await readUnpacked(host, note(p));
    const names = await unpack(host, bytes.plain, p.target_path, p.strip_components);
    const kept = new Set(names);
    await removeNames(p, host, before?.names.filter((name) => !kept.has(name)) ?? []);
    await writeUnpacked(host, note(p), { sha256: bytes.sha256, names });
  },

  examples: [
    {
      title: "A release, without its own folder",
      params: {
        source_url: "https://downloads.example.net/tool-1.4.tar.gz",
        sha256: "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        target_path: "/opt/tool",
        strip_components: 1,
      },
    },
    {
      title: "Once",
      params: {
        source_path: "/srv/dump.tar.xz",
        target_path: "/srv/data",
        creates: "/srv/data/index",
      },
    },
  ],
});

const origin = (p: Params) => p.source_url ?? p.source_path ?? "";

const note = (p: Params) =>
  `${p.target_path}/.vigo-archive-${createHash("sha256").update(origin(p)).digest("hex").slice(0, 12)}`;

const shown = ({ sha256 }: Unpacked) => `sha256 ${sha256}`;

const digestOf = async (p: Params, host: ReadHost) =>
  p.sha256?.toLowerCase() ?? (p.source_path && (await host.digest(p.source_path)));

async function missing(p: Params, { names }: Unpacked, host: ReadHost): Promise<readonly Change[]> {
  const gone: string[] = [];
  for (const name of names)
    if ((await host.stat(`${p.target_path}/${name}`)) === undefined) gone.push(name);
  const some = gone.slice(0, 5).join(", ");
  return gone.length === 0
    ? []
    : differing("files", `${gone.length} missing: ${some}`, "as unpacked");
}

async function takeAway(p: Params, host: Host): Promise<void> {
  await removeNames(p, host, (await readUnpacked(host, note(p)))?.names ?? []);
  await host.remove(note(p));
}

/** Folders only when nothing else is in them. */
async function removeNames(p: Params, host: Host, names: readonly string[]): Promise<void> {
  for (const name of [...names].sort().reverse()) {
    const path = `${p.target_path}/${name}`;
    const there = await host.stat(path);
    const isFull = there?.kind === "directory" && ((await host.list(path)) ?? []).length > 0;
    if (there !== undefined && !isFull) await host.remove(path);
  }
}
