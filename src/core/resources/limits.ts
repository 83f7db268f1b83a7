/** The `limits` type: what a login may use, through pam_limits. Must not know services: systemd has limits of its own. */
import type { z } from "zod";
import { choice, parameters, path, text } from "../params.ts";
import { defineResource } from "../resource.ts";
import { withLimit, withoutLimit } from "../text/limits.ts";
import { editDifference, editing, type FileEdit, writeEdit } from "../tools/edited-file.ts";
import { placeFollows } from "../tools/place.ts";

const items = [
  "core",
  "data",
  "fsize",
  "memlock",
  "nofile",
  "rss",
  "stack",
  "cpu",
  "nproc",
  "as",
  "maxlogins",
  "maxsyslogins",
  "nonewprivs",
  "priority",
  "locks",
  "sigpending",
  "msgqueue",
  "nice",
  "rtprio",
] as const;

const params = () =>
  parameters({
    domain: text("Whom it binds: a user, `@group`, `*` for all, or a range of ids like `1000:`.", {
      pattern: /^[^\s#]+$/,
      wanted: "a user, @group, * or a range of ids",
    }),
    limit_type: choice("Soft may be raised by the user up to hard; `-` sets both.", [
      "soft",
      "hard",
      "-",
    ]).default("-"),
    item: choice("What is limited.", items),
    value: text("A number, or unlimited. Needed unless `state` is absent.", {
      pattern: /^(?:-?\d{1,20}|unlimited|infinity)$/,
      wanted: "a whole number or unlimited",
    }).exactOptional(),
    file: path("File of limits; a later one of the folder wins.").default(
      "/etc/security/limits.d/99-vigo.conf",
    ),
    state: choice("Absent removes the limit from this file.", ["present", "absent"]).default(
      "present",
    ),
  }).refine(({ state, value }) => state === "absent" || value !== undefined, {
    path: ["value"],
    message: "is required unless state is absent",
  });

type Params = z.output<ReturnType<typeof params>>;

export const limits = defineResource<Params>({
  name: "limits",
  summary: "Keeps what a login may use.",
  platforms: ["linux"],
  params,
  main: "domain",
  lane: editing,
  claims: (p) => [{ id: `file:${p.file}`, part: `limit:${p.domain} ${p.limit_type} ${p.item}` }],
  after: (p) => placeFollows(p.file),

  check: (p, host) => editDifference(host, "limit", edit(p)),
  apply: (p, host) => writeEdit(host, edit(p)),

  examples: [
    { title: "Open files for all", params: { domain: "*", item: "nofile", value: "65536" } },
    {
      title: "No core dumps for a group",
      params: { domain: "@students", limit_type: "hard", item: "core", value: "0" },
    },
  ],
});

const edit = (p: Params): FileEdit => {
  const place = { domain: p.domain, type: p.limit_type, item: p.item };
  return {
    path: p.file,
    present: p.state === "present",
    create: true,
    edit: (doc) =>
      p.state === "present" && p.value !== undefined
        ? withLimit(doc, place, p.value)
        : withoutLimit(doc, place),
  };
};
