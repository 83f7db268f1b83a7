/**
 * The `download` type: a file fetched from an address. Must not know what is in it. With a sha256 the file is what was declared,
 * whoever serves it; without one it is fetched once, and stays.
 */
import type { z } from "zod";
import { VigoError } from "../errors.ts";
import type { Host, ReadHost, Stat } from "../host.ts";
import { choice, group, headers, mode, owner, parameters, path, text } from "../params.ts";
import { type Change, defineResource, differing } from "../resource.ts";
import { attributeDifferences, creation, idsOf, mendAttributes } from "../tools/attributes.ts";
import { placeFollows } from "../tools/place.ts";
import { kindWords } from "../tools/entry-kind.ts";

const params = () =>
  parameters({
    url: text(
      "The http or https address to fetch the file from. Needed unless `state` is absent.",
      {
        pattern: /^https?:\/\/\S+$/,
        wanted: "an http or https address",
      },
    ).exactOptional(),
    target_path: path("Where the file is kept."),
    state: choice("Absent removes the file.", ["present", "absent"]).default("present"),
    sha256: text(
      "The sha256 of the file, in hex. Without it the file is fetched only while it is missing, and nobody proves it.",
      { pattern: /^[0-9a-fA-F]{64}$/, wanted: "64 hex digits" },
    ).exactOptional(),
    headers: headers("Header lines of the request, as for a token.").exactOptional(),
    mode: mode(
      "Permissions, octal (`0755`) or symbolic (`u=rw,go=r`). A new file gets 0644, another keeps its own, when not said.",
    ).exactOptional(),
    owner: owner().exactOptional(),
    group: group().exactOptional(),
  }).refine((p) => p.state === "absent" || p.url !== undefined, {
    path: ["url"],
    message: "is required unless state is absent",
  });

type Params = z.output<ReturnType<typeof params>>;

const fresh = { mode: 0o644, isFolder: false };

export const download = defineResource<Params>({
  name: "download",
  summary: "Fetches a file and keeps it.",
  platforms: ["linux", "darwin"],
  params,
  main: "target_path",
  claims: (p) => [{ id: `file:${p.target_path}` }],
  after: (p) => placeFollows(p.target_path, p),

  async check(p, host) {
    const there = await standing(p, host);
    if (p.state === "absent")
      return differing("content", there && `${there.bytes} bytes`, undefined);
    return [
      ...(await contentChange(p, there, host)),
      ...(await attributeDifferences(host, p, there, fresh)).flatMap(({ field, from, to }) =>
        differing(field, from, to),
      ),
    ];
  },

  async apply(p, host, changes) {
    const fields = new Set(changes.map(({ field }) => field));
    const there = await standing(p, host);
    if (p.state === "absent") await host.remove(p.target_path);
    else if (fields.has("content")) await fetchInto(p, host, there);
    else if (there !== undefined) await mendAttributes(host, p.target_path, p, there, fields);
  },

  examples: [
    {
      title: "A program, proven by its digest",
      params: {
        url: "https://downloads.example.net/tool-1.4-linux-amd64",
        target_path: "/usr/local/bin/tool",
        sha256: "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        mode: "0755",
      },
    },
    {
      title: "No such file",
      params: { target_path: "/usr/local/bin/tool", state: "absent" },
    },
  ],
});

/** What is at the path, behind a link that root made; only a file will do. */
async function standing(p: Params, host: ReadHost): Promise<Stat | undefined> {
  const there = await host.stat(p.target_path, { follow: p.state === "present" });
  const isLink = p.state === "absent" && there?.kind === "symlink";
  if (there === undefined || there.kind === "file" || isLink) return there;
  throw new VigoError("failed", `${p.target_path} is ${kindWords(there)}, not a file`, {
    hint: "remove it by hand, or choose another path",
  });
}

async function contentChange(
  p: Params,
  there: Stat | undefined,
  host: ReadHost,
): Promise<readonly Change[]> {
  const wanted = p.sha256?.toLowerCase();
  if (wanted === undefined)
    return there === undefined ? differing("content", undefined, "fetched") : [];
  const is = there && (await host.digest(p.target_path));
  return differing("content", is && `sha256 ${is}`, `sha256 ${wanted}`);
}

/** A file that is replaced keeps its mode and owner unless others are declared. */
async function fetchInto(p: Params, host: Host, there: Stat | undefined): Promise<void> {
  const body = await host.fetch(p.url ?? "", {
    resume: true,
    ...(p.sha256 !== undefined && { sha256: p.sha256 }),
    ...(p.headers !== undefined && { headers: p.headers }),
  });
  const isPlain = there !== undefined && p.mode === undefined;
  const made = isPlain
    ? await idsOf(host, p)
    : await creation(host, p, there === undefined ? fresh : { ...fresh, mode: there.mode });
  await host.write(p.target_path, body, made);
}
