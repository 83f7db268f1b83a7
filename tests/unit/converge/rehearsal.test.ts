import { expect, test } from "bun:test";
import type { Host } from "../../../src/core/host.ts";
import { Rehearsals } from "../../../src/core/converge/rehearsal.ts";
import { Unforeseen } from "../../../src/core/errors.ts";
import { fakeHost } from "../../support/fake-host.ts";

const bytes = new TextEncoder().encode("new\n");
const nothingLeft = async () => [];

/** Why it could not be done, or nothing; and what was done all the same. */
async function rehearsed(apply: (host: Host) => Promise<void>, links = 1) {
  const fake = fakeHost({
    files: { "/srv/there": "old\n", "/srv/full/in": "", "/srv/ro/in": "" },
    filesystems: {
      "/srv/full": { bytes: 10, freeBytes: 3, availableBytes: 0, inodes: 0, freeInodes: 0 },
    },
  });
  const stat: Host["stat"] = async (path, options) => {
    const found = await fake.host.stat(path, options);
    return found && path === "/srv/there" ? { ...found, links } : found;
  };
  const refused = (path: string) => ({ "/srv/fixed": "EPERM", "/srv/ro": "EROFS" })[path];
  const machine = { ...fake.host, stat, foresight: { refused, programs: "/bin" } };
  const rehearsals = new Rehearsals([{ key: "x" }], machine);
  const { rehearsal } = rehearsals.of(0);
  const deeds = { apply, check: nothingLeft };
  const why = await rehearsal?.act(rehearsals.host, deeds).catch((error: Error) => error.message);
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
    "its folder was made before",
    async (host) => {
      await host.mkdir("/srv/made");
      await host.write("/srv/made/new", bytes);
    },
    undefined,
  ],
  [
    "something is there already",
    (host) => host.mkdir("/srv/there"),
    "cannot make the folder /srv/there: something is there already",
  ],
  [
    "a folder that was filled",
    async (host) => {
      await host.mkdir("/srv/made");
      await host.write("/srv/made/new", bytes);
      await host.remove("/srv/made");
    },
    "cannot remove /srv/made: the folder is not empty",
  ],
  [
    "the disk is full",
    (host) => host.write("/srv/full/new", bytes),
    "cannot write /srv/full/new: no space left on the device",
  ],
  [
    "the disk is full by what came before",
    async (host) => {
      await host.write("/srv/full/new", bytes.subarray(3));
      await host.write("/srv/full/new", bytes.subarray(2));
      await host.write("/srv/full/other", bytes.subarray(2));
    },
    "cannot write /srv/full/other: no space left on the device",
  ],
  ["what is left is enough", (host) => host.write("/srv/full/new", bytes.subarray(1)), undefined],
  [
    "it is immutable",
    (host) => host.write("/srv/fixed", bytes),
    "cannot write /srv/fixed: not permitted",
  ],
  [
    "its folder is mounted read-only",
    (host) => host.write("/srv/ro/file", bytes),
    "cannot write /srv/ro/file: the file system is mounted read-only",
  ],
  [
    "a program that is not there",
    async (host) => {
      const { code, stderr } = await host.run({ argv: ["nft", "-f", "/x"] });
      throw new Error(`exit ${code}: ${stderr}`);
    },
    "exit 127: nft: not found",
  ],
  [
    "a program that comes with the run",
    async (host) => {
      await host.write("/srv/tool", bytes, { mode: 0o755 });
      await host.run({ argv: ["/srv/tool"] });
      throw new Error("not reached");
    },
    undefined,
  ],
  [
    "a command that nobody can foretell",
    async (host) => {
      await host.mkdir("/bin");
      await host.write("/bin/sh", bytes, { mode: 0o755 });
      await host.run({ argv: { shell: "false" } });
      throw new Error("not reached");
    },
    undefined,
  ],
  [
    "nobody to run it as",
    async (host) => void (await host.run({ argv: ["true"], user: "eve" })),
    "cannot run as eve: no such user",
  ],
  [
    "nowhere to run it",
    async (host) => void (await host.run({ argv: ["true"], cwd: "/no" })),
    "cannot run true in /no: no such folder",
  ],
  [
    "a wait for others",
    async (host) => {
      const foreseen = async () => {
        throw new Unforeseen("others have it");
      };
      await host.query({ argv: ["sleep", "1"], foreseen });
    },
    "others have it",
  ],
  [
    "a command that says what it would do",
    async (host) => {
      const foreseen = async (memory: Host) => {
        await memory.write("/srv/told", bytes);
        return { code: 3, stdout: "", stderr: "" };
      };
      await host.mkdir("/bin");
      await host.write("/bin/teller", bytes, { mode: 0o755 });
      const { code } = await host.run({ argv: ["teller"], foreseen });
      throw new Error(`${code} ${(await host.stat("/srv/told"))?.kind}`);
    },
    "3 file",
  ],
  [
    "a tool that is asked about what was just written",
    async (host) => {
      await host.write("/srv/new", bytes);
      await host.query({ argv: ["check", "/srv/new"] });
      throw new Error("not reached");
    },
    undefined,
  ],
  [
    "a stream, that nobody takes",
    async (host) => {
      await host.write("/srv/new", new Response("x").body as ReadableStream<Uint8Array>);
      throw new Error("not reached");
    },
    undefined,
  ],
  [
    "something is fetched",
    async (host) => void (await host.fetch("http://127.0.0.1:1/")),
    undefined,
  ],
  [
    "what fails after a first act is known as well",
    async (host) => {
      await host.remove("/srv/there");
      throw new Error("too late");
    },
    "too late",
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
