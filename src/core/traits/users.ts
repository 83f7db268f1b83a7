/**
 * The `users` trait: the local accounts, who is logged in (systemd-logind's session files), who may use sudo, and who was here
 * last. Must not know accounts of a directory service, nor groups as such.
 */
import { z } from "zod";
import type { ReadHost } from "../host.ts";
import { type Account, humanRange, parseGroup, parsePasswd } from "../tools/account-files.ts";
import { fileText } from "../tools/file-text.ts";
import { lastLogin, lastlogBytes } from "../tools/lastlog.ts";
import { maySudo, sudoRules } from "../tools/sudo-users.ts";
import { defineTrait } from "../trait.ts";

const names = (description: string) => z.array(z.string()).meta({ description });

export const users = defineTrait({
  name: "users",
  summary: "Local accounts and what they may do.",
  platforms: ["linux"],
  elsewhere: {
    darwin: () => (require("./darwin/accounts.ts") as typeof import("./darwin/accounts.ts")).users,
    windows: () =>
      (require("./windows/accounts.ts") as typeof import("./windows/accounts.ts")).users,
  },
  keep: "run",
  value: () =>
    z.strictObject({
      human: names(
        "Accounts of people: uid from UID_MIN to UID_MAX of login.defs(5); from 501 on macOS; on Windows those that are not built in.",
      ),
      system: names("All other accounts."),
      logged_in: names("Accounts with a session open, each once."),
      sudoers: names(
        "Accounts that may run something through sudo, root not counted; empty without root. On Windows: administrators.",
      ),
      last_login: z.record(z.string(), z.iso.datetime()).meta({
        description: "Last login by account, UTC; who never did is missing, and on macOS all are.",
      }),
    }),
  async collect(host) {
    const [passwd, group = "", loginDefs = ""] = await Promise.all(
      ["/etc/passwd", "/etc/group", "/etc/login.defs"].map((path) => fileText(host, path)),
    );
    if (passwd === undefined) return undefined;
    const accounts = parsePasswd(passwd);
    const [first, last] = humanRange(loginDefs);
    const people = accounts.filter(({ uid }) => uid >= first && uid <= last);
    return {
      human: people.map(({ name }) => name),
      system: accounts.filter((account) => !people.includes(account)).map(({ name }) => name),
      logged_in: await loggedIn(host),
      sudoers: maySudo(await sudoRules(host), accounts, parseGroup(group)),
      last_login: await lastLogins(host, accounts),
    };
  },
  example: {
    human: ["dana", "kim"],
    system: ["root", "daemon", "sshd"],
    logged_in: ["dana"],
    sudoers: ["dana"],
    last_login: { dana: "2026-01-01T08:30:00.000Z" },
  },
});

/** sd_session_get_state(3): a session that is closing has nobody in it any more. */
async function loggedIn(host: ReadHost): Promise<string[]> {
  const folder = "/run/systemd/sessions";
  const ids = ((await host.list(folder)) ?? []).filter((name) => !name.endsWith(".ref"));
  const texts = await Promise.all(ids.slice(0, 500).map((id) => fileText(host, `${folder}/${id}`)));
  const open = texts.filter(
    (text = "") => /^CLASS=user$/m.test(text) && !/^STATE=closing$/m.test(text),
  );
  return [...new Set(open.map((text = "") => /^USER=(.+)$/m.exec(text)?.[1] ?? ""))].sort();
}

/** The file is sparse, and as long as the highest uid wants it: people's uids fit into the first megabyte or two. */
async function lastLogins(host: ReadHost, accounts: readonly Account[]) {
  const highest = 4_000;
  const limit = lastlogBytes(host.os.arch, highest);
  if (limit === undefined) return {};
  const bytes = await host.read("/var/log/lastlog", { limit });
  if (bytes === undefined) return {};
  const found = accounts
    .filter(({ uid }) => uid <= highest)
    .map(({ name, uid }) => [name, lastLogin(bytes, host.os.arch, uid)] as const);
  return Object.fromEntries(
    found.flatMap(([name, at]) =>
      at === undefined ? [] : [[name, new Date(at * 1000).toISOString()]],
    ),
  );
}
