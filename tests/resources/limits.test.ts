import { expect, test } from "bun:test";
import { explain } from "../../src/core/params.ts";
import { limits } from "../../src/core/resources/limits.ts";
import { cases } from "../support/cases.ts";

const own = "/etc/security/limits.d/99-vigo.conf";
const wish = { domain: "*", limit_type: "soft", item: "nofile", value: 65536 };

cases(limits, {
  "makes the file": {
    given: {},
    wish,
    does: [`write ${own}`],
    leaves: { [own]: "* soft nofile 65536\n" },
    says: { limit: [undefined, "* soft nofile 65536"] },
  },
  "mends a limit in place": {
    given: { files: { "/etc/x": "# all\n*\tsoft\tnofile\t10\n* hard nofile 20" } },
    wish: { ...wish, file: "/etc/x" },
    does: ["write /etc/x"],
    leaves: { "/etc/x": "# all\n*\tsoft\tnofile\t65536\n* hard nofile 20" },
  },
  "leaves a right limit alone": {
    given: { files: { [own]: "* soft  nofile 65536 # why\n" } },
    wish,
    does: [],
  },
  "takes a limit away": {
    given: { files: { [own]: "* soft nofile 1\n@ops - nproc 5\n" } },
    wish: { domain: "*", limit_type: "soft", item: "nofile", state: "absent" },
    does: [`write ${own}`],
    leaves: { [own]: "@ops - nproc 5\n" },
  },
  "takes nothing from no file": {
    given: {},
    wish: { domain: "*", item: "nofile", state: "absent" },
    does: [],
  },
});

test.each([
  [{ value: undefined }, "value: is required"],
  [{ value: "many" }, "value: must be a whole number or unlimited"],
  [{ domain: "a b" }, "domain: must be a user"],
  [{ item: "files" }, "item: must be one of core"],
])("refuses %j", (more, message) => {
  const all = Object.entries({ ...wish, ...more }).filter(([, it]) => it !== undefined);
  const { error } = limits.params.safeParse(Object.fromEntries(all));
  expect(error && explain(error)[0]).toStartWith(message);
});

test("shares a file, but not a limit", () => {
  expect(limits.claims(limits.params.parse(wish))).toEqual([
    { id: `file:${own}`, part: "limit:* soft nofile" },
  ]);
});
