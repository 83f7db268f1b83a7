/** The forms in which package managers write down their sources. Must not know where the files are. */
import type { PackageSource } from "./package-sources.ts";

/** `deb [signed-by=/k arch=amd64] http://host/debian bookworm main`; a comment before it switches it off. */
export function parseOneLine(text: string, file: string): readonly PackageSource[] {
  return text.split("\n").flatMap((line, at) => {
    const [, off = "", kind = "", options = "", url = "", rest = ""] =
      /^\s*(#?)\s*(deb|deb-src)\s+(?:\[([^\]]*)\]\s+)?([a-z+]+:\S+)\s+(.*)$/.exec(line) ?? [];
    if (url === "") return [];
    const [, key] = /(?:^|\s)signed-by=(\S+)/i.exec(options) ?? [];
    const trusted = /(?:^|\s)trusted=yes\b/i.test(options);
    const suite = rest.replace(/#.*/, "").trim().replace(/\s+/g, " ");
    const signed_by = trusted ? "" : (key ?? "yes");
    return [{ type: "apt", kind, file, line: at + 1, url, suite, enabled: off === "", signed_by }];
  });
}

interface Stanza {
  readonly line: number;
  readonly fields: ReadonlyMap<string, string>;
}

/** Paragraphs of fields; each of types, addresses and suites makes a source of its own. */
export function parseDeb822(text: string, file: string): readonly PackageSource[] {
  return stanzas(text).flatMap(({ line, fields }) => {
    const words = (name: string) => (fields.get(name) ?? "").split(/\s+/).filter((it) => it !== "");
    const key = fields.get("signed-by") ?? "";
    const trusted = /^yes$/i.test(fields.get("trusted") ?? "");
    const shared = {
      type: "apt" as const,
      file,
      line,
      enabled: !/^(?:no|false|0)$/i.test(fields.get("enabled") ?? "yes"),
      signed_by: trusted ? "" : key.includes("BEGIN PGP") ? "inline" : key || "yes",
    };
    return words("types").flatMap((kind) =>
      words("uris").flatMap((url) =>
        words("suites").map((name) => {
          const suite = [name, ...words("components")].join(" ");
          return { ...shared, kind, url, suite };
        }),
      ),
    );
  });
}

/** A line that begins with a blank goes on with the field before it. */
function stanzas(text: string): readonly Stanza[] {
  const found: { line: number; fields: Map<string, string> }[] = [];
  let [current, field]: [Map<string, string> | undefined, string] = [undefined, ""];
  for (const [at, line] of text.split("\n").entries()) {
    if (line.startsWith("#")) continue;
    if (line.trim() === "") {
      current = undefined;
      continue;
    }
    if (current === undefined) {
      current = new Map();
      found.push({ line: at + 1, fields: current });
    }
    const [, name, value = ""] = /^([A-Za-z0-9-]+):(.*)$/.exec(line) ?? [];
    if (name !== undefined) field = name.toLowerCase();
    const before = name === undefined ? `${current.get(field) ?? ""} ` : "";
    current.set(field, `${before}${(name === undefined ? line : value).trim()}`.trim());
  }
  return found;
}

interface Section {
  readonly name: string;
  readonly line: number;
  readonly value: (key: string) => string | undefined;
}

function sections(text: string): readonly Section[] {
  const lines = text.split("\n");
  const starts = lines.flatMap((line, at) => {
    const [, name] = /^\s*\[([^\]]+)\]/.exec(line) ?? [];
    return name === undefined ? [] : [{ name, at }];
  });
  return starts.map(({ name, at }, index) => {
    const inside = lines.slice(at + 1, starts[index + 1]?.at ?? lines.length);
    const value = (key: string) => {
      const row = new RegExp(`^\\s*${key}\\s*=\\s*(.*)$`, "i");
      return inside.map((line) => row.exec(line)?.[1]?.trim()).find((found) => found !== undefined);
    };
    return { name, line: at + 1, value };
  });
}

/** `[name]` with baseurl, or a list of mirrors; signed by any trusted key where gpgcheck is on and no key is named. */
export function parseRepoFile(
  text: string,
  file: string,
  type: "dnf" | "zypper",
): readonly PackageSource[] {
  return sections(text)
    .filter(({ name }) => name !== "main")
    .map(({ name, line, value }) => {
      const url = value("baseurl") ?? value("metalink") ?? value("mirrorlist") ?? "";
      const isChecked = !/^(?:0|no|false)$/i.test(value("gpgcheck") ?? "1");
      return {
        type,
        kind: "rpm",
        file,
        line,
        url: url.split(/[\s,]+/)[0] ?? "",
        suite: name,
        enabled: !/^(?:0|no|false)$/i.test(value("enabled") ?? "1"),
        signed_by: isChecked ? (value("gpgkey") ?? "yes") : "",
      };
    });
}

/** A line an address, `@tag address` for one that is not taken by itself; packages are signed by the keys of the system. */
export const parseApkRepositories = (text: string, file: string): readonly PackageSource[] =>
  text.split("\n").flatMap((line, at) => {
    const [, off = "", tag = "", url = ""] =
      /^\s*(#?)\s*(?:(@\S+)\s+)?((?:https?:\/\/|ftp:\/\/|\/)\S+)\s*$/.exec(line) ?? [];
    if (url === "") return [];
    const source = { type: "apk" as const, kind: "apk", file, line: at + 1, url };
    return [{ ...source, suite: tag, enabled: off === "", signed_by: "yes" }];
  });

/** `[core]` with `Server` or `Include`; the path of the included file stands for the address until that is read. */
export const parsePacmanConf = (text: string, file: string): readonly PackageSource[] =>
  sections(text)
    .filter(({ name }) => name !== "options")
    .map(({ name, line, value }) => ({
      type: "pacman",
      kind: "pacman",
      file,
      line,
      url: value("Server") ?? value("Include") ?? "",
      suite: name,
      enabled: true,
      signed_by: /\bNever\b/.test(value("SigLevel") ?? "") ? "" : "yes",
    }));
