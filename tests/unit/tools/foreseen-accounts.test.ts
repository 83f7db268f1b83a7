/** What shadow's tools would leave in the tables of accounts. That they do is compared in tests/lab/dry-run.test.ts. */
import { expect, test } from "bun:test";
import type { CommandResult, Host } from "../../../src/core/host.ts";
import {
  newGroup,
  noGroup,
  otherGid,
  otherMembers,
} from "../../../src/core/tools/foreseen-groups.ts";
import {
  newUser,
  noUser,
  otherAges,
  otherHash,
  otherUser,
} from "../../../src/core/tools/foreseen-users.ts";
import { fakeHost } from "../../support/fake-host.ts";

const before = {
  "/etc/passwd": "root:x:0:0:root:/root:/bin/sh\ndana:x:1000:1000:Dana:/home/dana:/bin/sh\n",
  "/etc/group": "root:x:0:\nadm:x:4:dana\nops:x:5:\ndana:x:1000:\n",
  "/etc/shadow": "root:*:1:0:99999:7:::\ndana:!h:1:0:99999:7:::\n",
  "/etc/login.defs":
    "UID_MIN 1000\nUSERGROUPS_ENAB yes\nPASS_MAX_DAYS 99999\nPASS_MIN_DAYS\t0\nPASS_WARN_AGE 7\n",
  "/etc/default/useradd": "SHELL=/bin/bash\n",
  "/etc/skel/.profile": "umask 022\n",
  "/etc/skel/.config/x": "",
  "/home/dana/x": "",
};
const plain = { group: undefined, system: false, createHome: false, expires: undefined, ages: {} };

/** Lines that came and lines that went, and how it ended. */
async function told(command: (host: Host) => Promise<CommandResult>) {
  const { host, files } = fakeHost({ files: before });
  const { code, stderr } = await command(host);
  const lines = (all: Iterable<readonly [string, string]>) =>
    [...all].flatMap(([path, text]) =>
      text
        .split("\n")
        .flatMap((line) => (line === "" ? [] : [`${path.replace(/^\/etc\//, "")} ${line}`])),
    );
  const [was, is] = [lines(Object.entries(before)), lines(files)];
  return {
    ...(code !== 0 && { said: `${code} ${stderr}` }),
    came: is.filter((line) => !was.includes(line)),
    went: was.filter((line) => !is.includes(line)),
  };
}

const nothing = { came: [], went: [] };
const cases: readonly (readonly [
  string,
  (host: Host) => Promise<CommandResult>,
  Partial<Awaited<ReturnType<typeof told>>>,
])[] = [
  [
    "an account with a group and a home of its own",
    newUser("eve", { ...plain, createHome: true, groups: ["adm"], comment: "Eve" }),
    {
      came: [
        "passwd eve:x:1001:1001:Eve:/home/eve:/bin/bash",
        "group adm:x:4:dana,eve",
        "group eve:x:1001:",
        "shadow eve:!:20454:0:99999:7:::",
        "/home/eve/.profile umask 022",
      ],
      went: ["group adm:x:4:dana"],
    },
  ],
  [
    "an account of the system, in a group that is there, with an end",
    newUser("app", { ...plain, system: true, group: "ops", expires: "2030-01-02", home: "/srv" }),
    { came: ["passwd app:x:999:5::/srv:/bin/bash", "shadow app:!:20454:::::21916:"], went: [] },
  ],
  [
    "a number that is taken",
    newUser("eve", { ...plain, uid: 1000 }),
    { said: "4 useradd: UID 1000 is not unique", ...nothing },
  ],
  [
    "a group that is not there",
    newUser("eve", { ...plain, groups: ["none"] }),
    { said: "6 useradd: group 'none' does not exist", ...nothing },
  ],
  [
    "another shell, comment, end, groups, and locked no more",
    otherUser("dana", ["-G", "ops", "-c", "D", "-s", "/bin/zsh", "-e", "2030-01-02", "-U"]),
    {
      came: [
        "passwd dana:x:1000:1000:D:/home/dana:/bin/zsh",
        "group adm:x:4:",
        "group ops:x:5:dana",
        "shadow dana:h:1:0:99999:7::21916:",
      ],
    },
  ],
  [
    "another number that is taken",
    otherUser("dana", ["-u", "0"]),
    { said: "4 usermod: UID '0' already exists", ...nothing },
  ],
  [
    "ages and a password",
    async (host) => {
      await otherAges("dana", ["-M", "90", "-m", "1", "-W", "3"])(host);
      return await otherHash("dana", "$6$x")(host);
    },
    {
      came: ["shadow dana:$6$x:20454:1:90:3:::"],
      went: ["shadow dana:!h:1:0:99999:7:::"],
    },
  ],
  [
    "an account goes with its group and home",
    noUser("dana", true),
    {
      came: ["group adm:x:4:"],
      went: [
        "passwd dana:x:1000:1000:Dana:/home/dana:/bin/sh",
        "group adm:x:4:dana",
        "group dana:x:1000:",
        "shadow dana:!h:1:0:99999:7:::",
      ],
    },
  ],
  ["a group", newGroup("new", undefined, false), { came: ["group new:x:1001:"], went: [] }],
  ["a group of the system", newGroup("new", undefined, true), { came: ["group new:x:999:"] }],
  [
    "a group of a number that is taken",
    newGroup("new", 4, false),
    { said: "4 groupadd: GID '4' already exists", ...nothing },
  ],
  [
    "another number of a group, and of those whose primary group it is",
    otherGid("dana", 7),
    { came: ["passwd dana:x:1000:7:Dana:/home/dana:/bin/sh", "group dana:x:7:"] },
  ],
  [
    "a group that is somebody's primary one",
    noGroup("dana"),
    { said: "8 groupdel: cannot remove the primary group of user 'dana'", ...nothing },
  ],
  ["other members", otherMembers("ops", ["root", "dana"]), { came: ["group ops:x:5:root,dana"] }],
  [
    "a member that is not there",
    otherMembers("ops", ["none"]),
    { said: "3 gpasswd: user 'none' does not exist", ...nothing },
  ],
];
test.each(cases)("%s", async (_, command, expected) => {
  expect(await told(command)).toMatchObject(expected);
});

test("what moves in a home is not known", async () => {
  const { host, files } = fakeHost({ files: before });
  const moving = otherUser("dana", ["-d", "/srv/dana", "-m"])(host);
  expect(await moving.catch((error: Error) => error.name)).toBe("Unforeseen");
  expect(files.get("/etc/passwd")).toContain(":/srv/dana:");
});
