/** The kernel's audit through auditctl(8) and augenrules(8). Must not know which rules are wanted. */
import { VigoError } from "../errors.ts";
import type { Host, ReadHost } from "../host.ts";
import { spelled } from "../text/audit-rules.ts";

/** In the spelling of `spelled`. */
export async function loadedRules(host: ReadHost): Promise<ReadonlySet<string>> {
  const { code, stdout, stderr } = await host.query({ argv: ["auditctl", "-l"] });
  if (code === 0)
    return new Set(
      stdout
        .split("\n")
        .filter((line) => line.startsWith("-"))
        .map(spelled),
    );
  throw new VigoError("failed", `auditctl: ${stderr.trim() || `exit ${code}`}`, {
    hint: "is the package auditd (audit) installed, and is this no container?",
  });
}

/** Puts the files of /etc/audit/rules.d together and gives them to the kernel. */
export async function loadRules(host: Host): Promise<void> {
  const { code, stdout, stderr } = await host.run({ argv: ["augenrules", "--load"] });
  const said = `${stderr}${stdout}`.trim();
  const error = said.split("\n").find((line) => /error|not permitted|invalid|unknown/i.test(line));
  if (code === 0 && error === undefined) return;
  throw new VigoError("failed", `augenrules: ${error ?? said.split("\n").at(-1) ?? code}`, {
    hint: /-e 2|immutable|not permitted/i.test(said)
      ? "the audit is locked (-e 2) until the next boot"
      : "the line is one of /etc/audit/audit.rules, put together from /etc/audit/rules.d",
  });
}

/** Until the next boot nobody can tell the kernel anything, and then the files do. */
export async function isLocked(host: ReadHost): Promise<boolean> {
  const { stdout } = await host.query({ argv: ["auditctl", "-s"] });
  return /^enabled 2$/m.test(stdout);
}

/** The kernel has accounts by their numbers alone. */
export async function numbered(host: ReadHost, rule: string): Promise<string> {
  const words = rule.split(/\s+/);
  for (const [at, word] of words.entries()) {
    const [, field = "", name = ""] = accountField.exec(word) ?? [];
    const id = name === "" ? undefined : await idOf(host, field, name);
    if (id !== undefined) words[at] = `${word.slice(0, -name.length)}${id}`;
  }
  return words.join(" ");
}

const accountField = /^((?:a|e|s|fs|obj_)?(?:uid|gid))(?:!=|>=|<=|=|>|<)([A-Za-z_][^\s]*)$/;

const idOf = async (host: ReadHost, field: string, name: string) =>
  field.endsWith("gid") ? (await host.group(name))?.gid : (await host.user(name))?.uid;
