/** The `logrotate` type: which logs are rotated how, in a file of its own under `/etc/logrotate.d`. Must not run logrotate. */
import type { z } from "zod";
import type { ReadHost } from "../host.ts";
import { choice, list, parameters, shell, text } from "../params.ts";
import { defineResource } from "../resource.ts";
import { type OwnFile, ownFileDifferences, writeOwnFile } from "../tools/own-file.ts";

const params = () =>
  parameters({
    logrotate: text("Name of the file under `/etc/logrotate.d`.", {
      pattern: /^[A-Za-z0-9_][A-Za-z0-9_-]{0,199}$/,
      wanted: "letters, digits, _ and -",
    }),
    paths: list(
      "The logs, with wildcards. Needed unless `state` is absent.",
      text("A path.", {
        pattern: /^\/[^\n\r\0"{}]*$/,
        wanted: "an absolute path, with * and ? if need be",
      }),
    ).exactOptional(),
    options: list(
      "What logrotate(8) knows, a line each: `weekly`, `rotate 4`, also `postrotate`, a command and `endscript`.",
      shell("An option."),
    ).default(["weekly", "rotate 4", "compress", "delaycompress", "missingok", "notifempty"]),
    state: choice("Absent removes the file.", ["present", "absent"]).default("present"),
  })
    .refine((p) => p.state === "absent" || (p.paths?.length ?? 0) > 0, {
      path: ["paths"],
      message: "is required unless state is absent",
    })
    .refine((p) => isClosed(p.options), {
      path: ["options"],
      message: "must be one a line, without braces, each script with its endscript",
    });

/** Inside of a script any line will do; outside, braces would open another block. */
function isClosed(options: readonly string[]): boolean {
  let script = false;
  for (const option of options) {
    const word = option.trim();
    if (/[\n\r\0]/.test(option) || word === "" || (!script && /[{}]/.test(option))) return false;
    if (word === "endscript") script = false;
    else if (/^(?:pre|post)rotate$|^(?:first|last|pre)(?:action|remove)$/.test(word)) script = true;
  }
  return !script;
}

type Params = z.output<ReturnType<typeof params>>;

export const logrotate = defineResource<Params>({
  name: "logrotate",
  summary: "Keeps how logs are rotated.",
  platforms: ["linux"],
  params,
  main: "logrotate",
  claims: (p) => [{ id: `file:${fileOf(p).path}` }],
  after: () => ["file:/etc", "file:/etc/logrotate.d"],

  check: (p, host) => ownFileDifferences(host, "content", fileOf(p)),
  apply: async (p, host) => await writeOwnFile(host, fileOf(p), await proof(host)),

  examples: [
    {
      title: "The logs of an application",
      params: {
        logrotate: "app",
        paths: ["/var/log/app/*.log"],
        options: ["daily", "rotate 14", "compress", "missingok", "copytruncate"],
      },
    },
    { title: "No such file", params: { logrotate: "old", state: "absent" } },
  ],
});

const fileOf = (p: Params): OwnFile => ({
  path: `/etc/logrotate.d/${p.logrotate}`,
  text: p.state === "present" ? stanza(p) : undefined,
  mode: "0644",
});

function stanza(p: Params): string {
  const paths = (p.paths ?? []).map((path) => (/\s/.test(path) ? `"${path}"` : path));
  return `${paths.join("\n")} {\n${p.options.map((option) => `    ${option}\n`).join("")}}\n`;
}

/** Where logrotate is there. That a log is not there yet says nothing about the file, so only errors with its lines count. */
async function proof(host: ReadHost): Promise<string | undefined> {
  const tool = "/usr/sbin/logrotate";
  if ((await host.stat(tool)) === undefined) return undefined;
  return `! ${tool} -d % 2>&1 | grep -E '^error: [^ ]+:[0-9]+ ' >&2 # logrotate -d`;
}
