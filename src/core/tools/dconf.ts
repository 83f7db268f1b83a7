/**
 * The system database of dconf(7): key files of `/etc/dconf/db/local.d`, their locks, the profile that makes programs look there,
 * and dconf-update(1). Must not know which keys are wanted.
 */
import { VigoError } from "../errors.ts";
import type { Host, ReadHost } from "../host.ts";
import type { Lines } from "../text/lines.ts";
import { spliced } from "../text/lines.ts";
import { mustSucceed } from "./exit.ts";
import { fileText } from "./file-text.ts";

export const keyFolder = "/etc/dconf/db/local.d";
export const lockFolder = `${keyFolder}/locks`;
const database = "/etc/dconf/db/local";
export const profile = "/etc/dconf/profile/user";

const schemaFolders = ["/usr/share/glib-2.0/schemas", "/usr/local/share/glib-2.0/schemas"];

/**
 * Where dconf keeps what a schema is about, as `/org/gnome/desktop/interface/`: its schema says so. Where it is not installed (yet),
 * its name with slashes, which is the custom.
 */
export async function schemaPath(host: ReadHost, schema: string): Promise<string> {
  const named = schema.split(":")[1];
  if (named !== undefined) return named;
  for (const folder of schemaFolders) {
    const files = ((await host.list(folder)) ?? []).filter((name) => name.endsWith(".gschema.xml"));
    const likely = `${schema}.gschema.xml`;
    for (const name of [...files.filter((it) => it === likely), ...files]) {
      const found = pathIn((await fileText(host, `${folder}/${name}`)) ?? "", schema);
      if (found !== undefined) return found;
    }
  }
  return `/${schema.replaceAll(".", "/")}/`;
}

/** From the text of a schema file; undefined where this schema is not in it, or has no place of its own. */
export function pathIn(xml: string, schema: string): string | undefined {
  for (const [tag] of xml.matchAll(/<schema\s[^>]*>/g)) {
    const value = (name: string) => new RegExp(`\\s${name}=["']([^"']*)["']`).exec(tag)?.[1];
    if (value("id") === schema) return value("path");
  }
  return undefined;
}

/** Programs read the compiled database, which must not be older than what it is made of. */
export async function isCompiled(host: ReadHost): Promise<boolean> {
  const [keys, locks] = [await host.stat(keyFolder), await host.stat(lockFolder)];
  if (keys === undefined) return true;
  const made = await host.stat(database);
  const newest = Math.max(keys.modified.getTime(), locks?.modified.getTime() ?? 0);
  return made !== undefined && made.modified.getTime() >= newest;
}

export async function compile(host: Host): Promise<void> {
  const result = await host.run({ argv: ["dconf", "update"] });
  if (result.code === 127)
    throw new VigoError("failed", "there is no dconf on this machine", {
      hint: "declare the package (dconf-cli, dconf), and depend on it",
    });
  await mustSucceed("dconf update", Promise.resolve(result));
}

/** One key file that is no good would keep all of them from programs, so that it is compiled alone first. */
export const proof =
  'd=$(mktemp -d) && mkdir "$d/in" && cp -- % "$d/in/key" && dconf compile "$d/out" "$d/in"; c=$?; rm -rf "$d"; exit $c';

/** Users' own settings first, then the machine's: in this order locks work. */
export function withSystemDatabase(doc: Lines): Lines {
  const words = doc.lines.map(({ text }) => text.replace(/#.*/, "").trim());
  if (words.includes("system-db:local")) return doc;
  const user = words.some((word) => word.startsWith("user-db:")) ? [] : ["user-db:user"];
  return spliced(doc, doc.lines.length, 0, [...user, "system-db:local"]);
}
