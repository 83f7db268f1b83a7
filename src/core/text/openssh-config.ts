/**
 * One setting of sshd_config(5) or ssh_config(5), where the first value counts, `Match` and `Host` make what follows conditional,
 * and `Include` reads other files at its place. For sshd what a matching `Match` says goes before all the rest, so also what
 * `Match all` says. Must not know how files are read: they are handed in.
 */
import { VigoError } from "../errors.ts";
import { matchesGlob } from "./glob.ts";
import { type Lines, retold, spliced, without } from "./lines.ts";
import { beforeBlanks } from "./region.ts";

/** By path: the file one starts with and all it includes. */
export type ConfigFiles = ReadonlyMap<string, Lines>;

export interface ConfigPlace {
  readonly files: ConfigFiles;
  /** The file the program starts with, and the one that is edited. */
  readonly root: string;
  readonly target: string;
}

interface Setting {
  readonly file: string;
  readonly at: number;
  readonly key: string;
  readonly value: string;
  readonly rank: Rank;
}

/** Counts always; counts always and before the others; counts only now and then. */
type Rank = "always" | "first" | "sometimes";

/** As a program would have to obey it: a value that is effective already, from whatever file, is left alone. */
export function withSetting(place: ConfigPlace, key: string, value: string): Lines {
  const doc = docOf(place);
  const wish = { key: key.toLowerCase(), value: plain(value) };
  if (isObeyed(place, key, value)) return doc;
  for (const edited of attempts(place, doc, key, value)) {
    const files = new Map([...place.files, [place.target, edited]]);
    if (isEffective({ ...place, files }, wish)) return edited;
  }
  const [first] = obeyed(about(globals(place), wish)).filter(({ file }) => file !== place.target);
  throw new VigoError(
    "failed",
    `${first?.file ?? place.root}, line ${(first?.at ?? 0) + 1}, says ${key} ${first?.value} and counts`,
    { hint: "declare it for that file, or take the line out there" },
  );
}

/** Whichever file says so. */
export const isObeyed = (place: ConfigPlace, key: string, value: string): boolean =>
  isEffective(place, { key: key.toLowerCase(), value: plain(value) });

/** Without it in the target; what other files say is theirs. */
export function withoutSetting(place: ConfigPlace, key: string, value = ""): Lines {
  const gone = own(place, { key: key.toLowerCase(), value: plain(value) });
  return without(docOf(place), (_, at) => gone.some((setting) => setting.at === at));
}

/** Patterns of the `Include` lines of a text, also conditional ones. */
export const includesOf = ({ lines }: Lines): readonly string[] =>
  lines.flatMap(({ text }) => {
    const setting = settingIn(text);
    return setting?.key === "include" ? patternsIn(setting.value) : [];
  });

/** Does the program come to the target when it starts with the root? */
export const isReached = ({ files, root, target }: ConfigPlace): boolean =>
  root === target || globals({ files, root, target }, true).some(({ file }) => file === target);

/** Several lines of these add up. The names are of both programs. */
const adding = new Set(
  "port listenaddress allowusers denyusers allowgroups denygroups acceptenv hostkey sendenv setenv identityfile certificatefile localforward remoteforward dynamicforward".split(
    " ",
  ),
);

function isEffective(place: ConfigPlace, wish: { readonly key: string; readonly value: string }) {
  const found = obeyed(about(globals(place), wish)).map(({ value }) => value);
  return (adding.has(wish.key) ? found.join(" ") : found[0]) === wish.value;
}

/** Those that go before the others, if there are any. */
const obeyed = (settings: readonly Setting[]) => {
  const first = settings.filter(({ rank }) => rank === "first");
  return first.length > 0 ? first : settings;
};

/** `Subsystem` has a line for each of its names. */
const about = (
  settings: readonly Setting[],
  { key, value }: { readonly key: string; readonly value: string },
) => {
  const [name] = value.split(" ");
  return settings.filter(
    (setting) =>
      setting.key === key &&
      (key !== "subsystem" || value === "" || setting.value.split(" ")[0] === name),
  );
};

const own = (place: ConfigPlace, wish: { readonly key: string; readonly value: string }) =>
  about(globals({ ...place, root: place.target }), wish).filter(
    ({ file }) => file === place.target,
  );

function* attempts(place: ConfigPlace, doc: Lines, key: string, value: string) {
  yield inPlace(place, doc, key, value);
  // An included file may say it first: then it has to stand before the line that includes.
  const left = withoutSetting(place, key, value);
  for (const [at, { text }] of left.lines.entries())
    if (settingIn(text)?.key === "include") yield spliced(left, at, 0, [`${key} ${value}`]);
}

/** The line that says it, or a new one behind an example, else before what is conditional. */
function inPlace(place: ConfigPlace, doc: Lines, key: string, value: string): Lines {
  const mine = own(place, { key: key.toLowerCase(), value: plain(value) });
  const [first, ...others] = obeyed(mine);
  if (first === undefined) return spliced(doc, placeForNew(place, key), 0, [`${key} ${value}`]);
  const [, before = "", , comment = ""] = parts(doc.lines[first.at]?.text ?? "") ?? [];
  const edited = retold(doc, first.at, `${before}${value}${comment}`);
  const surplus = new Set(adding.has(first.key) ? others.map(({ at }) => at) : []);
  return without(edited, (_, at) => surplus.has(at));
}

function placeForNew(place: ConfigPlace, key: string): number {
  const doc = docOf(place);
  const free = ranks(doc, place.root, "always").map((rank) => rank === "always");
  const example = new RegExp(`^\\s*#\\s*${RegExp.escape(key)}(?:\\s|=|$)`, "i");
  const shown = doc.lines.findLastIndex(({ text }, at) => free[at] === true && example.test(text));
  if (shown >= 0) return shown + 1;
  const end = free.indexOf(false);
  if (end < 0) return doc.lines.length;
  let at = end;
  while (at > 0 && doc.lines[at - 1]?.text.trimStart().startsWith("#")) at -= 1;
  return at === 0 ? end : beforeBlanks(doc.lines, 0, at);
}

/** When each line counts; `Match all` and `Host *` end what was conditional. `start` is what the line that includes has. */
function ranks({ lines }: Lines, root: string, start: Rank): readonly Rank[] {
  const client = /\/ssh_config(?:\.d\/|$)/.test(root);
  let rank = start;
  return lines.map(({ text }) => {
    const setting = settingIn(text);
    const all = setting?.value.toLowerCase() === (setting?.key === "host" ? "*" : "all");
    if (setting?.key === "match" || (client && setting?.key === "host"))
      rank = !all ? "sometimes" : client ? "always" : "first";
    return rank;
  });
}

const deepest = 16;

/** Every setting that counts always, in the order of reading; with `marks`, the start of each file too. */
function globals(
  { files, root }: Pick<ConfigPlace, "files" | "root"> & Partial<ConfigPlace>,
  marks = false,
  start: Rank = "always",
  depth = 0,
): readonly Setting[] {
  const doc = files.get(root);
  if (doc === undefined || depth > deepest) return [];
  const all = ranks(doc, root, start);
  const found: Setting[] = marks ? [{ file: root, at: 0, key: "", value: "", rank: start }] : [];
  for (const [at, { text }] of doc.lines.entries()) {
    const rank = all[at] ?? "sometimes";
    const setting = rank === "sometimes" ? undefined : settingIn(text);
    if (setting === undefined) continue;
    if (setting.key !== "include") found.push({ file: root, at, rank, ...setting });
    else
      for (const path of patternsIn(setting.value).flatMap((pattern) => included(files, pattern)))
        found.push(...globals({ files, root: path }, marks, rank, depth + 1));
  }
  return found;
}

const included = (files: ConfigFiles, pattern: string) =>
  [...files.keys()].filter((path) => matchesGlob(pattern, path.slice(1))).sort();

/** A relative one is below `/etc/ssh`. */
const patternsIn = (value: string) =>
  value.split(" ").map((pattern) => (pattern.startsWith("/") ? pattern : `/etc/ssh/${pattern}`));

function docOf({ files, target }: ConfigPlace): Lines {
  const doc = files.get(target);
  if (doc === undefined) throw new Error(`${target} was not handed in`);
  return doc;
}

/** All, what stands before the value, the key, the value, what comes behind it. */
function parts(text: string) {
  const [all, before = "", key = ""] =
    /^(\s*([A-Za-z][A-Za-z0-9]*)(?:\s*=\s*|\s+))/.exec(text) ?? [];
  if (all === undefined) return undefined;
  const rest = text.slice(before.length);
  const [value = ""] =
    /^(?:"[^"]*"|'[^']*'|[^\s"']|"(?![^"]*")|'(?![^']*')|\s+(?![\s#]|$))*/.exec(rest) ?? [];
  return [key, before, value, rest.slice(value.length)] as const;
}

function settingIn(text: string): { readonly key: string; readonly value: string } | undefined {
  const [key, , value = ""] = parts(text) ?? [];
  return key === undefined ? undefined : { key: key.toLowerCase(), value: plain(value) };
}

/** Blanks are one, quotes are none. */
const plain = (value: string) => value.replace(/["']/g, "").trim().replace(/\s+/g, " ");
