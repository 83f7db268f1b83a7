/** Flatpaks of the whole machine through flatpak(1). Must not know what is wanted. */
import type { Host, ReadHost } from "../host.ts";
import { asked, type Manners, transact } from "./package-manager.ts";

const manners: Manners = {
  env: { LC_ALL: "C" },
  signs: [
    [
      /Unable to load summary|Could not resolve|Couldn't connect|Connection refused|timed out|While fetching/i,
      "unavailable",
      "its remote does not answer: look at flatpak remotes -d and the network",
    ],
    [/No remote chosen/, "failed", "several remotes have it: say which with remote"],
    [/No space left|Not enough disk space/i, "unavailable", "free some space (df -h /var)"],
    [
      /Nothing matches|No remote refs found|Remote .* not found|No remotes found/i,
      "failed",
      "are its name and its remote right? flatpak remotes, flatpak search",
    ],
  ],
};

/** Remotes that they come from, by name of the application or runtime. Empty where there is no flatpak. */
export async function installedFlatpaks(host: ReadHost): Promise<ReadonlyMap<string, string>> {
  if ((await host.stat("/usr/bin/flatpak", { follow: true })) === undefined) return new Map();
  const argv = ["flatpak", "list", "--system", "--columns=application,origin"];
  const { stdout } = await asked(host, argv, manners);
  return parseFlatpakList(stdout);
}

/** A line each, its columns parted by tabs. */
export const parseFlatpakList = (printed: string): ReadonlyMap<string, string> =>
  new Map(
    printed.split("\n").flatMap((line) => {
      const [name = "", origin = ""] = line.split("\t");
      return origin === "" ? [] : [[name, origin.trim()] as const];
    }),
  );

/** One transaction of the whole machine: a verb with its flags, and what it is about. */
export const flatpak = async (
  host: Host,
  verb: readonly string[],
  about: readonly string[],
): Promise<void> => {
  const argv = ["flatpak", ...verb, "--system", "--noninteractive", "--assumeyes", ...about];
  await transact(host, argv, manners, {});
};
