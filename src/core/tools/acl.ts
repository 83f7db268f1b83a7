/** Access control lists through getfacl(1) and setfacl(1). Must not know which are wanted. Format: acl(5), numeric. */
import { VigoError } from "../errors.ts";
import type { Host, ReadHost } from "../host.ts";
import { mustSucceed } from "./exit.ts";

/** By entry without its permissions, as `user:1000` or `default:group:4`: permissions like `rw-`. */
export type Acl = ReadonlyMap<string, string>;

const atOnce = 500;

/** Of each path, in their order. None is a symlink. */
export async function aclsOf(host: ReadHost, paths: readonly string[]): Promise<readonly Acl[]> {
  const all: Acl[] = [];
  for (let at = 0; at < paths.length; at += atOnce) {
    const some = paths.slice(at, at + atOnce);
    const argv = ["getfacl", "-cEpn", "--", ...some];
    const result = await host.query({ argv });
    if (result.code === 127) throw missing;
    const { stdout } = await mustSucceed(`getfacl ${some[0]}`, Promise.resolve(result));
    const lists = parseAcls(stdout);
    if (lists.length !== some.length)
      throw new VigoError("failed", `getfacl told of ${lists.length} of ${some.length} paths`, {
        hint: "something was moved or made at the same time: the next run looks again",
      });
    all.push(...lists);
  }
  return all;
}

const missing = new VigoError("failed", "there is no getfacl on this machine", {
  hint: "declare the package acl, and depend on it",
});

/** A list each, with a blank line after it. */
export const parseAcls = (printed: string): readonly Acl[] =>
  printed
    .split("\n\n")
    .filter((part) => part.trim() !== "")
    .map(
      (part) =>
        new Map(
          part
            .trim()
            .split("\n")
            .map((line) => [
              line.slice(0, line.lastIndexOf(":")).replace(/:$/, ""),
              line.slice(line.lastIndexOf(":") + 1, line.lastIndexOf(":") + 4),
            ]),
        ),
    );

/** `words` are setfacl's. It goes through no folder by itself: their owner could swap what is in them for links meanwhile. */
export async function setAcl(
  host: Host,
  paths: readonly string[],
  words: readonly string[],
): Promise<void> {
  for (let at = 0; at < paths.length; at += atOnce) {
    const some = paths.slice(at, at + atOnce);
    await host.held(some, async (names) => {
      const result = await host.run({ argv: ["setfacl", ...words, "--", ...names] });
      const stderr = names.reduce(
        (said, name, which) => said.replaceAll(`${name}:`, `${some[which]}:`),
        result.stderr,
      );
      await mustSucceed(`setfacl ${some[0]}`, Promise.resolve({ ...result, stderr }));
    });
  }
}
