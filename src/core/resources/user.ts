/** The `user` type: an account of this machine, who it is and how it may come in. Must not make groups of others. */
import type { z } from "zod";
import type { Host, ReadHost } from "../host.ts";
import { atMostOne, choice, flag, group, list, parameters, path, text, whole } from "../params.ts";
import { type Change, defineResource, differing } from "../resource.ts";
import { type Account, accountFiles, accountName, accountOf } from "../tools/accounts.ts";
import { keyClaims, keysDifference, wantedKeys, writeKeys } from "../tools/authorized-keys.ts";
import { hashFor, opens } from "../tools/password.ts";
import { placeFollows } from "../tools/place.ts";
import { allowEverything, sudoersPath, sudoersState } from "../tools/sudoers.ts";
import {
  addUser,
  changeAges,
  changeUser,
  makeHome,
  removeUser,
  setPasswordHash,
  wordsFor,
} from "../tools/useradd.ts";

const days = (description: string) => whole(description, { max: 99_999 }).exactOptional();

const params = () =>
  parameters({
    username: text("Name of the account.", accountName),
    state: choice("Absent removes the account; its home too, if `manage_home: true` is written.", [
      "present",
      "absent",
    ]).default("present"),
    uid: whole("Its number. The system chooses one when not said.", {
      max: 4_294_967_294,
    }).exactOptional(),
    gid: whole("Number of the primary group.", { max: 4_294_967_294 }).exactOptional(),
    group: group(
      "Primary group. A new account gets a group of its own name when not said.",
    ).exactOptional(),
    groups: list("Other groups.", text("A group.", accountName)).exactOptional(),
    append_groups: flag("Keep it in groups that are not listed.").default(true),
    shell: path("Login shell.").exactOptional(),
    home: path("Home folder.").exactOptional(),
    manage_home: flag(
      "Make the home folder, and move it when `home` changes. True for all but system accounts when not said.",
    ).exactOptional(),
    comment: text("Full name or purpose.", {
      pattern: /^[^:\n]*$/,
      wanted: "one line without a colon",
    }).exactOptional(),
    password: text(
      "A password hash, as `mkpasswd` prints it, or the password itself from a secret: it is compared with the hash that is there, and a new one is SHA-512. It comes last: until then a new account is locked.",
      {
        pattern: /^[^\n\r\0]{1,256}$/,
        wanted: "a password hash like $y$… or $6$…, or a password of up to 256 signs in one line",
      },
    ).exactOptional(),
    password_max_age: days("Days until the password must be changed."),
    password_min_age: days("Days before it may be changed again."),
    password_warn_age: days("Days of warning before it must be changed."),
    locked: flag("Refuse the password; keys still open.").exactOptional(),
    expires: text("Last day of the account, as 2027-12-31, or never.", {
      pattern: /^(?:never|\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01]))$/,
      wanted: "a date like 2027-12-31, or never",
    }).exactOptional(),
    system: flag("A new account gets a number of system accounts.").default(false),
    authorized_keys: list(
      "SSH keys that may come in, as whole lines.",
      text("A key line.", {
        pattern: /^[^\n]*(?:^|\s)AAAA[A-Za-z0-9+/]+=*(?:\s[^\n]*)?$/,
        wanted: "a line with an SSH public key",
      }),
    ).exactOptional(),
    exclusive_keys: flag("No keys but `authorized_keys`.").default(false),
    sudo_nopasswd: flag("May do everything through sudo without a password.").exactOptional(),
  })
    .refine(atMostOne(["gid", "group"]), {
      path: ["gid"],
      message: "choose one of gid and group",
    })
    .refine((p) => !p.exclusive_keys || p.authorized_keys !== undefined, {
      path: ["authorized_keys"],
      message: "is required with exclusive_keys; [] means none",
    });

type Params = z.output<ReturnType<typeof params>>;

export const user = defineResource<Params>({
  name: "user",
  summary: "Keeps an account, its groups, password and keys.",
  platforms: ["linux"],
  params,
  main: "username",
  lane: "accounts",
  claims: (p) => [
    { id: `user:${p.username}` },
    ...(p.groups ?? []).map((name) => ({ id: `members:${name}`, part: p.username })),
    ...keyClaims(p.username, keysOf(p)),
    ...(p.sudo_nopasswd === undefined ? [] : [{ id: `file:${sudoersPath(p.username)}` }]),
  ],
  after: (p) => [
    ...[...(p.groups ?? []), ...(p.group === undefined ? [] : [p.group])].map(
      (name) => `group:${name}`,
    ),
    ...(p.home === undefined ? [] : placeFollows(p.home)),
  ],

  async judgedBy(p, host) {
    if (p.authorized_keys !== undefined) return undefined; // In a folder that is not root's.
    const home = p.home ?? (await accountOf(host, p.username))?.home ?? "/home";
    const asksSudo = p.state === "absent" || p.sudo_nopasswd !== undefined;
    return [...accountFiles, home, ...(asksSudo ? [sudoersPath(p.username)] : [])];
  },

  async check(p, host) {
    const there = await accountOf(host, p.username);
    if (p.state === "absent")
      return [
        ...differing("user", there && `uid ${there.uid}`, undefined),
        ...differing("sudo_nopasswd", await sudoersState(host, p.username), undefined),
      ];
    return [
      ...differing("user", there && "present", "present"),
      ...(await wishes(p, there, host)),
      ...(await keysChange(p, there, host)),
    ];
  },

  /** A hash that came from a secret is told again by what is there. */
  async readBack(p, host) {
    return { password: (await accountOf(host, p.username))?.shadow?.hash };
  },

  async apply(p, host) {
    const there = await accountOf(host, p.username);
    if (p.state === "absent") {
      if (there !== undefined) await removeUser(host, p.username, p.manage_home === true);
      if (await sudoersState(host, p.username)) await host.remove(sudoersPath(p.username));
      return;
    }
    if (there === undefined) await create(p, host);
    await mend(p, host);
  },

  examples: [
    {
      title: "A person",
      params: { username: "dana", groups: ["adm"], shell: "/bin/bash", comment: "Dana Doe" },
    },
    { title: "A service's account", params: { username: "app", system: true, home: "/srv/app" } },
    { title: "Gone", params: { username: "eve", state: "absent" } },
  ],
});

type Wish = readonly [field: string, from: string | undefined, to: string | undefined];

/** What differs, field by field; what is not said is left alone. */
async function wishes(
  p: Params,
  there: Account | undefined,
  host: ReadHost,
): Promise<readonly Change[]> {
  const all = [
    ...identity(p, there),
    ...logins(p, there, await passwordNow(p, there, host)),
    ...(await belongings(p, there, host)),
  ];
  return all.flatMap(([field, from, to]) => (to === undefined ? [] : differing(field, from, to)));
}

function identity(p: Params, there: Account | undefined): readonly Wish[] {
  const groups = p.groups && wantedGroups(p.groups, p, there);
  const primary = there && (p.gid === undefined ? there.group : `${there.gid}`);
  return [
    ["uid", there && `${there.uid}`, p.uid === undefined ? undefined : `${p.uid}`],
    ["group", primary, p.gid === undefined ? p.group : `${p.gid}`],
    ["groups", there?.groups.join(","), groups?.join(",")],
    ["comment", there?.comment, p.comment],
    ["home", there?.home, p.home],
    ["shell", there?.shell, p.shell],
  ];
}

const wantedGroups = (groups: readonly string[], p: Params, there: Account | undefined) =>
  [...new Set([...groups, ...(p.append_groups ? (there?.groups ?? []) : [])])].sort();

async function passwordNow(p: Params, there: Account | undefined, host: ReadHost) {
  const hash = there?.shadow?.hash;
  if (p.password === undefined || hash === undefined) return undefined;
  if (await opens(host, p.password, hash)) return "as declared";
  return hash === "" ? "none" : "another";
}

function logins(p: Params, there: Account | undefined, password?: string): readonly Wish[] {
  const shadow = there?.shadow;
  const age = (wanted: number | undefined) => (wanted === undefined ? undefined : `${wanted}`);
  const nothingToUnlock = p.locked === false && shadow?.hash === "";
  return [
    ["password", password, p.password && "as declared"],
    ["password_max_age", shadow?.maxDays, age(p.password_max_age)],
    ["password_min_age", shadow?.minDays, age(p.password_min_age)],
    ["password_warn_age", shadow?.warnDays, age(p.password_warn_age)],
    [
      "locked",
      shadow && `${shadow.locked && !nothingToUnlock}`,
      p.locked === undefined ? undefined : `${p.locked}`,
    ],
    ["expires", shadow && (shadow.expires ?? "never"), p.expires],
  ];
}

async function belongings(
  p: Params,
  there: Account | undefined,
  host: ReadHost,
): Promise<readonly Wish[]> {
  const home = p.home ?? there?.home;
  const stands = home !== undefined && (await host.stat(home, { follow: true })) !== undefined;
  const sudo = p.sudo_nopasswd === undefined ? undefined : `${p.sudo_nopasswd}`;
  return [
    [
      "home_folder",
      there && stands ? "present" : undefined,
      managesHome(p) ? "present" : undefined,
    ],
    ["sudo_nopasswd", sudo && ((await sudoersState(host, p.username)) ?? "false"), sudo],
  ];
}

const managesHome = (p: Params) => p.manage_home ?? !p.system;

const keysOf = (p: Params) => ({ keys: p.authorized_keys ?? [], exclusive: p.exclusive_keys });

async function keysChange(p: Params, there: Account | undefined, host: ReadHost) {
  if (p.authorized_keys === undefined) return [];
  const home = there && (p.home ?? there.home);
  const difference = await keysDifference(host, home, keysOf(p));
  return difference === undefined ? [] : [difference];
}

async function create(p: Params, host: Host): Promise<void> {
  const own = (await host.group(p.username)) === undefined ? undefined : p.username;
  await addUser(host, p.username, {
    ...p,
    group: p.gid === undefined ? (p.group ?? own) : `${p.gid}`,
    createHome: managesHome(p),
    expires: p.expires === "never" ? "" : p.expires,
    ages: {
      PASS_MAX_DAYS: p.password_max_age,
      PASS_MIN_DAYS: p.password_min_age,
      PASS_WARN_AGE: p.password_warn_age,
    },
  });
}

/** Asks again what differs, since making an account mends a lot at once. */
async function mend(p: Params, host: Host): Promise<void> {
  const before = await accountOf(host, p.username);
  const to = new Map(
    (await wishes(p, before, host)).map(({ field, to: value }) => [field, value ?? ""]),
  );
  const words = await usermodWords(p, to, host);
  if (words.length > 0) await changeUser(host, p.username, words);
  await mendLogins(p, to, before, host);
  const account = await accountOf(host, p.username);
  if (account === undefined) return;
  if (to.has("home_folder")) await makeHome(host, p.username, account);
  if ((await keysChange(p, account, host)).length > 0)
    await writeKeys(host, account, (await wantedKeys(host, account.home, keysOf(p))).bytes);
  if (to.get("sudo_nopasswd") === "false") await host.remove(sudoersPath(p.username));
  if (to.get("sudo_nopasswd") === "true") await allowEverything(host, p.username);
}

async function usermodWords(p: Params, to: ReadonlyMap<string, string>, host: ReadHost) {
  const expires = to.get("expires");
  const home = to.get("home");
  const moves = home !== undefined && managesHome(p) && (await host.stat(home)) === undefined;
  return [
    ...wordsFor(to, { uid: "-u", group: "-g", groups: "-G", comment: "-c", home: "-d" }),
    ...(moves ? ["-m"] : []),
    ...wordsFor(to, { shell: "-s" }),
    ...(expires === undefined ? [] : ["-e", expires === "never" ? "" : expires]),
  ];
}

/** A new password unlocks: what was locked by somebody stays so unless the policy says otherwise. What opens comes last. */
async function mendLogins(
  p: Params,
  to: ReadonlyMap<string, string>,
  before: Account | undefined,
  host: Host,
): Promise<void> {
  const ages = wordsFor(to, {
    password_max_age: "-M",
    password_min_age: "-m",
    password_warn_age: "-W",
  });
  if (ages.length > 0) await changeAges(host, p.username, ages);
  const wasLocked = before?.shadow?.locked === true && before.shadow.hash !== "";
  if (to.has("password") && p.password !== undefined)
    await setPasswordHash(host, p.username, hashFor(p.password), p.locked ?? wasLocked);
  else if (to.has("locked")) await changeUser(host, p.username, [p.locked === true ? "-L" : "-U"]);
}
