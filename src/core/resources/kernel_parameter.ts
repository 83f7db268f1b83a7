/** The `kernel_parameter` type: a word of the kernel's command line at the next boot. Must not reboot: that is `reboot`. */
import type { z } from "zod";
import type { ReadHost } from "../host.ts";
import { choice, parameters, text } from "../params.ts";
import { type Change, defineResource, differing } from "../resource.ts";
import { inCommandLine, inGrubDefaults, told, wordsOf } from "../text/kernel-cmdline.ts";
import {
  type BootLoader,
  bootLoader,
  isCutShort,
  makeMenu,
  menuText,
  parseMenu,
} from "../tools/boot-loader.ts";
import { editDifference, editing, type FileEdit, writeEdit } from "../tools/edited-file.ts";
import { untold, writtenAndTold } from "../tools/untold.ts";

const params = () =>
  parameters({
    parameter: text("Its name, as `mitigations` or `systemd.unified_cgroup_hierarchy`.", {
      pattern: /^[A-Za-z0-9_][A-Za-z0-9_.-]*$/,
      wanted: "the name of a kernel parameter",
    }),
    value: text("What it is set to; a word like `quiet` has none.", {
      // GRUB's menu is a script, in which the later ones end a word.
      pattern: /^[^\s"'$`\\;&|<>{}]*$/,
      wanted: "a value without blanks, quotes and $ ` \\ ; & | < > { }",
    }).exactOptional(),
    state: choice("Absent takes every word of this name away.", ["present", "absent"]).default(
      "present",
    ),
  });

type Params = z.output<ReturnType<typeof params>>;

export const kernelParameter = defineResource<Params>({
  name: "kernel_parameter",
  summary: "Sets a word of the kernel's command line; it counts from the next boot on.",
  platforms: ["linux"],
  params,
  main: "parameter",
  lane: editing,
  claims: (p) => [{ id: "file:/etc/default/grub", part: `cmdline:${p.parameter}` }],

  async check(p, host) {
    const loader = await bootLoader(host);
    return [
      ...(await editDifference(host, "command line", edit(p, loader))),
      ...(await menuDifference(p, host, loader)),
      ...(await untold(host, claimOf(p))),
    ];
  },

  async apply(p, host) {
    const loader = await bootLoader(host);
    const write = () => writeEdit(host, edit(p, loader));
    const tell = () => makeMenu(host, loader.make);
    // What GRUB was told is in its menu, and some read what was written.
    if (loader.made === undefined && loader.make.length > 0)
      return await writtenAndTold(host, claimOf(p), write, tell);
    await write();
    await tell();
  },

  examples: [
    { title: "With a value", params: { parameter: "mitigations", value: "auto,nosmt" } },
    { title: "A bare word", params: { parameter: "nosgx" } },
    { title: "Not any more", params: { parameter: "quiet", state: "absent" } },
  ],
});

const claimOf = (p: Params) => `kernel_parameter:${p.parameter}`;

const edit = (p: Params, { kind, source }: BootLoader): FileEdit => {
  const parameter = { name: p.parameter, value: p.value };
  const present = p.state === "present";
  return {
    path: source,
    present,
    create: false,
    edit: (doc) =>
      kind === "grub"
        ? inGrubDefaults(doc, parameter, present)
        : inCommandLine(doc, parameter, present),
  };
};

/** The menu may be older than the defaults, or a later file of settings may overrule them. */
async function menuDifference(
  p: Params,
  host: ReadHost,
  { made }: BootLoader,
): Promise<readonly Change[]> {
  if (made === undefined) return [];
  const wanted = p.value === undefined ? p.parameter : `${p.parameter}=${p.value}`;
  const text = await menuText(host, made);
  if (isCutShort(text)) return differing("boot menu", "cut short", "whole");
  const lines = parseMenu(text);
  const wrong =
    p.state === "present"
      ? lines.find((line) => !wordsOf(line).includes(wanted))
      : lines.find((line) => told(line, p.parameter) !== undefined);
  if (wrong === undefined) return [];
  return differing(
    "boot menu",
    told(wrong, p.parameter),
    p.state === "present" ? wanted : undefined,
  );
}
