/** The `alternatives` type: which of several programs a common name leads to. Must not know the programs. */
import type { z } from "zod";
import { VigoError } from "../errors.ts";
import { choice, parameters, path, text, whole } from "../params.ts";
import { type Change, defineResource, differing } from "../resource.ts";
import { placeFollows } from "../tools/place.ts";
import {
  type Alternative,
  alternative,
  chosen,
  updateAlternatives,
} from "../tools/update-alternatives.ts";

const params = () =>
  parameters({
    alternative: text("The common name, as `editor`.", {
      pattern: /^[A-Za-z0-9][A-Za-z0-9_.+:-]*$/,
      wanted: "a name like editor",
    }),
    path: path("The program it leads to; with absent, the one that is no choice any more."),
    state: choice("Present chooses it by hand; absent takes it off the list.", [
      "present",
      "absent",
    ]).default("present"),
    link: path(
      "Where the common name is, as `/usr/bin/editor`; registers a program with `priority`.",
    ).exactOptional(),
    priority: whole("Its weight where nothing is chosen by hand.", {
      min: -10_000,
      max: 1_000_000,
    }).exactOptional(),
  }).refine((p) => (p.link === undefined) === (p.priority === undefined), {
    path: ["link"],
    message: "link and priority are written together: they register a program",
  });

type Params = z.output<ReturnType<typeof params>>;

export const alternatives = defineResource<Params>({
  name: "alternatives",
  summary: "Chooses the program that a common name leads to.",
  platforms: ["linux"],
  params,
  main: "alternative",
  lane: "alternatives",
  claims: (p) => [
    { id: `alternative:${p.alternative}`, part: p.state === "present" ? "chosen" : p.path },
  ],
  after: (p) => [`file:${p.path}`, ...placeFollows(p.path)],

  async check(p, host) {
    const known = await alternative(host, p.alternative);
    const priority = known?.choices.get(p.path);
    if (p.state === "absent") return differing("registered", weight(priority), undefined);
    const now = await chosen(host, p.alternative);
    return [
      ...differing("registered", weight(priority), weight(p.priority ?? priority)),
      ...differing("chosen", now, p.path),
      ...byHand(known),
    ];
  },

  async apply(p, host, changes) {
    if (p.state === "absent") {
      await updateAlternatives(host, "--remove", p.alternative, p.path);
      return;
    }
    const isNew = changes.some(({ field }) => field === "registered");
    if (isNew && p.link !== undefined)
      await updateAlternatives(host, "--install", p.link, p.alternative, p.path, `${p.priority}`);
    else if ((await alternative(host, p.alternative))?.choices.has(p.path) !== true)
      throw new VigoError("failed", `${p.path} is not registered as ${p.alternative}`, {
        hint: "install its package, or give link and priority to register it",
      });
    await updateAlternatives(host, "--set", p.alternative, p.path);
  },

  examples: [
    { title: "The editor", params: { alternative: "editor", path: "/usr/bin/vim.basic" } },
    {
      title: "A program of one's own",
      params: {
        alternative: "editor",
        path: "/opt/ed/bin/ed",
        link: "/usr/bin/editor",
        priority: 50,
      },
    },
    {
      title: "Not a choice any more",
      params: { alternative: "editor", path: "/opt/ed/bin/ed", state: "absent" },
    },
  ],
});

const weight = (priority: number | undefined) =>
  priority === undefined ? undefined : `priority ${priority}`;

/** What is chosen automatically is chosen anew with the next package. */
const byHand = (known: Alternative | undefined): readonly Change[] =>
  differing("mode", known && (known.automatic ? "auto" : "manual"), "manual");
