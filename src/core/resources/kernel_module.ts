/** The `kernel_module` type: what is loaded into the kernel, now and at boot. Must not build modules. */
import type { z } from "zod";
import type { ReadHost } from "../host.ts";
import { choice, flag, pairs, parameters, text } from "../params.ts";
import { type Change, defineResource, differing } from "../resource.ts";
import { load, runningParameter, sameValue, standing, unload } from "../tools/kernel-module.ts";
import { type OwnFile, ownFileDifferences, writeOwnFile } from "../tools/own-file.ts";

const params = () =>
  parameters({
    module: text("Name of the module, as modprobe(8) knows it.", {
      pattern: /^[A-Za-z0-9_][A-Za-z0-9_-]*$/,
      wanted: "the name of a module",
    }),
    state: choice(
      "Loaded; unloaded; or blacklisted: unloaded, and not even loaded when something asks for it.",
      ["loaded", "unloaded", "blacklisted"],
    ).default("loaded"),
    parameters: pairs("Parameters it is loaded with.").default({}),
    persist: flag("Load it at boot, with its parameters.").default(true),
  }).refine((p) => Object.values(p.parameters).every((value) => /^[^\s"'\\#\0]*$/.test(value)), {
    path: ["parameters"],
    message: "values are without blanks, quotes, # and \\",
  });

type Params = z.output<ReturnType<typeof params>>;

export const kernelModule = defineResource<Params>({
  name: "kernel_module",
  summary: "Keeps a kernel module loaded or out, now and at boot.",
  platforms: ["linux"],
  params,
  main: "module",
  lane: "kernel_module",
  claims: (p) => [
    { id: `kernel_module:${p.module.replaceAll("-", "_")}` },
    { id: `file:${bootFile(p).path}` },
    { id: `file:${optionsFile(p).path}` },
  ],

  async check(p, host) {
    const is = await standing(host, p.module);
    const running = is === "absent" ? "unloaded" : "loaded";
    const wanted = p.state === "loaded" ? "loaded" : "unloaded";
    return [
      ...(await ownFileDifferences(host, "at boot", bootFile(p))),
      ...(await ownFileDifferences(host, "options", optionsFile(p))),
      ...differing("running", running, wanted),
      ...(running === wanted && wanted === "loaded" ? await parameterDifferences(p, host) : []),
    ];
  },

  async apply(p, host, changes) {
    const fields = new Set(changes.map(({ field }) => field));
    // What is loaded next is to see the new options, and what is to stay out must not come back.
    await writeOwnFile(host, optionsFile(p));
    await writeOwnFile(host, bootFile(p));
    if (p.state !== "loaded") {
      if (fields.has("running")) await unload(host, p.module);
      return;
    }
    const reload = [...fields].some((field) => field.startsWith("parameters."));
    if (reload) await unload(host, p.module);
    if (reload || fields.has("running")) await load(host, p.module, p.parameters);
  },

  examples: [
    { title: "Loaded now and at boot", params: { module: "br_netfilter" } },
    { title: "With parameters", params: { module: "loop", parameters: { max_loop: "64" } } },
    { title: "Never", params: { module: "usb-storage", state: "blacklisted" } },
  ],
});

const bootFile = (p: Params): OwnFile => ({
  path: `/etc/modules-load.d/vigo-${p.module}.conf`,
  text: p.state === "loaded" && p.persist ? `${p.module}\n` : undefined,
  mode: "0644",
});

/** An `install` line keeps a module out that another one wants; `blacklist` alone only hides its aliases. */
function optionsFile(p: Params): OwnFile {
  const options = Object.entries(p.parameters).map(([name, value]) => `${name}=${value}`);
  const isKept = p.state === "loaded" && p.persist && options.length > 0;
  const kept = isKept ? `options ${p.module} ${options.join(" ")}\n` : undefined;
  return {
    path: `/etc/modprobe.d/vigo-${p.module}.conf`,
    text:
      p.state === "blacklisted" ? `blacklist ${p.module}\ninstall ${p.module} /bin/false\n` : kept,
    mode: "0644",
  };
}

/** Those that the kernel tells; the others are what the file of options says at the next load. */
async function parameterDifferences(p: Params, host: ReadHost): Promise<readonly Change[]> {
  const all: Change[] = [];
  for (const [name, value] of Object.entries(p.parameters)) {
    const is = await runningParameter(host, p.module, name);
    if (is !== undefined && !sameValue(is, value))
      all.push(...differing(`parameters.${name}`, is, value));
  }
  return all;
}
