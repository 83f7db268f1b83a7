/** The `banner` type: what this machine says before and after a login. Must not know how: sshd has its own setting for it. */
import type { z } from "zod";
import { choice, parameters, text } from "../params.ts";
import { type Change, defineResource } from "../resource.ts";
import { type OwnFile, ownFileDifferences, writeOwnFile } from "../tools/own-file.ts";

const paths = { issue: "/etc/issue", issue_net: "/etc/issue.net", motd: "/etc/motd" } as const;
const fields = ["issue", "issue_net", "motd"] as const;

const params = () =>
  parameters({
    issue: text("Before a login at the machine itself: `/etc/issue`.").exactOptional(),
    issue_net: text(
      "Before a login from elsewhere: `/etc/issue.net`; sshd shows it where its `Banner` says so.",
    ).exactOptional(),
    motd: text("After a login: `/etc/motd`.").exactOptional(),
    state: choice("Absent removes the files whose texts are given.", ["present", "absent"]).default(
      "present",
    ),
  }).refine((p) => fields.some((field) => p[field] !== undefined), {
    path: ["motd"],
    message: "choose at least one of issue, issue_net and motd",
  });

type Params = z.output<ReturnType<typeof params>>;

export const banner = defineResource<Params>({
  name: "banner",
  summary: "Keeps the texts that are shown at a login.",
  platforms: ["linux"],
  params,
  claims: (p) => filesOf(p).map(([, { path }]) => ({ id: `file:${path}` })),
  after: () => ["file:/etc"],

  async check(p, host) {
    const changes: Change[] = [];
    for (const [field, file] of filesOf(p)) {
      const found = await ownFileDifferences(host, field, file);
      changes.push(...found.map((one) => (one.field === field ? one : within(field, one))));
    }
    return changes;
  },

  async apply(p, host, changes) {
    const differ = new Set(changes.map((change) => change.field.split(".")[0]));
    for (const [field, file] of filesOf(p)) if (differ.has(field)) await writeOwnFile(host, file);
  },

  examples: [
    {
      title: "The same before every login",
      params: { issue: "Authorised use only.\n", issue_net: "Authorised use only.\n" },
    },
    { title: "No message of the day", params: { motd: "", state: "absent" } },
  ],
});

const within = (field: string, change: Change): Change => ({
  ...change,
  field: `${field}.${change.field}`,
});

function filesOf(p: Params): readonly (readonly [field: string, file: OwnFile])[] {
  return fields.flatMap((field) => {
    const said = p[field];
    if (said === undefined) return [];
    const text = said === "" || said.endsWith("\n") ? said : `${said}\n`;
    const wanted = p.state === "present" ? text : undefined;
    return [[field, { path: paths[field], text: wanted, mode: "0644" }] as const];
  });
}
