import { expect, test } from "bun:test";
import { filter } from "../../../src/core/converge/filter.ts";
import { VigoError } from "../../../src/core/errors.ts";

const keys = [
  "web/nginx",
  "web/site[blog]",
  "web/site[shop]",
  "vhost[a]/file:/etc/motd",
  "ssh/sshd",
];
const chosen = (only: readonly string[], skip: readonly string[] = []) => {
  const out = filter(keys, { only, skip });
  return keys.filter((key) => out(key) === undefined);
};

test.each<[only: string[], skip: string[], left: string[]]>([
  [[], [], keys],
  [["ssh"], [], ["ssh/sshd"]],
  [["web"], [], ["web/nginx", "web/site[blog]", "web/site[shop]"]],
  [["web/site"], [], ["web/site[blog]", "web/site[shop]"]],
  [["web/site[blog]"], [], ["web/site[blog]"]],
  [["vhost"], [], ["vhost[a]/file:/etc/motd"]],
  [["vhost/file:/etc/motd"], [], ["vhost[a]/file:/etc/motd"]],
  [["vhost[a]"], [], ["vhost[a]/file:/etc/motd"]],
  [["vhost[a]/file:/etc/motd"], [], ["vhost[a]/file:/etc/motd"]],
  [["web", "ssh"], ["web/site"], ["web/nginx", "ssh/sshd"]],
  [[], ["web"], ["vhost[a]/file:/etc/motd", "ssh/sshd"]],
])("only %j skip %j", (only, skip, left) => expect(chosen(only, skip)).toEqual(left));

test("a name that means nothing is refused with the nearest", () => {
  expect(() => chosen(["webb"])).toThrow(VigoError);
  expect(() => chosen(["web/ngnix"])).toThrow("nothing here is called web/ngnix");
  try {
    chosen(["web/ngnix"]);
  } catch (error) {
    expect((error as VigoError).hint).toBe("did you mean web/nginx?");
  }
});
