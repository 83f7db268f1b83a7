/**
 * The `locale` type: a locale that programs can be run in, and which one they get by default. Must not know languages. Formats:
 * locale.gen(5) as Debian and Arch have it, locale.conf(5).
 */
import type { z } from "zod";
import { VigoError } from "../errors.ts";
import type { ReadHost } from "../host.ts";
import { choice, flag, parameters, text } from "../params.ts";
import { defineResource, differing } from "../resource.ts";
import { type Lines, retold, spliced, without } from "../text/lines.ts";
import { editDifference, editing, type FileEdit, writeEdit } from "../tools/edited-file.ts";
import { generate, isBuiltIn, isGenerated, localeName, removeLocale } from "../tools/locale.ts";

const params = () =>
  parameters({
    locale: text("The locale with its charset, as `de_AT.UTF-8`.", localeName),
    state: choice("Absent removes it, and as the default if it is that.", [
      "present",
      "absent",
    ]).default("present"),
    lang: flag("Make it what programs of this machine run in by default (`LANG`).").default(false),
    generate: flag("Make it where it is missing, and keep it in `/etc/locale.gen`.").default(true),
  });

type Params = z.output<ReturnType<typeof params>>;

export const locale = defineResource<Params>({
  name: "locale",
  summary: "Keeps a locale, and which is the default.",
  platforms: ["linux"],
  params,
  main: "locale",
  lane: editing,
  claims: (p) => [
    { id: `locale:${p.locale}` },
    { id: `file:${genFile}`, part: `locale:${p.locale}` },
    ...(p.lang ? confFiles.map((path) => ({ id: `file:${path}`, part: "key:LANG" })) : []),
  ],
  after: () => ["package:locales", "package:glibc-locales", "file:/etc/default"],

  async check(p, host) {
    const made = p.generate && !isBuiltIn(p.locale) ? await isMade(p, host) : undefined;
    return [
      ...(made === undefined
        ? []
        : differing("generated", `${made}`, p.state === "present" ? "true" : "false")),
      ...(await editDifference(host, "locale.gen", await genEdit(p, host))),
      ...(await editDifference(host, "lang", await langEdit(p, host))),
    ];
  },

  async apply(p, host, changes) {
    const fields = new Set(changes.map(({ field }) => field));
    if (fields.has("lang")) await writeEdit(host, await langEdit(p, host));
    if (fields.has("locale.gen")) await writeEdit(host, await genEdit(p, host));
    if (!fields.has("generated")) return;
    await (p.state === "present" ? generate(host, p.locale) : removeLocale(host, p.locale));
  },

  examples: [
    { title: "Austrian German, for all", params: { locale: "de_AT.UTF-8", lang: true } },
    { title: "French too", params: { locale: "fr_FR.UTF-8" } },
    { title: "Not any more", params: { locale: "fr_FR.UTF-8", state: "absent" } },
  ],
});

const genFile = "/etc/locale.gen";
/** Debian's programs read the first; the second is systemd's. */
const confFiles = ["/etc/default/locale", "/etc/locale.conf"] as const;

async function isMade(p: Params, host: ReadHost): Promise<boolean> {
  const made = await isGenerated(host, p.locale);
  if (made === undefined) throw new VigoError("failed", `not for ${host.os.distro}`);
  return made;
}

/** Where there is such a file, whoever runs locale-gen next makes what is in it and nothing else. */
async function genEdit(p: Params, host: ReadHost): Promise<FileEdit> {
  const has =
    ["debian", "arch"].includes(host.os.family) || (await host.stat(genFile)) !== undefined;
  const used = has && p.generate && !isBuiltIn(p.locale);
  const charset = /\.([^@]+)/.exec(p.locale)?.[1] ?? "";
  const row = `${p.locale} ${charset}`;
  const is = (line: string, sign = "") => line.trim().replace(/\s+/g, " ") === `${sign}${row}`;
  return {
    path: genFile,
    present: used && p.state === "present",
    create: false,
    edit: (doc) => {
      if (!used) return doc;
      const at = doc.lines.findIndex(({ text: line }) => is(line));
      if (p.state === "absent") return at < 0 ? doc : retold(doc, at, `# ${row}`);
      if (at >= 0) return doc;
      const noted = doc.lines.findIndex(({ text: line }) => is(line, "# ") || is(line, "#"));
      return noted < 0 ? spliced(doc, doc.lines.length, 0, [row]) : retold(doc, noted, row);
    },
  };
}

async function langEdit(p: Params, host: ReadHost): Promise<FileEdit> {
  const wanted = p.lang && p.state === "present";
  return {
    path: await confFile(host),
    present: wanted,
    create: true,
    edit: (doc) => {
      if (wanted) return withLang(doc, p.locale);
      return p.state === "absent" ? without(doc, (line) => langOf(line) === p.locale) : doc;
    },
  };
}

async function confFile(host: ReadHost): Promise<string> {
  if (host.os.family !== "debian") return confFiles[1];
  const there = await host.stat(confFiles[0], { follow: true });
  const systemd = await host.stat(confFiles[1]);
  return there === undefined && systemd?.kind === "file" ? confFiles[1] : confFiles[0];
}

const langOf = (line: string) => /^\s*LANG\s*=\s*["']?([^"'\s]*)["']?\s*$/.exec(line)?.[1];

/** The last line counts. */
function withLang(doc: Lines, value: string): Lines {
  const at = doc.lines.findLastIndex(({ text: line }) => langOf(line) !== undefined);
  if (at < 0) return spliced(doc, doc.lines.length, 0, [`LANG=${value}`]);
  return langOf(doc.lines[at]?.text ?? "") === value ? doc : retold(doc, at, `LANG=${value}`);
}
