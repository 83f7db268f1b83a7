/** A file that is ours as a whole: its text, its mode, root's. Must not know what is in it. */
import { VigoError } from "../errors.ts";
import type { Host, ReadHost } from "../host.ts";
import { unifiedDiff } from "../text/diff.ts";
import { attributeDifferences, type Difference } from "./attributes.ts";
import { summary } from "./content.ts";
import { kindWords } from "./entry-kind.ts";

export interface OwnFile {
  readonly path: string;
  /** Undefined: there is to be no such file. */
  readonly text: string | undefined;
  /** Octal. */
  readonly mode: string;
  /** The folder it is in is ours as well, and goes with the last file in it. */
  readonly ownsFolder?: true;
}

/** In the shape of changes: `field` is what the text is called in a report. */
export async function ownFileDifferences(host: ReadHost, field: string, file: OwnFile) {
  const there = await host.stat(file.path, { follow: true });
  if (there !== undefined && there.kind !== "file")
    throw new VigoError("failed", `${file.path} is ${kindWords(there)}, not a file`, {
      hint: "move it away by hand",
    });
  const is = there && (await host.read(file.path));
  const wanted = file.text === undefined ? undefined : new TextEncoder().encode(file.text);
  const same = is !== undefined && wanted !== undefined && Buffer.compare(is, wanted) === 0;
  const diff = unifiedDiff(is, wanted);
  const text = { field, from: is && summary(is), to: wanted && summary(wanted) };
  const wish = { mode: file.mode, owner: "0", group: "0" };
  const attributes: readonly Difference[] =
    file.text === undefined || there === undefined
      ? []
      : await attributeDifferences(host, wish, there, { mode: 0o644, isFolder: false });
  const cause = "intent" as const;
  const isLeft = there === undefined && file.text === undefined && file.ownsFolder === true;
  const left = isLeft && (await isEmpty(host, folderOf(file)));
  return [
    ...(same || is === wanted ? [] : [{ ...text, cause, ...(diff !== undefined && { diff }) }]),
    ...attributes.map((difference) => ({ ...difference, cause })),
    ...(left ? [{ field: `${field} (its folder)`, from: "empty", to: undefined, cause }] : []),
  ];
}

const folderOf = ({ path }: OwnFile) => path.slice(0, path.lastIndexOf("/"));

const isEmpty = async (host: ReadHost, folder: string) => (await host.list(folder))?.length === 0;

export async function removeIfEmpty(host: Host, folder: string): Promise<void> {
  if (await isEmpty(host, folder)) await host.remove(folder);
}

/** The same for one of several files: its mode is told as `timer_mode`. */
export async function oneOfOwnFiles(host: ReadHost, name: string, file: OwnFile) {
  const differences = await ownFileDifferences(host, name, file);
  return differences.map((difference) => ({
    ...difference,
    field: difference.field === name ? name : `${name}_${difference.field}`,
  }));
}

/** `validate` proves a new text before it takes its place. */
export async function writeOwnFile(host: Host, file: OwnFile, validate?: string): Promise<void> {
  const { path, text, mode } = file;
  if (text === undefined) {
    await host.remove(path);
    if (file.ownsFolder === true) await removeIfEmpty(host, folderOf(file));
    return;
  }
  await host.write(path, new TextEncoder().encode(text), {
    mode: Number.parseInt(mode, 8),
    uid: 0,
    gid: 0,
    ...(validate !== undefined && { validate }),
  });
}
