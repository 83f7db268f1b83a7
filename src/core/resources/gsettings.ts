/**
 * The `gsettings` type: a setting of GNOME's kind for all users, in the system database of dconf, and on request locked. Must not
 * touch what users set for themselves: a lock takes it out of force.
 */
import type { z } from "zod";
import type { Host, ReadHost } from "../host.ts";
import { choice, flag, parameters, text } from "../params.ts";
import { defineResource, differing } from "../resource.ts";
import {
  compile,
  isCompiled,
  keyFolder,
  lockFolder,
  profile,
  proof,
  schemaPath,
  withSystemDatabase,
} from "../tools/dconf.ts";
import { editDifference, editing, type FileEdit, writeEdit } from "../tools/edited-file.ts";
import { type OwnFile, oneOfOwnFiles, writeOwnFile } from "../tools/own-file.ts";

const params = () =>
  parameters({
    schema: text(
      "The schema, as `org.gnome.desktop.screensaver`; one without a place of its own as `SCHEMA:/path/`.",
      {
        pattern: /^[A-Za-z][A-Za-z0-9.-]{0,200}(?::\/(?:[A-Za-z0-9:_.-]+\/)+)?$/,
        wanted: "the name of a schema, as gsettings list-schemas prints it",
      },
    ),
    key: text("The key.", {
      pattern: /^[a-z][a-z0-9-]{0,200}$/,
      wanted: "the name of a key, as gsettings list-keys prints it",
    }),
    value: text(
      "The value as `gsettings get` prints it: `true`, `uint32 300`, `'a text'` with its quotes. Needed unless `state` is absent.",
      { pattern: /^[^\n\r\0]+$/, wanted: "a value in one line" },
    ).exactOptional(),
    lock: flag("Users cannot change it.").default(false),
    state: choice("Absent leaves it to users and to the default.", ["present", "absent"]).default(
      "present",
    ),
  }).refine((p) => p.state === "absent" || p.value !== undefined, {
    path: ["value"],
    message: "is required unless state is absent",
  });

type Params = z.output<ReturnType<typeof params>>;

export const gsettings = defineResource<Params>({
  name: "gsettings",
  summary: "Keeps a desktop setting for all users.",
  platforms: ["linux"],
  params,
  main: "key",
  lane: editing,
  claims: (p) => [
    { id: `gsettings:${p.schema}`, part: p.key },
    { id: `file:${keyFolder}/${fileName(p)}` },
    { id: `file:${lockFolder}/${fileName(p)}` },
    { id: `file:${profile}`, part: `for ${p.schema} ${p.key}` },
  ],
  after: () => ["package:dconf-cli", "package:dconf", `file:${keyFolder}`, `file:${lockFolder}`],

  async check(p, host) {
    const { value, lock } = await filesOf(p, host);
    const differ = [
      ...(await oneOfOwnFiles(host, "value", value)),
      ...(await oneOfOwnFiles(host, "lock", lock)),
      ...(await editDifference(host, "profile", profileEdit(p))),
    ];
    const stale = differ.length === 0 && !(await isCompiled(host));
    return [...differ, ...(stale ? differing("compiled", "an older one", "as declared") : [])];
  },

  async apply(p, host) {
    const { value, lock } = await filesOf(p, host);
    for (const file of [value, lock])
      if ((await oneOfOwnFiles(host, "file", file)).length > 0) await put(host, file);
    await folderOf(host, profile);
    await writeEdit(host, profileEdit(p));
    await compile(host);
  },

  examples: [
    {
      title: "A screen that never goes dark, whoever sits there",
      params: {
        schema: "org.gnome.desktop.session",
        key: "idle-delay",
        value: "uint32 0",
        lock: true,
      },
    },
    {
      title: "A background to begin with",
      params: {
        schema: "org.gnome.desktop.background",
        key: "picture-uri",
        value: "'file:///usr/share/backgrounds/ours.png'",
      },
    },
  ],
});

const fileName = (p: Params) => `50-vigo-${p.schema.replace(/[:/]+/g, "-")}.${p.key}`;

async function filesOf(p: Params, host: ReadHost): Promise<{ value: OwnFile; lock: OwnFile }> {
  const path = await schemaPath(host, p.schema);
  const present = p.state === "present";
  const file = (folder: string, wanted: string | undefined) => ({
    path: `${folder}/${fileName(p)}`,
    text: wanted,
    mode: "0644",
  });
  return {
    value: file(keyFolder, present ? `[${path.slice(1, -1)}]\n${p.key}=${p.value}\n` : undefined),
    lock: file(lockFolder, present && p.lock ? `${path}${p.key}\n` : undefined),
  };
}

const profileEdit = (p: Params): FileEdit => ({
  path: profile,
  present: p.state === "present",
  create: true,
  edit: (doc) => (p.state === "present" ? withSystemDatabase(doc) : doc),
});

async function put(host: Host, file: OwnFile): Promise<void> {
  if (file.text !== undefined) await folderOf(host, file.path);
  const isKey = file.path.startsWith(`${keyFolder}/50`);
  await writeOwnFile(host, file, isKey ? proof : undefined);
}

/** A fresh dconf has none of its folders. */
async function folderOf(host: Host, path: string): Promise<void> {
  const parts = path.split("/").slice(1, -1);
  for (let depth = 2; depth <= parts.length; depth += 1) {
    const folder = `/${parts.slice(0, depth).join("/")}`;
    if ((await host.stat(folder)) === undefined) await host.mkdir(folder, { mode: 0o755 });
  }
}
