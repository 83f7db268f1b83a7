/** The `blockinfile` type: lines between two markers in a text file. Must not know the format of the file. */
import type { z } from "zod";
import { choice, flag, mode, parameters, path, text, proving } from "../params.ts";
import { defineResource, differing } from "../resource.ts";
import { type Markers, withBlock, withoutBlock } from "../text/block.ts";
import type { Lines } from "../text/lines.ts";
import { isPosition } from "../text/region.ts";
import { attributeDifferences, mendAttributes } from "../tools/attributes.ts";
import { editDifference, editing, type FileEdit, writeEdit } from "../tools/edited-file.ts";
import { placeFollows } from "../tools/place.ts";
import { modeBits } from "../text/mode.ts";

const marker = { pattern: /^[^\n\r\0]*\S[^\n\r\0]*$/, wanted: "one line that is not blank" };

const params = () =>
  parameters({
    target_path: path("Where the file is."),
    block_content: text("The lines of the block. Needed unless `state` is absent.").exactOptional(),
    state: choice("Absent removes the block with its markers.", ["present", "absent"]).default(
      "present",
    ),
    label: text("Tells the blocks of one file apart; part of the usual markers.", {
      pattern: /^[A-Za-z0-9][A-Za-z0-9 ._:/@-]*$/,
      wanted: "letters, digits, blanks and ._:/@-",
    }).default("vigo"),
    marker_begin: text(
      "Line before the block. `# BEGIN ` and the label when not said.",
      marker,
    ).exactOptional(),
    marker_end: text(
      "Line after the block. `# END ` and the label when not said.",
      marker,
    ).exactOptional(),
    position: text(
      "Where a new block goes: end, begin, after:PATTERN (the last match) or before:PATTERN (the first).",
      marker,
    ).default("end"),
    create: flag("Make the file if it is not there.").default(false),
    mode: mode(
      "Permissions, octal or symbolic. A new file gets 0644, another keeps its own, when not said.",
    ).exactOptional(),
    validate: proving().exactOptional(),
  })
    .refine((p) => p.state === "absent" || p.block_content !== undefined, {
      path: ["block_content"],
      message: "is required unless state is absent",
    })
    .refine((p) => isPosition(p.position), {
      path: ["position"],
      message: "must be end, begin, after:PATTERN or before:PATTERN",
    })
    .refine((p) => markers(p).begin.trim() !== markers(p).end.trim(), {
      path: ["marker_end"],
      message: "must be another line than marker_begin",
    })
    .refine((p) => !linesOf(p).some((line) => isMarker(p, line)), {
      path: ["block_content"],
      message: "holds one of its own markers: choose another label",
    });

interface Marked {
  readonly label: string;
  readonly marker_begin?: string;
  readonly marker_end?: string;
}

const markers = (p: Marked): Markers => ({
  begin: p.marker_begin ?? `# BEGIN ${p.label}`,
  end: p.marker_end ?? `# END ${p.label}`,
});

const isMarker = (p: Marked, line: string) =>
  [markers(p).begin.trim(), markers(p).end.trim()].includes(line.trim());

function linesOf({ block_content: content = "" }: { readonly block_content?: string }) {
  return content === "" ? [] : content.replace(/\r?\n$/, "").split(/\r?\n/);
}

type Params = z.output<ReturnType<typeof params>>;

export const blockinfile = defineResource<Params>({
  name: "blockinfile",
  summary: "Keeps a marked block of lines in a text file.",
  platforms: ["linux", "darwin"],
  params,
  main: "target_path",
  lane: editing,
  claims: (p) => [{ id: `file:${p.target_path}`, part: `block:${markers(p).begin.trim()}` }],
  after: (p) => placeFollows(p.target_path),

  judgedBy: (p) => [p.target_path],

  async check(p, host) {
    const there = await host.stat(p.target_path, { follow: true });
    const kept = p.state === "present" && p.mode !== undefined ? { mode: p.mode } : {};
    const attributes = await attributeDifferences(host, kept, there, fresh);
    return [
      ...(await editDifference(host, "block", edit(p))),
      ...(there === undefined ? [] : attributes).flatMap(({ field, from, to }) =>
        differing(field, from, to),
      ),
    ];
  },

  async apply(p, host, changes) {
    const { validate } = p;
    const bits = p.mode === undefined ? fresh.mode : modeBits(p.mode, fresh.mode, false);
    await writeEdit(host, edit(p), { fresh: bits, ...(validate !== undefined && { validate }) });
    const there = await host.stat(p.target_path, { follow: true });
    const fields = new Set(changes.map(({ field }) => field));
    if (there !== undefined && p.mode !== undefined)
      await mendAttributes(host, p.target_path, { mode: p.mode }, there, fields);
  },

  examples: [
    {
      title: "A block of its own",
      params: {
        target_path: "/etc/ssh/sshd_config",
        label: "sftp",
        block_content: "Match Group sftp\n  ForceCommand internal-sftp\n",
        validate: "sshd -t -f %",
      },
    },
    {
      title: "No such block",
      params: { target_path: "/etc/bash.bashrc", label: "proxy", state: "absent" },
    },
  ],
});

const fresh = { mode: 0o644, isFolder: false };

const edit = (p: Params): FileEdit => ({
  path: p.target_path,
  present: p.state === "present",
  create: p.create,
  edit: (doc: Lines) =>
    p.state === "present"
      ? withBlock(doc, markers(p), linesOf(p), p.position)
      : withoutBlock(doc, markers(p)),
});
