/**
 * Files of installed packages as the package manager has them written down: dpkg(1) and rpm(8), which print differences in one form.
 * Must not know what becomes of them.
 */
import { VigoError } from "../errors.ts";
import type { CommandResult, Host, ReadHost } from "../host.ts";
import { aptGet } from "./apt-run.ts";
import { mustSucceed } from "./exit.ts";

const isRpm = ({ os }: ReadHost) => os.family === "rhel" || os.family === "suse";

function mustKnow(host: ReadHost): void {
  if (host.os.family !== "debian" && !isRpm(host))
    throw new VigoError("failed", `packages: not for ${host.os.distro}`, {
      hint: "write the files with their sha256 as manifest",
    });
}

/** Files of these packages whose content is another, or that are gone. Configuration is for administrators to change. */
export async function alteredFiles(
  host: ReadHost,
  packages: readonly string[],
): Promise<readonly string[]> {
  if (packages.length === 0) return [];
  mustKnow(host);
  const argv = isRpm(host) ? ["rpm", "-V", ...packages] : ["dpkg", "--verify", ...packages];
  const told = await host.query({ argv, timeoutMs: 900_000 });
  mustBeInstalled(told);
  return parseVerified(told.stdout);
}

function mustBeInstalled({ code, stdout, stderr, truncated }: CommandResult): void {
  const unknown = /^(?:dpkg: )?package '?(\S+?)'? is not installed/m.exec(
    `${stderr}\n${stdout}`,
  )?.[1];
  if (unknown !== undefined)
    throw new VigoError("failed", `the package ${unknown} is not installed`, {
      hint: "declare it as a package, and depend on it",
    });
  if (truncated === true || code === 127)
    throw new VigoError("failed", "the packages cannot be verified", {
      hint: code === 127 ? "there is no package manager" : "name fewer packages in one resource",
    });
}

/** Lines as `??5??????   /usr/bin/ls`, with a `c` before the path of configuration, or `missing   /usr/bin/ls`. */
export const parseVerified = (printed: string): readonly string[] =>
  [...printed.matchAll(/^(missing|[^\s]{8,9})\s+(?:([a-z]) )?(\/.*?)(?: \(.*\))?$/gm)].flatMap(
    ([, marks = "", kind, path = ""]) =>
      kind === "c" || (marks !== "missing" && marks[2] !== "5") ? [] : [path],
  );

/** The package of a file; undefined for a file of none. */
export async function ownerOf(host: ReadHost, path: string): Promise<string | undefined> {
  mustKnow(host);
  if (isRpm(host)) {
    const argv = ["rpm", "-q", "--qf", "%{NAME}\n", "-f", path];
    const { code, stdout } = await host.query({ argv });
    return code === 0 ? stdout.split("\n")[0] : undefined;
  }
  // Packages from before /bin became a link to /usr/bin have their files at their former place.
  for (const name of [path, path.replace(/^\/usr\/(s?bin|lib\w*)\//, "/$1/")]) {
    const { code, stdout } = await host.query({ argv: ["dpkg", "-S", "--", name] });
    const owner = /^(?!diversion )([^\s,:]+)/m.exec(stdout)?.[1];
    if (code === 0 && owner !== undefined) return owner;
  }
  return undefined;
}

/** Unpacks them again in the version they have. */
export async function reinstall(host: Host, packages: readonly string[]): Promise<void> {
  if (host.os.family === "debian")
    return await aptGet(host, ["install", "--reinstall", "--", ...packages], {});
  const argv =
    host.os.family === "suse"
      ? ["zypper", "--non-interactive", "install", "--force", ...packages]
      : ["dnf", "-y", "reinstall", ...packages];
  const running = host.run({ argv, timeoutMs: 1_800_000, outlives: true });
  await mustSucceed(argv.slice(0, 1).join(" "), running);
}
