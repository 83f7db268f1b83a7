/** The `selinux` type: the label of a path, a switch of the policy, or the mode. Must not build policies. */
import type { z } from "zod";
import { VigoError } from "../errors.ts";
import type { Host, ReadHost } from "../host.ts";
import { atMostOne, choice, flag, parameters, text } from "../params.ts";
import { type Change, defineResource, differing } from "../resource.ts";
import { withKey } from "../text/ini.ts";
import { editDifference, editing, type FileEdit, writeEdit } from "../tools/edited-file.ts";
import {
  booleanState,
  configPath,
  forgetBoolean,
  forgetContext,
  localContext,
  mustRun,
  plainPath,
  relabel,
  runningMode,
  setBoolean,
  setContext,
  setMode,
  typeOf,
  wronglyLabelled,
} from "../tools/selinux.ts";

const params = () =>
  parameters({
    path: text(
      "A path, or a pattern as semanage(8) has it: `/srv/www(/.*)?` is a folder and all below.",
      {
        pattern: /^\/[^\s\0]*$/,
        wanted: "an absolute path or pattern",
      },
    ).exactOptional(),
    context: text(
      "Label of the path: a type, as `httpd_sys_content_t`, or `user:role:type:level`.",
      {
        pattern: /^[A-Za-z0-9_]+(?::[A-Za-z0-9_]+:[A-Za-z0-9_]+(?::[^\s\0]+)?)?$/,
        wanted: "a type or a whole context",
      },
    ).exactOptional(),
    boolean: text("A switch of the policy, as `httpd_can_network_connect`.", {
      pattern: /^[A-Za-z0-9_]+$/,
      wanted: "the name of a boolean",
    }).exactOptional(),
    value: flag("Whether it is on.").exactOptional(),
    mode: choice("Disabled counts from the next boot on.", [
      "enforcing",
      "permissive",
      "disabled",
    ]).exactOptional(),
    state: choice("Absent goes back to what the policy says by itself; not for `mode`.", [
      "present",
      "absent",
    ]).default("present"),
  })
    .refine(atMostOne(["path", "boolean", "mode"]), {
      path: ["path"],
      message: "path, boolean and mode exclude one another",
    })
    .refine((p) => [p.path, p.boolean, p.mode].some((each) => each !== undefined), {
      path: ["path"],
      message: "path, boolean or mode is required",
    })
    .refine((p) => p.path === undefined || p.state === "absent" || p.context !== undefined, {
      path: ["context"],
      message: "is required with path",
    })
    .refine((p) => p.path === undefined || plainPath(p.path) !== "/", {
      path: ["path"],
      message: "is too wide: begin with a folder that is said plainly",
    })
    .refine((p) => p.boolean === undefined || p.state === "absent" || p.value !== undefined, {
      path: ["value"],
      message: "is required with boolean",
    })
    .refine((p) => p.mode === undefined || p.state === "present", {
      path: ["state"],
      message: "a mode cannot be absent",
    });

type Params = z.output<ReturnType<typeof params>>;

export const selinux = defineResource<Params>({
  name: "selinux",
  summary: "Keeps SELinux's labels, switches and mode.",
  platforms: ["linux"],
  params,
  lane: editing,
  claims: (p) => {
    if (p.mode !== undefined) return [{ id: `file:${configPath}`, part: "SELINUX" }];
    return [
      { id: p.path === undefined ? `selinux:boolean:${p.boolean}` : `selinux:path:${p.path}` },
    ];
  },
  after: (p) => (p.path === undefined ? [] : [`file:${plainPath(p.path)}`]),

  check: (p, host) => partOf(p).check(p, host),
  apply: (p, host, changes) => partOf(p).apply(p, host, changes),

  examples: [
    { title: "Enforced, now and at boot", params: { mode: "enforcing" } },
    {
      title: "Pages of a web server",
      params: { path: "/srv/www(/.*)?", context: "httpd_sys_content_t" },
    },
    {
      title: "What the policy allows it",
      params: { boolean: "httpd_can_network_connect", value: true },
    },
    { title: "As the policy has it", params: { path: "/srv/old(/.*)?", state: "absent" } },
  ],
});

interface Part {
  check(p: Params, host: ReadHost): Promise<readonly Change[]>;
  apply(p: Params, host: Host, changes: readonly Change[]): Promise<void>;
}

const partOf = (p: Params): Part => {
  if (p.path !== undefined) return labels;
  return p.boolean === undefined ? modes : booleans;
};

const labels: Part = {
  async check(p, host) {
    await mustRun(host);
    const pattern = p.path ?? "";
    const stored = await localContext(host, pattern);
    const shown = stored && (p.context?.includes(":") ? stored : typeOf(stored));
    const wanted = p.state === "present" ? p.context : undefined;
    const rule = differing("context", shown, wanted);
    const wrong = rule.length > 0 ? [] : await wronglyLabelled(host, pattern);
    return wrong.length === 0
      ? rule
      : differing("labels", `${wrong.length} are others, as ${wrong[0]}`, "as the policy says");
  },
  async apply(p, host, changes) {
    const pattern = p.path ?? "";
    if (changes.some(({ field }) => field === "context")) {
      if (p.state === "absent") await forgetContext(host, pattern);
      else await setContext(host, pattern, p.context ?? "");
    }
    await relabel(host, pattern);
  },
};

const onOff = (is: boolean | undefined) => (is === undefined ? undefined : is ? "on" : "off");

const booleans: Part = {
  async check(p, host) {
    await mustRun(host);
    const is = await booleanState(host, p.boolean ?? "");
    if (is === undefined)
      throw new VigoError("failed", `the policy of this machine has no boolean ${p.boolean}`, {
        hint: "`getsebool -a` lists those it has",
      });
    if (p.state === "absent") return differing("stored", onOff(is.stored), undefined);
    return [
      ...differing("running", onOff(is.running), onOff(p.value)),
      ...differing("stored", onOff(is.stored), onOff(p.value)),
    ];
  },
  async apply(p, host) {
    if (p.state === "absent") await forgetBoolean(host, p.boolean ?? "");
    else await setBoolean(host, p.boolean ?? "", p.value === true);
  },
};

const modes: Part = {
  async check(p, host) {
    const running = await runningMode(host);
    if (running === undefined && p.mode !== "disabled") await mustRun(host);
    return [
      ...(await editDifference(host, "stored", config(p))),
      ...(p.mode === "disabled" ? [] : differing("running", running, p.mode)),
    ];
  },
  async apply(p, host, changes) {
    await writeEdit(host, config(p));
    const isWrong = changes.some(({ field }) => field === "running");
    if (isWrong && p.mode !== undefined && p.mode !== "disabled") await setMode(host, p.mode);
  },
};

const config = (p: Params): FileEdit => ({
  path: configPath,
  present: true,
  create: false,
  edit: (doc) => withKey(doc, { key: "SELINUX", separator: "=", comment: "#" }, p.mode ?? ""),
});
