import { expect, test } from "bun:test";
import type { Host } from "../../../src/core/host.ts";
import { Rehearsals } from "../../../src/core/converge/rehearsal.ts";
import { fakeHost } from "../../support/fake-host.ts";

const bytes = new TextEncoder().encode("new\n");

/** Why it could not be done, or nothing; and what was done all the same. */
async function rehearsed(apply: (host: Host) => Promise<void>, links = 1) {
  const fake = fakeHost({ files: { "/srv/there": "old\n" } });
  const stat: Host["stat"] = async (path, options) => {
    const found = await fake.host.stat(path, options);
    return found && path === "/srv/there" ? { ...found, links } : found;
  };
  const { rehearse } = new Rehearsals([{}], []).of(0, { ...fake.host, stat });
  const why = await rehearse?.(apply).catch((error: Error) => error.message);
  expect(new TextDecoder().decode(await fake.host.read("/srv/there"))).toBe("old\n");
  expect(fake.log).toEqual([]);
  return why;
}

const cases: readonly (readonly [
  what: string,
  apply: (host: Host) => Promise<void>,
  why: string | undefined,
])[] = [
  ["a file is written over", (host) => host.write("/srv/there", bytes), undefined],
  ["a file is new", (host) => host.write("/srv/new", bytes), undefined],
  [
    "its folder is missing",
    (host) => host.write("/srv/no/new", bytes),
    "cannot write /srv/no/new: its folder is not there",
  ],
  [
    "so it is for a folder",
    (host) => host.mkdir("/srv/no/new/"),
    "cannot make the folder /srv/no/new/: its folder is not there",
  ],
  ["a folder in the root", (host) => host.mkdir("/new"), undefined],
  [
    "a command, whatever it is",
    async (host) => void (await host.run({ argv: ["false"] })),
    undefined,
  ],
  [
    "something is fetched",
    async (host) => void (await host.fetch("http://127.0.0.1:1/")),
    undefined,
  ],
  [
    "what fails after the first act is not known",
    async (host) => {
      await host.remove("/srv/there");
      throw new Error("too late");
    },
    undefined,
  ],
  [
    "what fails before it is",
    async (host) => {
      await host.stat("/srv/there");
      throw new Error("at once");
    },
    "at once",
  ],
];
test.each(cases)("%s", async (_, apply, why) => {
  expect(await rehearsed(apply)).toBe(why);
});

test.each([
  ["written", (host: Host) => host.write("/srv/there", bytes)],
  ["given away", (host: Host) => host.chown("/srv/there", 1, 1)],
  ["opened", (host: Host) => host.chmod("/srv/there", 0o777)],
] as const)("a file of two names is not %s", async (_, apply) => {
  expect(await rehearsed(apply, 2)).toBe(
    "refused to follow /srv/there: it has 2 names (hard links)",
  );
});
