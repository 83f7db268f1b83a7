/**
 * Words of the kernel's command line, by themselves in a file (`/etc/kernel/cmdline`) or as a variable of /etc/default/grub, which
 * a shell reads. Must not know boot loaders.
 */
import { VigoError } from "../errors.ts";
import { type Lines, retold, spliced } from "./lines.ts";

export interface Parameter {
  readonly name: string;
  /** Undefined: a word without a value, like `quiet`. */
  readonly value: string | undefined;
}

const word = ({ name, value }: Parameter) => (value === undefined ? name : `${name}=${value}`);

const isNamed = (written: string, name: string) =>
  written === name || written.startsWith(`${name}=`);

/** Words as the kernel splits them: blanks within double quotes belong to a word. */
export const wordsOf = (line: string): readonly string[] =>
  line.match(/(?:[^\s"]|"[^"]*")+/g) ?? [];

/** Where it was, the first time it is named; at the end otherwise. */
function withWord(line: string, parameter: Parameter): string {
  const words = wordsOf(line);
  const at = words.findIndex((written) => isNamed(written, parameter.name));
  if (at < 0) return [...words, word(parameter)].join(" ");
  const named = words.filter((written) => isNamed(written, parameter.name));
  if (named.length === 1 && named[0] === word(parameter)) return line;
  return words
    .flatMap((written, place) =>
      place === at ? [word(parameter)] : isNamed(written, parameter.name) ? [] : [written],
    )
    .join(" ");
}

function withoutWord(line: string, name: string): string {
  const words = wordsOf(line);
  const left = words.filter((written) => !isNamed(written, name));
  return left.length === words.length ? line : left.join(" ");
}

/** What a line of words says about a parameter; undefined: nothing. */
export const told = (line: string, name: string): string | undefined => {
  const named = wordsOf(line).filter((written) => isNamed(written, name));
  return named.length === 0 ? undefined : named.join(" ");
};

/** A file that is the line itself. Comments (`#`) are systemd's kernel-install's. */
export function inCommandLine(doc: Lines, parameter: Parameter, present: boolean): Lines {
  const at = doc.lines.findIndex(({ text }) => text.trim() !== "" && !text.trim().startsWith("#"));
  if (at < 0) return present ? spliced(doc, doc.lines.length, 0, [word(parameter)]) : doc;
  const line = doc.lines[at]?.text ?? "";
  return retold(doc, at, present ? withWord(line, parameter) : withoutWord(line, parameter.name));
}

const everywhere = "GRUB_CMDLINE_LINUX";
const variables = [everywhere, "GRUB_CMDLINE_LINUX_DEFAULT"] as const;

/** In the variable that counts for every entry of the menu, and in no other. */
export function inGrubDefaults(doc: Lines, parameter: Parameter, present: boolean): Lines {
  let edited = doc;
  for (const variable of variables) {
    const keep = present && variable === everywhere;
    const at = edited.lines.findLastIndex(({ text }) => assignment(text)?.variable === variable);
    const found = assignment(edited.lines[at]?.text ?? "");
    if (found === undefined) {
      if (keep)
        edited = spliced(edited, edited.lines.length, 0, [`${variable}="${word(parameter)}"`]);
      continue;
    }
    const line = keep ? withWord(found.value, parameter) : withoutWord(found.value, parameter.name);
    if (line === found.value) continue;
    edited = retold(edited, at, `${found.before}${quoted(line, found.quote)}${found.after}`);
  }
  return edited;
}

interface Assignment {
  readonly variable: string;
  readonly before: string;
  readonly quote: string;
  readonly value: string;
  readonly after: string;
}

const start = /^\s*(?:export\s+)?(GRUB_CMDLINE_LINUX(?:_DEFAULT)?)=/;
const form = new RegExp(
  `(${start.source})(?:"([^"$\`\\\\]*)"|'([^']*)'|([^\\s"'#;$\`\\\\]*))(\\s*(?:#.*)?)$`,
);

/** Refuses what only a shell can tell the value of. */
function assignment(text: string): Assignment | undefined {
  const [, named] = start.exec(text) ?? [];
  if (named === undefined) return undefined;
  const [, before, variable, double, single, bare, after] = form.exec(text) ?? [];
  const value = double ?? single ?? bare;
  if (before === undefined || variable === undefined || value === undefined)
    throw new VigoError("failed", `only a shell can read this line: ${text.trim()}`, {
      hint: "write it as one text in double quotes",
    });
  const quote = double === undefined ? (single === undefined ? "" : "'") : '"';
  return { variable, before, quote, value, after: after ?? "" };
}

/** In the quotes it had; in double ones where it had none or holds such itself. */
function quoted(value: string, quote: string): string {
  if (value.includes('"')) return `'${value}'`;
  const around = quote === "" ? '"' : quote;
  return `${around}${value}${around}`;
}
