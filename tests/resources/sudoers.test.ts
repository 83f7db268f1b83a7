import { expect, test } from "bun:test";
import fc from "fast-check";
import type { z } from "zod";
import { explain, isShellText } from "../../src/core/params.ts";
import { sudoers } from "../../src/core/resources/sudoers.ts";
import { parseSudoers } from "../../src/core/tools/sudo-rules.ts";
import { cases } from "../support/cases.ts";
import { fakeHost } from "../support/fake-host.ts";

const file = "/etc/sudoers.d/web";
const commands = { "visudo -cf %": "" };
const wish = {
  sudoers: "web",
  users: ["dana"],
  groups: ["web"],
  commands: ["/usr/bin/systemctl restart nginx", "/usr/bin/id"],
  nopasswd: true,
};
const rule = "dana,%web ALL=(ALL:ALL) NOPASSWD: /usr/bin/systemctl restart nginx, /usr/bin/id\n";

cases(sudoers, {
  "writes a proven rule": {
    given: { commands },
    wish,
    does: [`write ${file}`],
    leaves: { [file]: rule },
    says: { rule: [undefined, "80 bytes, sha256 b7366b5331a8"] },
  },
  "leaves a right rule alone": {
    given: { files: { [file]: rule }, nodes: { [file]: { mode: 0o440, uid: 0, gid: 0 } } },
    wish,
    does: [],
  },
  "mends mode and owner": {
    given: {
      files: { [file]: rule },
      nodes: { [file]: { mode: 0o644, uid: 5, gid: 0 } },
      commands,
    },
    wish,
    does: [`write ${file}`],
    says: { mode: ["0644", "0440"], owner: ["5", "0"] },
  },
  "takes a whole text, and ends it": {
    given: { commands },
    wish: { sudoers: "web", raw: "Defaults timestamp_timeout=5" },
    does: [`write ${file}`],
    leaves: { [file]: "Defaults timestamp_timeout=5\n" },
  },
  "says on which hosts and as whom": {
    given: { commands },
    wish: { sudoers: "web", users: ["ALL"], hosts: ["web1", "!web2"], run_as: "www-data" },
    does: [`write ${file}`],
    leaves: { [file]: "ALL web1,!web2=(www-data) ALL\n" },
  },
  "leaves what visudo refuses": {
    given: { commands: { "visudo -cf %": { code: 1, stdout: "", stderr: "" } } },
    wish: { sudoers: "web", raw: "nonsense" },
    does: [],
    ends: "failed",
    leaves: { [file]: undefined },
  },
  "takes a rule away": {
    given: { files: { [file]: rule } },
    wish: { sudoers: "web", state: "absent" },
    does: [`remove ${file}`],
  },
  "takes nothing twice": { given: {}, wish: { sudoers: "web", state: "absent" }, does: [] },
});

test.each([
  [{ sudoers: "a.b", users: ["x"] }, "sudoers: must be letters"],
  [{ sudoers: "a" }, "users: choose users, groups or raw"],
  [{ sudoers: "a", users: ["x"], raw: "y" }, "raw: is the whole text"],
  [{ sudoers: "a", users: ["x"], commands: ["/a, /b"] }, "commands: must be one command an item"],
  [{ sudoers: "a", users: ["x"], commands: ["/a\n/b"] }, "commands: must be one command an item"],
  [{ sudoers: "a", users: ["x ALL"] }, "users.0: must be a name"],
])("refuses %j", (wrong, message) => {
  const { error } = sudoers.params.safeParse(wrong);
  expect(error && explain(error)[0]).toStartWith(message);
});

test("claims its file, follows its people, and its texts are to be quoted", () => {
  const params = sudoers.params.parse(wish);
  expect(sudoers.claims(params)).toEqual([{ id: `file:${file}` }]);
  expect(sudoers.after?.(params)).toEqual([
    "file:/etc",
    "file:/etc/sudoers.d",
    "user:dana",
    "group:web",
  ]);
  const { shape } = sudoers.params as unknown as {
    readonly shape: Readonly<Record<"raw" | "commands" | "run_as", z.ZodType>>;
  };
  expect([shape.raw, shape.commands, shape.run_as].map(isShellText)).toEqual([true, true, false]);
});

const one = fc.stringMatching(/^[A-Za-z_][A-Za-z0-9_.@-]{0,8}$/);
const wishes = fc
  .record({
    users: fc.uniqueArray(one, { maxLength: 3 }),
    groups: fc.uniqueArray(one, { maxLength: 3 }),
    hosts: fc.uniqueArray(fc.constantFrom("ALL", "web1", "!web2", "10.0.0.0/8"), {
      minLength: 1,
      maxLength: 2,
    }),
    run_as: fc.constantFrom("ALL:ALL", "root", "www-data", ":adm"),
    commands: fc.uniqueArray(
      fc.constantFrom("ALL", "/bin/a -x", "/bin/b \\,c\\=d", '/bin/e "f g"', "!/bin/su"),
      { minLength: 1, maxLength: 3 },
    ),
    nopasswd: fc.boolean(),
  })
  .filter(({ users, groups }) => users.length + groups.length > 0);

test("any rule: reads as whom it is for, twice is once, and goes without a trace", async () => {
  const property = fc.asyncProperty(wishes, async (wish) => {
    const nodes = { "/etc/sudoers.d": {}, "/etc/sudoers.d/other": {} };
    const { host, files } = fakeHost({ commands, nodes });
    const params = sudoers.params.parse({ sudoers: "web", ...wish });
    await sudoers.apply(params, host, await sudoers.check(params, host));
    expect(await sudoers.check(params, host)).toEqual([]);
    const text = files.get(file) ?? "";
    const { users, groups, all } = parseSudoers(text);
    const isName = (name: string) => /^[A-Za-z_][\w.-]*$/.test(name) && name !== "ALL";
    expect(users).toEqual(wish.users.filter(isName));
    expect(groups).toEqual(wish.groups);
    expect(all).toBe(wish.users.includes("ALL"));
    expect(text.split("\n")).toHaveLength(2);
    const away = sudoers.params.parse({ sudoers: "web", state: "absent" });
    await sudoers.apply(away, host, await sudoers.check(away, host));
    expect(files.has(file)).toBe(false);
  });
  await fc.assert(property, { numRuns: 200 });
});
