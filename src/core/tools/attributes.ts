/**
 * Owner, group, mode and SELinux context of an entry: what differs from the wish, and how to mend it. They mean the same for
 * files, folders and links. Must not know what the entry holds, nor the words of a report.
 */
import { VigoError } from "../errors.ts";
import type { Host, ReadHost, Stat } from "../host.ts";
import { modeBits, octal } from "../text/mode.ts";

export interface WantedAttributes {
  readonly mode?: string;
  readonly owner?: string;
  readonly group?: string;
  readonly secontext?: string;
}

export interface Difference {
  readonly field: string;
  readonly from: string | undefined;
  readonly to: string | undefined;
}

/** `fallback` is the mode of what is new and has none given. */
export async function attributeDifferences(
  host: ReadHost,
  wanted: WantedAttributes,
  there: Stat | undefined,
  fallback: { readonly mode: number; readonly isFolder: boolean },
): Promise<readonly Difference[]> {
  const mode = modeFor(wanted, there, fallback);
  const all: Difference[] = [
    ...(mode === undefined
      ? []
      : [{ field: "mode", from: there && octal(there.mode), to: octal(mode) }]),
    ...(await account("owner", wanted.owner, there?.uid, (name) => uidOf(host, name))),
    ...(await account("group", wanted.group, there?.gid, (name) => gidOf(host, name))),
  ];
  if (wanted.secontext !== undefined)
    all.push({ field: "secontext", from: there?.context, to: wanted.secontext });
  return all.filter(({ from, to }) => from !== to);
}

/** Undefined: the mode is left as it is. */
function modeFor(
  { mode }: WantedAttributes,
  there: Stat | undefined,
  fallback: { readonly mode: number; readonly isFolder: boolean },
): number | undefined {
  if (mode !== undefined) return modeBits(mode, there?.mode ?? fallback.mode, fallback.isFolder);
  return there === undefined ? fallback.mode : undefined;
}

/** `from` is in the words of the wish when it is the same account. */
async function account(
  field: "owner" | "group",
  wanted: string | undefined,
  id: number | undefined,
  look: (name: string) => Promise<number | undefined>,
): Promise<readonly Difference[]> {
  if (wanted === undefined) return [];
  const from = id === undefined ? undefined : (await look(wanted)) === id ? wanted : `${id}`;
  return [{ field, from, to: wanted }];
}

const uidOf = async (host: ReadHost, name: string) =>
  (await host.user(name))?.uid ?? (/^\d+$/.test(name) ? Number(name) : undefined);

const gidOf = async (host: ReadHost, name: string) =>
  (await host.group(name))?.gid ?? (/^\d+$/.test(name) ? Number(name) : undefined);

/** Where owner and group are looked up, for `judgedBy`. */
export const accountsOf = ({ owner, group }: WantedAttributes): readonly string[] => [
  ...(owner === undefined ? [] : ["/etc/passwd"]),
  ...(group === undefined ? [] : ["/etc/group"]),
];

/** The numbers an act needs; rejects when an account does not exist by now. */
export async function idsOf(
  host: ReadHost,
  { owner, group }: WantedAttributes,
): Promise<{ readonly uid?: number; readonly gid?: number }> {
  const uid = owner === undefined ? undefined : await uidOf(host, owner);
  const gid = group === undefined ? undefined : await gidOf(host, group);
  if (owner !== undefined && uid === undefined) throw unknown("user", owner);
  if (group !== undefined && gid === undefined) throw unknown("group", group);
  return { ...(uid !== undefined && { uid }), ...(gid !== undefined && { gid }) };
}

const unknown = (kind: "user" | "group", name: string) =>
  new VigoError("failed", `no ${kind} ${name} on this machine`, {
    hint: `declare it as a ${kind} resource, or correct the name`,
  });

/** What a new entry is made with. */
export async function creation(
  host: ReadHost,
  wanted: WantedAttributes,
  fallback: { readonly mode: number; readonly isFolder: boolean },
): Promise<{ readonly mode: number; readonly uid?: number; readonly gid?: number }> {
  const mode = modeFor(wanted, undefined, fallback) ?? fallback.mode;
  return { mode, ...(await idsOf(host, wanted)) };
}

/** Mends what `attributeDifferences` found on an entry that is there. Owner first: a new one takes set-id bits away. */
export async function mendAttributes(
  host: Host,
  path: string,
  wanted: WantedAttributes,
  there: Stat,
  fields: ReadonlySet<string>,
): Promise<void> {
  const moved = fields.has("owner") || fields.has("group");
  if (moved) {
    const { uid = there.uid, gid = there.gid } = await idsOf(host, wanted);
    await host.chown(path, uid, gid);
  }
  const isFolder = there.kind === "directory";
  const mode = wanted.mode === undefined ? there.mode : modeBits(wanted.mode, there.mode, isFolder);
  if (fields.has("mode") || (moved && (mode & 0o6000) !== 0)) await host.chmod(path, mode);
  if (fields.has("secontext") && wanted.secontext !== undefined)
    await host.setContext(path, wanted.secontext);
}
