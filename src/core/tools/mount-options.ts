/**
 * Options of a mount as they are asked for and as the kernel tells them (`/proc/self/mounts`): which of those asked for are not in
 * force. Must not know how mounts are made.
 */

/** Options that the kernel tells for any file system, with their opposites; the last one said counts. */
const flags: Readonly<Record<string, readonly [option: string, on: boolean]>> = {
  ro: ["ro", true],
  rw: ["ro", false],
  nosuid: ["nosuid", true],
  suid: ["nosuid", false],
  nodev: ["nodev", true],
  dev: ["nodev", false],
  noexec: ["noexec", true],
  exec: ["noexec", false],
  noatime: ["noatime", true],
  atime: ["noatime", false],
  nodiratime: ["nodiratime", true],
  diratime: ["nodiratime", false],
};

/** Values that the kernel tells of a tmpfs under the name they are asked for with; those that go without saying it leaves out. */
const valued: Readonly<Record<string, string | undefined>> = {
  size: undefined,
  mode: "1777",
  uid: "0",
  gid: "0",
};

const isValue = (option: string) => /^(?:size|mode|uid|gid)=/.test(option);

/** What is in force of it and what is asked for instead, each in words of mount(8). */
export function optionsThatDiffer(
  fstype: string,
  wanted: readonly string[],
  there: readonly string[],
): readonly [from: readonly string[], to: readonly string[]] {
  const wish = new Map(
    spelledOut(wanted).flatMap((option) => (flags[option] ? [flags[option]] : [])),
  );
  const off = [...wish].filter(([option, on]) => there.includes(option) !== on);
  const values = fstype === "tmpfs" ? valuesThatDiffer(wanted, there) : [];
  return [
    [...off.map(([option, on]) => word(option, !on)), ...values.flatMap(([is]) => is ?? [])],
    [...off.map(([option, on]) => word(option, on)), ...values.map(([, asked]) => asked)],
  ];
}

const opposite = (option: string) => (option === "ro" ? "rw" : option.replace(/^no/, ""));
const word = (option: string, on: boolean) => (on ? option : opposite(option));

/** The part of the options that a mount takes on while it is in use. */
export const changeable = (fstype: string, options: readonly string[]): readonly string[] =>
  spelledOut(options).filter(
    (option) => flags[option] !== undefined || (fstype === "tmpfs" && isValue(option)),
  );

/** What fstab(5) means by `defaults`, as far as the kernel tells it. */
const spelledOut = (options: readonly string[]): readonly string[] =>
  options.flatMap((option) => (option === "defaults" ? ["rw", "suid", "dev", "exec"] : [option]));

export const settingOf = (options: readonly string[], name: string): string | undefined =>
  options.findLast((option) => option.startsWith(`${name}=`))?.slice(name.length + 1);

type Values = readonly (readonly [is: string | undefined, asked: string])[];

/** A share of the memory is told as a number of its own, and an account by its number: neither can be compared. */
function valuesThatDiffer(wanted: readonly string[], there: readonly string[]): Values {
  return Object.entries(valued).flatMap(([name, unsaid]) => {
    const [is, asked] = [settingOf(there, name), settingOf(wanted, name)];
    if (asked === undefined || !/^\d+[kmg]?$/i.test(asked)) return [];
    if (isSame(name, asked, is ?? unsaid)) return [];
    return [[is === undefined ? undefined : `${name}=${is}`, `${name}=${asked}`] as const];
  });
}

/** Sizes are told in KiB and are whole pages, of 64 KiB at most. Modes are octal with or without a zero before. */
function isSame(name: string, asked: string, is: string | undefined): boolean {
  if (is === undefined) return false;
  if (name === "mode") return Number.parseInt(asked, 8) === Number.parseInt(is, 8);
  if (name !== "size") return asked === is;
  const more = kibibytes(is) - kibibytes(asked);
  return more >= 0 && more < 64;
}

const factors: Readonly<Record<string, number>> = { k: 1, m: 1024, g: 1024 ** 2 };

function kibibytes(size: string): number {
  const [, number = "", suffix = ""] = /^(\d+)([kmg]?)$/i.exec(size) ?? [];
  return Number(number) * (factors[suffix.toLowerCase()] ?? 1 / 1024);
}
