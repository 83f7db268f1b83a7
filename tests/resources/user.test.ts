import { expect, test } from "bun:test";
import { explain } from "../../src/core/params.ts";
import { claimsOf, converge } from "../../src/core/resource.ts";
import { user } from "../../src/core/resources/user.ts";
import { cases, still } from "../support/cases.ts";
import { type Act, type Answer, edits, type FakeInit, fakeHost } from "../support/fake-host.ts";

const hash = "$6$salt$hash";
/** Of "Hello world!", as Drepper's paper has it. */
const hashed =
  "$6$saltstring$svn8UoSVapNtMuq1ukKS4tPQd8iKwSMHWjl/O817G3uBnIFNjnQJuesI68u4OTLiBFdcbYEdFCoEOfaS35inz1";
const perl =
  "chomp(my ($p, $h) = <STDIN>); my $c = crypt($p, $h); exit(defined $c && $c eq $h ? 0 : 1)";
const key = "ssh-ed25519 AAAAkey dana@home";
const line = "dana:x:1000:1000:Dana:/home/dana:/bin/sh";

/** dana as she stands, with what differs. */
const dana = (more: Partial<Record<"passwd" | "shadow" | "groups", string>> = {}) => ({
  "/etc/passwd": `root:x:0:0::/root:/bin/sh\n${more.passwd ?? line}\n`,
  "/etc/shadow": `dana:${more.shadow ?? "!:19000:0:99999:7:::"}\n`,
  "/etc/group": `dana:x:1000:\nadm:x:4:${more.groups ?? ""}\nops:x:5:\n`,
});
const home = { "/home/dana": {} };
const stands = (more: Parameters<typeof dana>[0] = {}): FakeInit => ({
  files: dana(more),
  nodes: home,
});

const nobody: FakeInit = {
  files: { "/etc/passwd": "", "/etc/shadow": "", "/etc/group": "adm:x:4:\n" },
};
const added =
  (more: Parameters<typeof dana>[0] = {}): Answer =>
  (files) => {
    for (const [path, text] of Object.entries({ ...dana(more), "/home/dana/.profile": "" }))
      files.set(path, text);
    return "";
  };
const shadow = (fields: string): Act => edits("/etc/shadow", () => `dana:${fields}\n`);
const passwd = (text: string): Act => edits("/etc/passwd", () => `${text}\n`);

cases(user, {
  "makes an account with its home": {
    given: { ...nobody, commands: { "useradd -m dana": added() } },
    wish: { username: "dana" },
    does: ["run useradd -m dana"],
    says: { user: [undefined, "present"], home_folder: [undefined, "present"] },
  },
  "makes it as it is wanted, in one go": {
    given: {
      ...nobody,
      commands: { "useradd -u 1000 -G adm -c Dana -s /bin/sh -m dana": added({ groups: "dana" }) },
    },
    wish: { username: "dana", uid: 1000, groups: ["adm"], comment: "Dana", shell: "/bin/sh" },
    does: ["run useradd -u 1000 -G adm -c Dana -s /bin/sh -m dana"],
  },
  "makes it locked, with its ages and end, and lets the password come last": {
    given: {
      ...nobody,
      commands: {
        "useradd -e 2027-12-31 -K PASS_MAX_DAYS=90 -K PASS_WARN_AGE=14 -m dana": added({
          shadow: "!:19000:0:90:14::21183:",
        }),
        "chpasswd -e": shadow(`${hash}:19000:0:90:14::21183:`),
      },
    },
    wish: {
      username: "dana",
      password: hash,
      password_max_age: 90,
      password_warn_age: 14,
      expires: "2027-12-31",
    },
    does: [
      "run useradd -e 2027-12-31 -K PASS_MAX_DAYS=90 -K PASS_WARN_AGE=14 -m dana",
      `run chpasswd -e < dana:${hash}`,
    ],
  },
  "makes one that is to stay locked, with no moment in which it opens": {
    given: {
      ...nobody,
      commands: {
        "useradd -m dana": added(),
        "chpasswd -e": shadow(`!${hash}:19000:0:99999:7:::`),
      },
    },
    wish: { username: "dana", password: hash, locked: true },
    does: ["run useradd -m dana", `run chpasswd -e < dana:!${hash}`],
  },
  "ends what a killed run began": {
    given: {
      ...stands(),
      commands: { "chpasswd -e": shadow(`${hash}:19000:0:99999:7:::`) },
    },
    wish: { username: "dana", uid: 1000, shell: "/bin/sh", password: hash },
    does: [`run chpasswd -e < dana:${hash}`],
    says: { password: ["none", "as declared"] },
  },
  "makes a system account without a home": {
    given: { ...nobody, commands: { "useradd -r -M dana": added() } },
    wish: { username: "dana", system: true },
    does: ["run useradd -r -M dana"],
  },
  "puts it into the group of its name that is there already": {
    given: {
      files: { ...nobody.files, "/etc/group": "dana:x:7:\n" },
      commands: { "useradd -g dana -m dana": added() },
    },
    wish: { username: "dana" },
    does: ["run useradd -g dana -m dana"],
  },
  "leaves alone what is not said": { given: stands(), wish: { username: "dana" }, does: [] },
  "mends several fields at once": {
    given: {
      ...stands({ passwd: "dana:x:1001:1000:D:/home/dana:/bin/false" }),
      commands: { "usermod -u 1000 -c Dana -s /bin/sh dana": passwd(line) },
    },
    wish: { username: "dana", uid: 1000, comment: "Dana", shell: "/bin/sh" },
    does: ["run usermod -u 1000 -c Dana -s /bin/sh dana"],
    says: { uid: ["1001", "1000"], comment: ["D", "Dana"], shell: ["/bin/false", "/bin/sh"] },
  },
  "adds groups and keeps the others": {
    given: {
      ...stands({ groups: "dana" }),
      commands: {
        "usermod -G adm,ops dana": edits("/etc/group", (text) =>
          text.replace("ops:x:5:", "ops:x:5:dana"),
        ),
      },
    },
    wish: { username: "dana", groups: ["ops"] },
    does: ["run usermod -G adm,ops dana"],
    says: { groups: ["adm", "adm,ops"] },
  },
  "takes out of other groups when told": {
    given: {
      ...stands({ groups: "dana" }),
      commands: {
        "usermod -G  dana": edits("/etc/group", (text) => text.replace("adm:x:4:dana", "adm:x:4:")),
      },
    },
    wish: { username: "dana", groups: [], append_groups: false },
    does: ["run usermod -G  dana"],
  },
  "sets a password hash through stdin and shows none": {
    given: { ...stands(), commands: { "chpasswd -e": shadow(`${hash}:19000:0:99999:7:::`) } },
    wish: { username: "dana", password: hash },
    does: [`run chpasswd -e < dana:${hash}`],
    says: { password: ["none", "as declared"] },
  },
  "knows a password by its hash": {
    given: stands({ shadow: `${hashed}:19000:0:99999:7:::` }),
    wish: { username: "dana", password: "Hello world!" },
    does: [],
  },
  "asks perl about hashes of other kinds": {
    given: {
      ...stands({ shadow: "$y$j9T$salt$hash:19000:0:99999:7:::" }),
      commands: { [`perl -e ${perl}`]: "" },
    },
    wish: { username: "dana", password: "Hello world!" },
    does: [],
  },
  "is content with an account that no password opens": {
    given: stands({ shadow: "!:19000:0:99999:7:::" }),
    wish: { username: "dana", password: "!" },
    does: [],
  },
  "keeps a lock that somebody set when the password changes": {
    given: {
      ...stands({ shadow: "!$6$old$old:19000:0:99999:7:::" }),
      commands: {
        "chpasswd -e": shadow(`!${hash}:19000:0:99999:7:::`),
      },
    },
    wish: { username: "dana", password: hash },
    does: [`run chpasswd -e < dana:!${hash}`],
    says: { password: ["another", "as declared"] },
  },
  unlocks: {
    given: {
      ...stands({ shadow: `!${hash}:19000:0:99999:7:::` }),
      commands: { "usermod -U dana": shadow(`${hash}:19000:0:99999:7:::`) },
    },
    wish: { username: "dana", locked: false },
    does: ["run usermod -U dana"],
  },
  "has nothing to unlock where there is no password": {
    given: stands(),
    wish: { username: "dana", locked: "false" },
    does: [],
  },
  "sets ages and an end": {
    given: {
      ...stands(),
      commands: {
        "usermod -e 2027-12-31 dana": shadow("!:19000:0:99999:7::21183:"),
        "chage -M 90 -W 14 dana": shadow("!:19000:0:90:14::21183:"),
      },
    },
    wish: { username: "dana", expires: "2027-12-31", password_max_age: 90, password_warn_age: 14 },
    does: ["run usermod -e 2027-12-31 dana", "run chage -M 90 -W 14 dana"],
  },
  "moves its home": {
    given: {
      ...stands(),
      commands: {
        "usermod -d /srv/dana -m dana": (files) => {
          files.set("/srv/dana/.profile", "");
          return passwd(line.replace("/home/dana", "/srv/dana"))(files);
        },
      },
    },
    wish: { username: "dana", home: "/srv/dana" },
    does: ["run usermod -d /srv/dana -m dana"],
  },
  "makes a home that went missing": {
    given: {
      files: dana(),
      nodes: { "/etc/skel": {} },
      commands: { "cp -rT /etc/skel /home/dana": "" },
    },
    wish: { username: "dana" },
    does: ["mkdir /home/dana", "run cp -rT /etc/skel /home/dana"],
  },
  "adds a key and keeps the others": {
    given: { files: { ...dana(), "/home/dana/.ssh/authorized_keys": "ssh-rsa AAAAold\n" } },
    wish: { username: "dana", authorized_keys: [key] },
    does: ["write /home/dana/.ssh/authorized_keys"],
    leaves: { "/home/dana/.ssh/authorized_keys": `ssh-rsa AAAAold\n${key}\n` },
    says: { authorized_keys: ["1 key", "2 keys"] },
  },
  "makes the folder for keys": {
    given: stands(),
    wish: { username: "dana", authorized_keys: [key], exclusive_keys: true },
    does: ["mkdir /home/dana/.ssh", "write /home/dana/.ssh/authorized_keys"],
  },
  "lets it do everything": {
    given: { ...stands(), commands: { "visudo -cf %": "" } },
    wish: { username: "dana", sudo_nopasswd: true },
    does: ["write /etc/sudoers.d/vigo-dana"],
    leaves: { "/etc/sudoers.d/vigo-dana": "dana ALL=(ALL:ALL) NOPASSWD: ALL\n" },
    says: { sudo_nopasswd: ["false", "true"] },
  },
  "removes the account and what it might do": {
    given: {
      files: { ...dana(), "/etc/sudoers.d/vigo-dana": "dana ALL=(ALL:ALL) NOPASSWD: ALL\n" },
      commands: { "userdel dana": edits("/etc/passwd", () => "") },
    },
    wish: { username: "dana", state: "absent" },
    does: ["run userdel dana", "remove /etc/sudoers.d/vigo-dana"],
  },
  "removes its home only when told": {
    given: { files: dana(), commands: { "userdel -r dana": edits("/etc/passwd", () => "") } },
    wish: { username: "dana", state: "absent", manage_home: true },
    does: ["run userdel -r dana"],
  },
  "tells what the tool said": {
    given: {
      ...nobody,
      commands: {
        "useradd -g nope -m dana": { code: 6, stdout: "", stderr: "group 'nope' does not exist" },
      },
    },
    wish: { username: "dana", group: "nope" },
    does: ["run useradd -g nope -m dana"],
    ends: "failed",
    because: "group 'nope' does not exist",
  },
});

test.each([
  [{ gid: 1, group: "a" }, "gid: choose one"],
  [{ password: "two\nlines" }, "password: must be a password hash"],
  [{ expires: "tomorrow" }, "expires: must be a date"],
  [{ exclusive_keys: true }, "authorized_keys: is required"],
  [{ authorized_keys: ["nonsense"] }, "authorized_keys.0: must be a line"],
])("refuses %j", (more, message) => {
  const { error } = user.params.safeParse({ username: "dana", ...more });
  expect(error && explain(error)[0]).toStartWith(message);
});

test("owns its place in groups and its keys one by one", () => {
  const wish = { username: "dana", groups: ["adm"], authorized_keys: [key], sudo_nopasswd: false };
  expect(claimsOf(user, user.params.parse(wish))).toEqual([
    { id: "user:dana" },
    { id: "members:adm", part: "dana" },
    { id: "authorized_keys:dana", part: "AAAAkey" },
    { id: "file:/etc/sudoers.d/vigo-dana" },
  ]);
});

test("hashes a password that it is given, and shows neither", async () => {
  const { host, files, log } = fakeHost({
    ...stands(),
    commands: {
      "chpasswd -e": (all) => {
        const [, made = ""] = /^run chpasswd -e < dana:(.*)$/.exec(log.at(-1) ?? "") ?? [];
        all.set("/etc/shadow", `dana:${made}:19000:0:99999:7:::\n`);
        return "";
      },
    },
  });
  const turn = {
    ...still,
    type: user,
    params: user.params.parse({ username: "dana", password: "Hello world!" }),
    host,
  };
  const first = await converge(turn);
  expect(first).toMatchObject({ outcome: "changed" });
  expect(JSON.stringify(first)).not.toMatch(/Hello|\$6\$/);
  expect(files.get("/etc/shadow")).toMatch(/^dana:\$6\$[./0-9A-Za-z]{16}\$[./0-9A-Za-z]{86}:/);
  expect(await converge(turn)).toEqual({ outcome: "ok" });
  const back = await user.readBack?.(turn.params, host);
  expect(back?.["password"]).toBe(files.get("/etc/shadow")?.split(":")[1]);
});
