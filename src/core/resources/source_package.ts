/**
 * The `source_package` type: software that is in no package, put in its place from a release: one program, or a tree. Must not
 * know archives. What stands there is known by a note beside it, so that another release, or a hand in it, is noticed.
 */
import type { z } from "zod";
import { VigoError } from "../errors.ts";
import type { Host, ReadHost, Stat } from "../host.ts";
import { choice, mode, owner, parameters, path, text } from "../params.ts";
import { type Change, defineResource, differing } from "../resource.ts";
import { attributeDifferences, creation, mendAttributes } from "../tools/attributes.ts";
import { placeFollows } from "../tools/place.ts";
import { notePath, readSourceNote, type SourceNote } from "../tools/source-note.ts";
import { placeRelease } from "../tools/source-release.ts";

const params = () =>
  parameters({
    target_path: path(
      "Where the software is kept: the path of the program with `binary_path` or when no archive is fetched, else the folder that the archive is unpacked into. Its parent must be there.",
    ),
    state: choice("Absent removes it.", ["present", "absent"]).default("present"),
    url: text("The http or https address of the release.", {
      pattern: /^https?:\/\/\S+$/,
      wanted: "an http or https address",
    }).exactOptional(),
    artifact: path("The release, as a file on the envoy.").exactOptional(),
    binary_path: text(
      "The program in the archive, such as `bin/tool`; a single folder around everything is left out. Only it is kept then.",
      { pattern: /^(?!\/)(?!.*(?:^|\/)\.\.(?:\/|$))[^\0]+$/, wanted: "a relative path" },
    ).exactOptional(),
    sha256: text("The sha256 of what is fetched, in hex. Another one brings the other release.", {
      pattern: /^[0-9a-fA-F]{64}$/,
      wanted: "64 hex digits",
    }).exactOptional(),
    version: text("What the release is called. Another one is fetched again.").exactOptional(),
    mode: mode(
      "Permissions of the program (d: 0755). A tree keeps those of the archive.",
    ).exactOptional(),
    owner: owner("Owner, a user name or a numeric id; root when not said.").exactOptional(),
  })
    .refine((p) => p.state === "absent" || (p.url === undefined) !== (p.artifact === undefined), {
      path: ["url"],
      message: "write one of url and artifact",
    })
    .refine((p) => p.state === "absent" || (p.sha256 ?? p.version) !== undefined, {
      path: ["sha256"],
      message: "is required, or else version: without them there is no telling what is there",
    });

type Params = z.output<ReturnType<typeof params>>;

export const sourcePackage = defineResource<Params>({
  name: "source_package",
  summary: "Keeps software from a release that is in no package: a program, or a tree.",
  platforms: ["linux", "darwin"],
  params,
  main: "target_path",
  claims: (p) => [{ id: `file:${p.target_path}` }],
  after: (p) => [
    ...placeFollows(p.target_path, p),
    ...(p.artifact === undefined ? [] : [`file:${p.artifact}`]),
  ],

  async check(p, host) {
    const [note, there] = await Promise.all([
      readSourceNote(host, p.target_path),
      host.stat(p.target_path),
    ]);
    if (p.state === "absent") return differing("release", note && shown(note), undefined);
    if (there !== undefined && note === undefined && !(await isEmpty(there, p, host)))
      throw new VigoError("failed", `${p.target_path} is there, and not from a release`, {
        hint: "move it away by hand, or choose another path",
      });
    const is = there && note && shown(note);
    const changed = differing("release", is, wantedRelease(p, note));
    if (changed.length > 0 || note === undefined || there === undefined) return changed;
    return [...(await harm(p, note, host)), ...(await attributes(p, note, there, host))];
  },

  async apply(p, host, changes) {
    if (p.state === "absent") return await takeAway(p, host);
    const fields = new Set(changes.map(({ field }) => field));
    if (fields.has("release") || fields.has("files")) return await bring(p, host);
    const [note, there] = await Promise.all([
      readSourceNote(host, p.target_path),
      host.stat(p.target_path),
    ]);
    if (note !== undefined && there !== undefined)
      await mendAttributes(host, p.target_path, attributesOf(p, note), there, fields);
  },

  examples: [
    {
      title: "One program out of a release",
      params: {
        url: "https://downloads.example.net/tool-1.4-linux-amd64.tar.gz",
        sha256: "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        binary_path: "bin/tool",
        target_path: "/usr/local/bin/tool",
        version: "1.4",
      },
    },
    {
      title: "A tree",
      params: { artifact: "/srv/releases/app-2.tar.zst", version: "2", target_path: "/opt/app" },
    },
    {
      title: "No such software",
      params: { target_path: "/usr/local/bin/old-tool", state: "absent" },
    },
  ],
});

const shown = ({ version, sha256 }: Pick<SourceNote, "version" | "sha256">) =>
  version === undefined ? `sha256 ${sha256}` : `${version}, sha256 ${sha256}`;

/** What is not said stays as it is. */
function wantedRelease(p: Params, note: SourceNote | undefined): string {
  const sha256 = p.sha256?.toLowerCase();
  const fits =
    note !== undefined &&
    (sha256 === undefined || sha256 === note.sha256) &&
    (p.version === undefined || p.version === note.version);
  if (fits) return shown(note);
  const of = sha256 === undefined ? `from ${p.url ?? p.artifact}` : `sha256 ${sha256}`;
  return p.version === undefined ? of : `${p.version}, ${of}`;
}

const isEmpty = async (there: Stat, p: Params, host: ReadHost) =>
  there.kind === "directory" && ((await host.list(p.target_path)) ?? []).length === 0;

async function harm(p: Params, note: SourceNote, host: ReadHost): Promise<readonly Change[]> {
  if (note.program !== undefined) {
    const is = await host.digest(p.target_path);
    return differing("files", is && `sha256 ${is}`, `sha256 ${note.program}`);
  }
  const gone: string[] = [];
  for (const name of note.names)
    if ((await host.stat(`${p.target_path}/${name}`)) === undefined) gone.push(name);
  const some = gone.slice(0, 5).join(", ");
  return gone.length === 0
    ? []
    : differing("files", `${gone.length} missing: ${some}`, "as unpacked");
}

/** Of a tree the folder stands for all. */
const attributesOf = (p: Params, note: SourceNote) =>
  note.program === undefined
    ? { owner: p.owner ?? "0" }
    : { mode: p.mode ?? "0755", owner: p.owner ?? "0" };

async function attributes(p: Params, note: SourceNote, there: Stat, host: ReadHost) {
  const fresh = { mode: 0o755, isFolder: note.program === undefined };
  const found = await attributeDifferences(host, attributesOf(p, note), there, fresh);
  return found.flatMap(({ field, from, to }) => differing(field, from, to));
}

async function bring(p: Params, host: Host): Promise<void> {
  const { mode: bits, ...ids } = await creation(
    host,
    { mode: p.mode ?? "0755", owner: p.owner ?? "0" },
    { mode: 0o755, isFolder: false },
  );
  await placeRelease(host, {
    origin: {
      ...(p.url !== undefined && { source_url: p.url }),
      ...(p.artifact !== undefined && { source_path: p.artifact }),
      ...(p.sha256 !== undefined && { sha256: p.sha256 }),
    },
    target: p.target_path,
    binary: p.binary_path,
    version: p.version,
    mode: bits,
    ids,
  });
}

async function takeAway(p: Params, host: Host): Promise<void> {
  await host.remove(p.target_path, { recursive: true });
  await host.remove(notePath(p.target_path));
}
