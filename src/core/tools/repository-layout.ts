/**
 * What a package repository is on disk for each package manager: files that are its own, parts of shared ones, and its key. Pure.
 * Must not know how they are compared or written.
 */
import { VigoError } from "../errors.ts";
import { type Lines, spliced, without } from "../text/lines.ts";
import { deb822Sources, oneLineSources, preferences } from "./apt-sources.ts";

export interface Repository {
  readonly repository: string;
  readonly state: "present" | "absent";
  readonly repo?: string | undefined;
  readonly key_url?: string | undefined;
  readonly key_fingerprint?: string | undefined;
  readonly enabled: boolean;
  readonly format: "auto" | "list" | "deb822";
  readonly priority?: number | undefined;
}

export interface RepositoryLayout {
  /** Undefined texts are files that must not be there. */
  readonly files: readonly {
    readonly field: string;
    readonly path: string;
    readonly text: string | undefined;
  }[];
  readonly edit?: { readonly path: string; readonly edit: (doc: Lines) => Lines };
  /** Where the key is kept, and how it is written. */
  readonly key?: {
    readonly path: string;
    readonly form: "packets" | "armor" | "as it is";
    /** rpm has a list of its own of keys, which zypper asks. */
    readonly inRpm?: true;
  };
  /** pacman keeps keys itself. */
  readonly keyring?: true;
}

type Layout = (p: Repository) => RepositoryLayout;

export const layouts: Readonly<Record<string, Layout>> = {
  apt: (p) => {
    const key = `/etc/apt/keyrings/${p.repository}.gpg`;
    const source = { lines: linesOf(p), enabled: p.enabled, ...(p.key_url && { key }) };
    const isList = p.format === "list";
    const [list, deb822] = ["list", "sources"].map(
      (end) => `/etc/apt/sources.list.d/${p.repository}.${end}`,
    ) as [string, string];
    const text = present(p, () => (isList ? oneLineSources(source) : deb822Sources(source)));
    const pin = present(p, () => p.priority && preferences(source, p.priority));
    return {
      files: [
        { field: "source", path: isList ? list : deb822, text },
        { field: "source of the other format", path: isList ? deb822 : list, text: undefined },
        { field: "priority", path: `/etc/apt/preferences.d/${p.repository}.pref`, text: pin },
      ],
      key: { path: key, form: "packets" },
    };
  },
  dnf: (p) => rpmLayout(p, "/etc/yum.repos.d", []),
  dnf5: (p) => rpmLayout(p, "/etc/yum.repos.d", []),
  yum: (p) => rpmLayout(p, "/etc/yum.repos.d", []),
  zypper: (p) => rpmLayout(p, "/etc/zypp/repos.d", ["autorefresh=1"]),
  apk: (p) => {
    notFor(p, "apk", { priority: p.priority, format: p.format === "auto" ? undefined : p.format });
    if (linesOf(p).length === 0)
      throw new VigoError("failed", "a repository of apk is known by its address", {
        hint: "say repo, also with state: absent",
      });
    const file = p.key_url?.split("/").at(-1)?.split("?")[0] ?? "";
    return {
      files: [],
      edit: { path: "/etc/apk/repositories", edit: (doc) => withRepositoryLine(doc, p) },
      ...(file !== "" && { key: { path: `/etc/apk/keys/${file}`, form: "as it is" } }),
    };
  },
  pacman: (p) => {
    notFor(p, "pacman", { priority: p.priority, enabled: p.enabled ? undefined : "false" });
    if (p.key_url !== undefined && p.key_fingerprint === undefined)
      throw new VigoError("failed", "pacman needs key_fingerprint beside key_url", {
        hint: "it trusts a key by its fingerprint",
      });
    return {
      files: [],
      edit: { path: "/etc/pacman.conf", edit: (doc) => withPacmanSection(doc, p) },
      keyring: true,
    };
  },
};

const linesOf = ({ repo = "" }: Repository) =>
  repo.split("\n").flatMap((line) => line.trim() || []);

const present = (p: Repository, text: () => string | 0 | undefined) =>
  p.state === "absent" ? undefined : text() || undefined;

function notFor(p: Repository, manager: string, given: Readonly<Record<string, unknown>>): void {
  const [name] = Object.keys(given).filter((it) => given[it] !== undefined);
  if (name !== undefined && p.state === "present")
    throw new VigoError("failed", `${manager} knows no ${name} of a repository`, {
      hint: `leave ${name} out, or put it under a condition`,
    });
}

/** yum.conf(5) and zypper(8) read the same text. Without a key the manager's own default decides about signatures. */
function rpmLayout(p: Repository, folder: string, more: readonly string[]): RepositoryLayout {
  const path = `/etc/pki/rpm-gpg/RPM-GPG-KEY-${p.repository}`;
  const text = present(p, () =>
    [
      `[${p.repository}]`,
      `name=${p.repository}`,
      `${/^(?:metalink|mirrorlist)=/.test(p.repo ?? "") ? "" : "baseurl="}${p.repo}`,
      `enabled=${p.enabled ? 1 : 0}`,
      ...more,
      ...(p.priority === undefined ? [] : [`priority=${p.priority}`]),
      ...(p.key_url === undefined ? [] : ["gpgcheck=1", `gpgkey=file://${path}`]),
      "",
    ].join("\n"),
  );
  const inRpm = folder === "/etc/zypp/repos.d" ? { inRpm: true as const } : {};
  return {
    files: [{ field: "source", path: `${folder}/${p.repository}.repo`, text }],
    key: { path, form: "armor", ...inRpm },
  };
}

/** A line of apk is its address; a disabled one is a comment. */
function withRepositoryLine(doc: Lines, p: Repository): Lines {
  const wanted = linesOf(p);
  const bare = (text: string) => text.replace(/^\s*#?\s*/, "").trim();
  const kept = without(doc, (text) => wanted.includes(bare(text)));
  if (p.state === "absent") return kept;
  const shown = wanted.map((line) => `${p.enabled ? "" : "#"}${line}`);
  const at = doc.lines.findIndex(({ text }) => wanted.includes(bare(text)));
  const there = doc.lines.filter(({ text }) => wanted.includes(bare(text)));
  if (there.map(({ text }) => text.trim()).join("\n") === shown.join("\n")) return doc;
  return spliced(kept, at < 0 ? kept.lines.length : at, 0, shown);
}

const heading = /^\s*\[([^\]]+)\]/;

/** A section of pacman.conf(5) of its own; its place says which repository is asked first, and stays. */
function withPacmanSection(doc: Lines, p: Repository): Lines {
  const headings = [...doc.lines.entries()].flatMap(([at, { text }]) => {
    const name = heading.exec(text)?.[1];
    return name === undefined ? [] : [{ at, name }];
  });
  const mine = headings.findIndex(({ name }) => name === p.repository);
  const from = headings[mine]?.at ?? doc.lines.length;
  const next = headings[mine + 1]?.at ?? doc.lines.length;
  const to = mine < 0 ? from : lastSetting(doc, from, next);
  if (p.state === "absent") return spliced(doc, from, to - from);
  const section = [
    `[${p.repository}]`,
    ...(p.key_url === undefined ? [] : ["SigLevel = Required"]),
    ...linesOf(p).map((line) => `${line.includes("=") ? "" : "Server = "}${line}`),
  ];
  const is = doc.lines.slice(from, to).map(({ text }) => text.trim());
  if (is.join("\n") === section.join("\n")) return doc;
  const gap = mine < 0 && doc.lines.at(-1)?.text.trim() ? [""] : [];
  return spliced(doc, from, to - from, [...gap, ...section]);
}

/** Comments and blank lines before the next section belong to that one. */
function lastSetting({ lines }: Lines, from: number, next: number): number {
  let to = next;
  while (to > from + 1 && /^\s*(?:#.*)?$/.test(lines[to - 1]?.text ?? "")) to -= 1;
  return to;
}
