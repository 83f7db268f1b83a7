/**
 * How apt-get(8) is run and judged. Must not know what is wanted. Others that are at work are waited for: apt itself waits for
 * dpkg's locks, and gives up at once at those of its lists and archives. What then still stands in the way is told apart by its words.
 */
import { Unforeseen, VigoError } from "../errors.ts";
import type { Command, CommandResult, Host, Stat } from "../host.ts";
import { headOf } from "../text/cut.ts";
import { statusFile } from "./dpkg.ts";
import { tellWaiting, waitForHolders } from "./package-lock.ts";
import { lockSeconds, missingHint, type PackageOptions, type Sign } from "./package-manager.ts";

/** apt waits for these by itself. */
const locks = ["/var/lib/dpkg/lock-frontend", "/var/lib/dpkg/lock"];
const listsLock = "/var/lib/apt/lists/lock";
const archivesLock = "/var/cache/apt/archives/lock";
const timeoutMs = 30 * 60_000;
export const quiet = {
  DEBIAN_FRONTEND: "noninteractive",
  APT_LISTCHANGES_FRONTEND: "none",
  UCF_FORCE_CONFFOLD: "1",
};
/** Config files that were changed by hand or by policy are kept. */
const keepConfig = [
  "-o",
  "Dpkg::Options::=--force-confdef",
  "-o",
  "Dpkg::Options::=--force-confold",
];

/**
 * apt knows dpkg's database again by its size and whole second: of two changes within one second it misses the later one, takes
 * what was replaced for installed and does nothing. A cache from about that second goes; apt makes a new one.
 */
async function dropStaleCache(host: Host): Promise<void> {
  const cache = "/var/cache/apt/pkgcache.bin";
  const [made, changed] = await Promise.all([host.stat(cache), host.stat(statusFile)]);
  if (made === undefined || changed === undefined) return;
  const later = wholeSecond(made) - wholeSecond(changed);
  if (later === 0 || later === 1) await host.remove(cache, { snapshot: false });
}

const wholeSecond = ({ modified }: Stat) => Math.floor(modified.getTime() / 1000);

async function othersDone(host: Host): Promise<void> {
  await waitForHolders(host, [archivesLock], lockSeconds);
  await tellWaiting(host, locks, lockSeconds);
}

async function listsToCome(): Promise<never> {
  throw new Unforeseen("what apt's lists will have is not known before they are fetched");
}

/** Sets up what is unpacked, and what waits for others. Any exit code is an answer. */
export async function configureAll(host: Host): Promise<CommandResult> {
  await waitForHolders(host, locks, lockSeconds);
  const argv = ["dpkg", "--configure", "-a", "--force-confdef", "--force-confold"];
  return await host.run({ argv, env: quiet, timeoutMs, outlives: true });
}

/** A dpkg that was killed half-way is finished first, once. */
export async function aptGet(
  host: Host,
  words: readonly string[],
  options: PackageOptions,
): Promise<void> {
  await (words[0] === "update" ? waitForHolders(host, [listsLock], lockSeconds) : othersDone(host));
  await dropStaleCache(host);
  const { flags = [], environment = {} } = options;
  const waiting = ["-o", `DPkg::Lock::Timeout=${lockSeconds}`];
  const command: Command = {
    argv: ["apt-get", "-q", "-y", ...keepConfig, ...waiting, ...flags, ...words],
    env: { ...quiet, ...environment },
    timeoutMs,
    outlives: true,
    ...(words[0] === "update" && { foreseen: listsToCome }),
  };
  let result = await host.run(command);
  if (result.code !== 0 && /dpkg --configure -a/.test(result.stderr + result.stdout)) {
    const finished = await configureAll(host);
    if (finished.code !== 0) throw judged("dpkg --configure -a", finished);
    result = await host.run(command);
  }
  const told = words[0] === "update" ? /^(?:W|Err):/m.test(result.stdout + result.stderr) : false;
  if (result.code !== 0 || (told && /Failed to fetch/.test(result.stderr)))
    throw judged(`apt-get ${words.join(" ")}`, result);
}

/** Words of apt that say more than its exit code, which is nearly always 100. */
export const signs: readonly Sign[] = [
  [
    /Could not get lock|Unable to acquire the dpkg frontend lock|Unable to lock/,
    "unavailable",
    `another package manager holds the lock, and was waited for up to ${lockSeconds} s; the next run tries again`,
  ],
  [
    /Failed to fetch|Could not resolve|Temporary failure|Could not connect|Unable to connect|timed out/,
    "unavailable",
    "a repository does not answer: look at /etc/apt/sources.list and the network",
  ],
  [/No space left|don't have enough free space/, "unavailable", "free some space (df -h /var)"],
  [
    /Unable to locate package|has no installation candidate|was not found/,
    "failed",
    "is the name right, and is its repository declared?",
  ],
  [
    /Held packages were changed/,
    "failed",
    "somebody holds it back (apt-mark showhold): unhold it, or say lock_version to decide",
  ],
  [
    /unmet dependencies|held broken packages|pkgProblemResolver/,
    "failed",
    "apt cannot fit these packages together: try `apt-get install` by hand to see why",
  ],
  [
    /is not signed|NO_PUBKEY|cannot be authenticated|unauthenticated packages/,
    "failed",
    "declare the repository with its key (type repository, key_url)",
  ],
  [
    /changed its '\w+' value from/,
    "failed",
    "look whether that is meant, and accept it once by hand: apt-get update --allow-releaseinfo-change",
  ],
  [
    /dpkg: error processing (?:package|archive)/,
    "failed",
    "as long as this package is broken, apt complains at every change: mend or remove it; /var/log/apt/term.log has all that was said",
  ],
];

export function judged(what: string, result: CommandResult): VigoError {
  const { code, stdout, stderr } = result;
  const sign = signs.find(([words]) => words.test(stderr) || words.test(stdout));
  const lines = [
    ...(stdout.match(/^.* : (?:Pre-?)?(?:Depends|Conflicts|Breaks): .*$/gm) ?? []),
    // dpkg's complaint, and below it what about; its lines end as those of a terminal do.
    ...(stdout.match(/^dpkg: error .*(?:\r?\n .*){0,2}$/gm) ?? []),
    ...stderr.split("\n").filter((line) => /^(?:E|W|dpkg|Err)/.test(line)),
  ];
  const said = (lines.length > 0 ? lines : [stderr.trim() || stdout.trim()])
    .slice(-4)
    .map((line) => line.trim().replace(/\s*\n\s*/g, " "))
    .join("; ");
  return new VigoError(sign?.[1] ?? "failed", `${what}: exit ${code}: ${headOf(said, 1000)}`, {
    hint: missingHint(what.split(" ", 1)[0] ?? "", result) ?? sign?.[2],
  });
}
