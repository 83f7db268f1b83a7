/**
 * The `repository` type: a package repository and the key it is signed with. Must not know packages. It writes what the machine's
 * own package manager reads; fetching lists is the package type's business, which notices that sources have changed.
 */
import type { z } from "zod";
import { VigoError } from "../errors.ts";
import type { ReadHost } from "../host.ts";
import { choice, flag, parameters, text, whole } from "../params.ts";
import { type Change, defineResource, differing } from "../resource.ts";
import { editDifference, editing, writeEdit } from "../tools/edited-file.ts";
import { ownFileDifferences, writeOwnFile } from "../tools/own-file.ts";
import { packageManagerOf } from "../tools/package-managers.ts";
import { keyDifference, mendKey } from "../tools/repository-key.ts";
import { layouts, type RepositoryLayout } from "../tools/repository-layout.ts";

const params = () =>
  parameters({
    repository: text("Name of the repository; files are named after it.", {
      pattern: /^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/,
      wanted: "letters, digits, _ and -",
    }),
    repo: text(
      "Where it is, in the words of the package manager. apt: lines like `deb [arch=amd64] https://deb.example.net/debian bookworm main`; dnf, yum and zypper: its address, or `metalink=` or `mirrorlist=` with one; apk and pacman: its address. Needed unless `state` is absent (with apk always).",
      { pattern: /^[^\0\r]+$/, wanted: "one or more lines" },
    ).exactOptional(),
    state: choice("Absent removes it, with its key.", ["present", "absent"]).default("present"),
    key_url: text("The http or https address of the key that it is signed with.", {
      pattern: /^https?:\/\/\S+$/,
      wanted: "an http or https address",
    }).exactOptional(),
    key_fingerprint: text(
      "The fingerprint that the key must have, in hex, blanks allowed (apk: the sha256 of the key's file); of several keys at the address only that one is taken. Without it whatever the address gives is trusted, until it expires.",
      { pattern: /^[0-9A-Fa-f ]{40,80}$/, wanted: "40 or 64 hex digits" },
    ).exactOptional(),
    enabled: flag("False keeps it, unused.").default(true),
    format: choice(
      "apt only: one line a source (`.list`), or stanzas (`.sources`), which auto means too.",
      ["auto", "list", "deb822"],
    ).default("auto"),
    priority: whole(
      "Which of several is preferred: of apt the priority of a pin (above 500 wins), of dnf, yum and zypper a number where less wins. apk and pacman have none.",
      { min: -32_768, max: 32_767 },
    ).exactOptional(),
  })
    .refine((p) => p.state === "absent" || p.repo !== undefined, {
      path: ["repo"],
      message: "is required unless state is absent",
    })
    .refine((p) => p.key_fingerprint === undefined || p.key_url !== undefined, {
      path: ["key_url"],
      message: "is required with key_fingerprint",
    });

type Params = z.output<ReturnType<typeof params>>;

export const repository = defineResource<Params>({
  name: "repository",
  summary: "Keeps a package repository, with the key it is signed with.",
  platforms: ["linux"],
  params,
  main: "repository",
  lane: editing,
  claims: (p) => [{ id: `repository:${p.repository}` }],
  after: () => ["file:/etc/apt", "file:/etc/apt/sources.list.d", "file:/etc/pacman.conf"],

  async check(p, host) {
    const layout = await layoutFor(p, host);
    const changes: Change[] = [];
    const key = await keyDifference(host, p, layout);
    if (key !== undefined) changes.push(...differing("key", key.from, key.to));
    for (const file of layout.files)
      changes.push(...(await ownFileDifferences(host, file.field, { ...file, mode: "0644" })));
    if (layout.edit !== undefined)
      changes.push(...(await editDifference(host, "source", editOf(p, layout.edit))));
    return changes;
  },

  /** The key comes first: a repository without it is one that others may fill. */
  async apply(p, host, changes) {
    const layout = await layoutFor(p, host);
    if (changes.some(({ field }) => field === "key") && p.state === "present")
      await mendKey(host, p, layout);
    for (const file of layout.files) {
      const own = { ...file, mode: "0644" };
      if ((await ownFileDifferences(host, file.field, own)).length > 0)
        await writeOwnFile(host, own);
    }
    if (layout.edit !== undefined) await writeEdit(host, editOf(p, layout.edit));
    if (changes.some(({ field }) => field === "key") && p.state === "absent")
      await mendKey(host, p, layout);
  },

  examples: [
    {
      title: "A repository of Debian packages, signed",
      params: {
        repository: "docker",
        repo: "deb [arch=amd64] https://download.docker.com/linux/debian bookworm stable",
        key_url: "https://download.docker.com/linux/debian/gpg",
        key_fingerprint: "9DC8 5822 9FC7 DD38 854A E2D8 8D81 803C 0EBF CD88",
      },
    },
    {
      title: "A repository of rpm packages, preferred to others",
      params: {
        repository: "internal",
        repo: "https://rpm.example.net/el9/x86_64",
        key_url: "https://rpm.example.net/key.asc",
        priority: 10,
      },
    },
    { title: "No such repository", params: { repository: "old", state: "absent" } },
  ],
});

async function layoutFor(p: Params, host: ReadHost): Promise<RepositoryLayout> {
  const { name } = await packageManagerOf(host);
  const layout = layouts[name];
  if (layout !== undefined) return layout(p);
  throw new VigoError("failed", `not for ${name}: it has no repositories that Vigo knows`);
}

const editOf = (p: Params, { path, edit }: NonNullable<RepositoryLayout["edit"]>) => ({
  path,
  edit,
  present: p.state === "present",
  create: true,
});
