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
 * The kernel lists `-k x` as `-F key=x`, `always,exit` and `exit,always` as one, the calls of several `-S` together, permissions in
 * its own order, and ids that are unset as -1.
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
    else if (option === "-C") fields.push(`compare ${value}`);
    else if (option === "-S") calls.push(...value.split(","));
    else rest.push(`${option} ${ordered(option, value)}`);
  }
  // A watch without permissions is for all of them.
  if (words[0] === "-w" && !words.includes("-p")) rest.push("-p arwx");
  const named = calls.filter((call) => call !== "all").sort();
  const called = named.length > 0 ? [`-S ${named.join(",")}`] : [];
  return [...rest.sort(), ...called, ...fields.sort().map((each) => `-F ${each}`)].join(" ");
}

function ordered(option: string, value: string): string {
  if (option === "-a" || option === "-A") return value.split(",").sort().join(",");
  if (option === "-p") return [...value].sort().join("");
  return option === "-w" ? value.replace(/(?<=.)\/+$/, "") : value;
}

function field(text: string): string {
  const [, name = "", sign = "", value = ""] =
    /^([A-Za-z0-9_]+)(!=|>=|<=|&=|=|>|<|&)(.*)$/.exec(text) ?? [];
  if (name === "") return text;
  const isId = /(?:uid|gid|ses|sessionid)$/.test(name);
  const known = isId && ["unset", "4294967295"].includes(value) ? "-1" : value;
  return `${name}${sign}${name === "perm" ? [...known].sort().join("") : known}`;
}
