/** The `authorized_key` type: one key that may log in to an account. Must not make the account. */
import type { z } from "zod";
import type { Host, ReadHost } from "../host.ts";
import { VigoError } from "../errors.ts";
import { choice, flag, parameters, path, text } from "../params.ts";
import { defineResource, differing } from "../resource.ts";
import {
  keyBlob,
  keyWords,
  type KeyWish,
  withAuthorizedKey,
  withoutAuthorizedKey,
} from "../text/authorized-keys.ts";
import { accountName } from "../tools/accounts.ts";
import { editDifference, editing, type FileEdit, writeEdit } from "../tools/edited-file.ts";
import { placeFollows } from "../tools/place.ts";

const oneLine = { pattern: /^[^\n\r\0]*$/, wanted: "one line" };

const params = () =>
  parameters({
    user: text("Whose account it opens.", accountName),
    key: text("The public key: its kind, the key, and perhaps a comment.", {
      pattern: /^(?:ssh-|ecdsa-|sk-)[\w@.-]+ AAAA[A-Za-z0-9+/]+={0,3}(?: [^\n\r\0]*)?$/,
      wanted: "a key like ssh-ed25519 AAAA… (options go to key_options)",
    }),
    key_options: text(
      'What sshd allows with it, like `no-pty,command="/bin/backup"`. None when not said.',
      oneLine,
    ).default(""),
    comment: text(
      "Comment behind the key. The one that is there stays when not said.",
      oneLine,
    ).exactOptional(),
    file: path("Another file than `.ssh/authorized_keys` of the account.").exactOptional(),
    exclusive: flag("No keys but this one.").default(false),
    state: choice("Absent removes the key.", ["present", "absent"]).default("present"),
  });

type Params = z.output<ReturnType<typeof params>>;

export const authorizedKey = defineResource<Params>({
  name: "authorized_key",
  summary: "Keeps an SSH key that may log in to an account.",
  platforms: ["linux", "darwin"],
  params,
  lane: editing,
  claims: (p) => {
    const id = p.file === undefined ? `authorized_keys:${p.user}` : `file:${p.file}`;
    return p.exclusive ? [{ id }] : [{ id, part: keyBlob(p.key) ?? p.key }];
  },
  after: (p) => [`user:${p.user}`, ...(p.file === undefined ? [] : placeFollows(p.file))],

  async check(p, host) {
    const file = await edit(p, host);
    if (file !== undefined) return await editDifference(host, "key", file);
    return differing("key", undefined, p.state === "present" ? keyWords(wishOf(p)) : undefined);
  },

  async apply(p, host) {
    const file = await edit(p, host);
    if (file === undefined)
      throw new VigoError("failed", `no user ${p.user} on this machine`, {
        hint: "declare it as a user resource, or correct the name",
      });
    await writeKey(p, host, file);
  },

  examples: [
    {
      title: "A key that opens an account",
      params: { user: "dana", key: "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIabc dana@home" },
    },
    {
      title: "For one command only",
      params: {
        user: "backup",
        key: "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIabc",
        key_options: 'restrict,command="/usr/local/bin/backup"',
      },
    },
  ],
});

/** Undefined without an account: its home is not known. */
async function edit(p: Params, host: ReadHost): Promise<FileEdit | undefined> {
  const account = p.file === undefined ? await host.user(p.user) : undefined;
  const path = p.file ?? (account && `${account.home}/.ssh/authorized_keys`);
  if (path === undefined) return undefined;
  const wish = wishOf(p);
  return {
    path,
    present: p.state === "present",
    create: true,
    edit: (doc) =>
      p.state === "absent" ? withoutAuthorizedKey(doc, wish.key) : withAuthorizedKey(doc, wish),
  };
}

function wishOf({ key, comment: named, key_options: options, exclusive }: Params): KeyWish {
  const [kind, blob, ...words] = key.split(" ");
  const comment = named ?? words.join(" ");
  return { key: `${kind} ${blob}`, options, exclusive, ...(comment && { comment }) };
}

/** A new file and its folder belong to the account and to nobody else, or sshd would not look at them. */
async function writeKey(p: Params, host: Host, file: FileEdit): Promise<void> {
  const account = await host.user(p.user);
  const isNew = (await host.stat(file.path, { follow: true })) === undefined;
  const ids = isNew && account !== undefined ? { uid: account.uid, gid: account.gid } : {};
  const folder = file.path.replace(/\/[^/]*$/, "");
  const missing = p.file === undefined && (await host.stat(folder)) === undefined;
  if (missing && p.state === "present") await host.mkdir(folder, { mode: 0o700, ...ids });
  // sshd reads a file elsewhere as the account, so that a new one there is for everybody to read.
  await writeEdit(host, file, { fresh: p.file === undefined ? 0o600 : 0o644, ...ids });
}
