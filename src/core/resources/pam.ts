/**
 * The `pam` type: entries of one service's stack in `/etc/pam.d`. Must not know modules, but whether they are there: with a
 * required one that is missing nobody gets in any more.
 */
import type { z } from "zod";
import { VigoError } from "../errors.ts";
import type { ReadHost } from "../host.ts";
import { choice, list, parameters, text } from "../params.ts";
import { defineResource } from "../resource.ts";
import type { Lines } from "../text/lines.ts";
import { pamPosition, parsePamLine, withoutPamEntry, withPamEntry } from "../text/pam.ts";
import { editDifference, editing, type FileEdit, writeEdit } from "../tools/edited-file.ts";

const params = () =>
  parameters({
    service: text("The service, as its file in `/etc/pam.d` is called: `sshd`, `common-session`.", {
      pattern: /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}$/,
      wanted: "the name of a file in /etc/pam.d",
    }),
    entries: list(
      "Lines as in pam.d(5), in their order: type, control, module, arguments. A line of this type and module that is there is mended in its place.",
      text("A line.", {
        pattern: /^[^\n\r\0\\#]+$/,
        wanted: "one line like session required pam_mkhomedir.so umask=0077",
      }),
    ),
    position: text(
      "Where new lines go among those of their type: `begin`, `end`, `before:NAME` or `after:NAME` of a module or an included file.",
      { pattern: pamPosition, wanted: "begin, end, before:NAME or after:NAME" },
    ).default("end"),
    state: choice(
      "Absent removes lines of this type and module, with these arguments if any are written.",
      ["present", "absent"],
    ).default("present"),
  })
    .refine((p) => p.entries.length > 0, { path: ["entries"], message: "must have a line" })
    .refine((p) => p.entries.every((it) => parsePamLine(it) !== undefined), {
      path: ["entries"],
      message: "must be lines like session required pam_mkhomedir.so umask=0077",
    });

type Params = z.output<ReturnType<typeof params>>;

export const pam = defineResource<Params>({
  name: "pam",
  summary: "Keeps entries of what lets people in.",
  platforms: ["linux"],
  params,
  main: "service",
  lane: editing,
  claims: (p) =>
    entriesOf(p).map(({ type, module, args }) => ({
      id: `file:/etc/pam.d/${p.service}`,
      part: `pam:${type} ${module} ${args}`,
    })),
  after: () => ["file:/etc/pam.d"],

  check: (p, host) => editDifference(host, "entries", edit(p)),

  async apply(p, host) {
    if (p.state === "present") await mustHaveModules(p, host);
    await writeEdit(host, edit(p));
  },

  examples: [
    {
      title: "Homes are made at the first login",
      params: {
        service: "common-session",
        entries: ["session optional pam_mkhomedir.so umask=0077"],
      },
    },
    {
      title: "Who tries too often waits",
      params: {
        service: "sshd",
        entries: ["auth required pam_faildelay.so delay=4000000"],
        position: "begin",
      },
    },
  ],
});

const entriesOf = (p: Params) =>
  p.entries.flatMap((it) => {
    const entry = parsePamLine(it);
    return entry === undefined ? [] : [entry];
  });

const edit = (p: Params): FileEdit => ({
  path: `/etc/pam.d/${p.service}`,
  present: p.state === "present",
  create: false,
  edit: (doc) => (p.state === "present" ? withAll(p, doc) : withoutAll(p, doc)),
});

/** At the begin and behind a name the last one put would come first. */
function withAll(p: Params, doc: Lines): Lines {
  const reversed = /^(?:begin|after)/.test(p.position);
  const entries = reversed ? entriesOf(p).toReversed() : entriesOf(p);
  return entries.reduce((text, entry) => withPamEntry(text, entry, p.position), doc);
}

const withoutAll = (p: Params, doc: Lines): Lines => entriesOf(p).reduce(withoutPamEntry, doc);

const folders = ["/lib", "/lib64", "/usr/lib", "/usr/lib64"].map((folder) => `${folder}/security`);

async function mustHaveModules(p: Params, host: ReadHost): Promise<void> {
  const multiarch = ((await host.list("/usr/lib")) ?? [])
    .filter((name) => name.includes("-linux-"))
    .map((name) => `/usr/lib/${name}/security`);
  for (const { module, optional } of entriesOf(p)) {
    const places = module.startsWith("/")
      ? [module]
      : [...folders, ...multiarch].map((folder) => `${folder}/${module}`);
    const found = await Promise.all(places.map((path) => host.stat(path, { follow: true })));
    if (!optional && found.every((stat) => stat === undefined))
      throw new VigoError(
        "failed",
        `${module} is not on this machine: with it nobody could log in`,
        {
          hint: "declare the package that has it, and depend on it",
        },
      );
  }
}
