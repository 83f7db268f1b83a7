/**
 * The `sudoers` type: a rule of sudo in a file of its own under `/etc/sudoers.d`, proven by visudo before the file counts. Must not
 * touch `/etc/sudoers`.
 */
import type { z } from "zod";
import { choice, flag, list, parameters, shell, text } from "../params.ts";
import { defineResource } from "../resource.ts";
import { type OwnFile, ownFileDifferences, writeOwnFile } from "../tools/own-file.ts";

const who = {
  pattern: /^(?:ALL|#?\d+|[A-Za-z_][\w.@-]*\$?)$/,
  wanted: "a name, a number after #, or ALL",
};

const params = () =>
  parameters({
    sudoers: text(
      "Name of the rule and of its file. sudo passes over names with a dot or a tilde.",
      {
        pattern: /^[A-Za-z0-9_][A-Za-z0-9_-]{0,199}$/,
        wanted: "letters, digits, _ and -",
      },
    ),
    users: list("Who may.", text("A user.", who)).exactOptional(),
    groups: list("Groups whose members may.", text("A group, without %.", who)).exactOptional(),
    hosts: list(
      "On which machines, for a file that goes to many.",
      text("A host.", {
        pattern: /^!?[A-Za-z0-9_.:/*-]+$/,
        wanted: "a host name, an address or ALL",
      }),
    ).default(["ALL"]),
    run_as: text("As whom: `user`, `user:group` or `:group`.", {
      pattern: /^[\w.,%#$-]*(?::[\w.,%#$-]+)?$/,
      wanted: "user, user:group or :group",
    }).default("ALL:ALL"),
    commands: list(
      "What they may run, as sudoers(5) writes it: whole paths, with arguments. `,` `:` `=` and `\\` in arguments go behind a `\\`.",
      shell("A command, or ALL."),
    ).default(["ALL"]),
    nopasswd: flag("Without a password.").default(false),
    raw: shell("The text of the file, instead of all the others.").exactOptional(),
    state: choice("Absent removes the file.", ["present", "absent"]).default("present"),
  })
    .refine((p) => p.state === "absent" || p.raw !== undefined || names(p).length > 0, {
      path: ["users"],
      message: "choose users, groups or raw",
    })
    .refine((p) => p.raw === undefined || names(p).length === 0, {
      path: ["raw"],
      message: "is the whole text: no users or groups beside it",
    })
    .refine((p) => p.commands.length > 0 && p.commands.every((command) => isOne(command)), {
      path: ["commands"],
      message: "must be one command an item, commas behind a \\",
    });

const isOne = (command: string) =>
  /^(?:[^\\,\n\r\0]|\\[^\n\r\0])+$/.test(command) && command.trim() === command;

const names = (p: { readonly users?: readonly string[]; readonly groups?: readonly string[] }) => [
  ...(p.users ?? []),
  ...(p.groups ?? []).map((group) => `%${group}`),
];

type Params = z.output<ReturnType<typeof params>>;

export const sudoers = defineResource<Params>({
  name: "sudoers",
  summary: "Keeps a rule of sudo in a file of its own.",
  platforms: ["linux", "darwin"],
  params,
  main: "sudoers",
  claims: (p) => [{ id: `file:${fileOf(p).path}` }],
  after: (p) => [
    "file:/etc",
    "file:/etc/sudoers.d",
    ...(p.users ?? []).map((user) => `user:${user}`),
    ...(p.groups ?? []).map((group) => `group:${group}`),
  ],

  check: (p, host) => ownFileDifferences(host, "rule", fileOf(p)),
  apply: (p, host) => writeOwnFile(host, fileOf(p), "visudo -cf %"),

  examples: [
    {
      title: "A group that may restart one service",
      params: {
        sudoers: "web",
        groups: ["web"],
        commands: ["/usr/bin/systemctl restart nginx", "/usr/bin/systemctl reload nginx"],
        nopasswd: true,
      },
    },
    {
      title: "Any text, proven",
      params: { sudoers: "defaults", raw: "Defaults timestamp_timeout=5\n" },
    },
    { title: "No such rule", params: { sudoers: "old", state: "absent" } },
  ],
});

const fileOf = (p: Params): OwnFile => ({
  path: `/etc/sudoers.d/${p.sudoers}`,
  text: p.state === "present" ? (ended(p.raw) ?? rule(p)) : undefined,
  mode: "0440",
});

/** sudo wants an end of the last line. */
const ended = (text: string | undefined) =>
  text === undefined || text === "" || text.endsWith("\n") ? text : `${text}\n`;

function rule(p: Params): string {
  const tag = p.nopasswd ? "NOPASSWD: " : "";
  const commands = `${tag}${p.commands.join(", ")}`;
  return `${names(p).join(",")} ${p.hosts.join(",")}=(${p.run_as}) ${commands}\n`;
}
