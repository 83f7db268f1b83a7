/**
 * Rules of the kernel's audit as auditctl(8) writes and lists them, in one spelling, so that what was asked for can be found in what
 * is listed. Must not know files.
 */

/** Lines that are rules: without comments, blank lines, and what sets the audit itself (`-b`, `-D`, `-e`, …). */
export const rulesOf = (text: string): readonly string[] =>
  text
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => /^-[aAwW] /.test(line));

/**
 * The kernel lists `-k x` as `-F key=x`, `-A` as `-a`, `always,exit` and `exit,always` as one, the calls of several `-S` together,
 * permissions in its own order, and what is compared with one another in any.
 */
export function spelled(rule: string): string {
  const words = rule.trim().split(/\s+/);
  const fields: string[] = [];
  const calls: string[] = [];
  const rest: string[] = [];
  for (let at = 0; at < words.length; at += 2) {
    const [option = "", value = ""] = words.slice(at, at + 2);
    if (option === "-k") fields.push(`key=${value}`);
    else if (option === "-F") fields.push(field(value));
    else if (option === "-C") fields.push(`compare ${compared(value)}`);
    else if (option === "-S") calls.push(...value.split(","));
    else rest.push(ordered(option, value));
  }
  // A watch without permissions is for all of them.
  if (words[0] === "-w" && !words.includes("-p")) rest.push("-p arwx");
  const named = calls.filter((call) => call !== "all").sort();
  const called = named.length > 0 ? [`-S ${named.join(",")}`] : [];
  return [...rest.sort(), ...called, ...fields.sort().map((each) => `-F ${each}`)].join(" ");
}

function ordered(option: string, value: string): string {
  if (option === "-a" || option === "-A") return `-a ${value.split(",").sort().join(",")}`;
  if (option === "-p") return `-p ${[...value].sort().join("")}`;
  return `${option} ${option === "-w" ? value.replace(/(?<=.)\/+$/, "") : value}`;
}

const compared = (text: string): string => {
  const [, one = "", sign = "", other = ""] = /^(\w+)(!?=)(\w+)$/.exec(text) ?? [];
  return one === "" ? text : [one, other].sort().join(sign);
};

function field(text: string): string {
  const [, name = "", sign = "", value = ""] =
    /^([A-Za-z0-9_]+)(!=|>=|<=|&=|=|>|<|&)(.*)$/.exec(text) ?? [];
  return name === "" ? text : `${name}${sign}${fieldValue(name, value)}`;
}

/** Ids that are unset are listed as -1, arguments of calls as hexadecimal, kinds of files as numbers or names, errors by name. */
function fieldValue(name: string, value: string): string {
  if (name === "perm") return [...value].sort().join("");
  if (name === "arch") return machines[value] ?? value;
  if (name === "filetype") return kinds[value] ?? value;
  if (/(?:uid|gid|ses|sessionid)$/.test(name))
    return ["unset", "4294967295"].includes(value) ? "-1" : value;
  if (name === "exit") return errorName(value);
  return isNumber(value) && name !== "key" ? `${BigInt(value)}` : value;
}

const isNumber = (value: string) => /^(?:0x[0-9a-f]+|[1-9]\d*|0)$/i.test(value);

const machines: Readonly<Record<string, string>> = {
  ...{ x86_64: "b64", aarch64: "b64", ppc64le: "b64", s390x: "b64" },
  ...{ i386: "b32", i486: "b32", i586: "b32", i686: "b32", arm: "b32" },
};

/** stat(2), as auditctl 3 lists them. */
const kinds: Readonly<Record<string, string>> = {
  fifo: "4096",
  character: "8192",
  dir: "16384",
  block: "24576",
  file: "32768",
  link: "40960",
  socket: "49152",
};

/** The errors whose numbers are the same on every machine, from 1 on. */
const errors =
  "EPERM ENOENT ESRCH EINTR EIO ENXIO E2BIG ENOEXEC EBADF ECHILD EAGAIN ENOMEM EACCES EFAULT ENOTBLK EBUSY EEXIST EXDEV ENODEV ENOTDIR EISDIR EINVAL ENFILE EMFILE ENOTTY ETXTBSY EFBIG ENOSPC ESPIPE EROFS EMLINK EPIPE EDOM ERANGE".split(
    " ",
  );

function errorName(value: string): string {
  const name = /^-\d+$/.test(value) ? errors[-Number(value) - 1] : undefined;
  return name === undefined ? value : `-${name}`;
}
