/** The `kernel_modules` trait: loaded modules, from `/proc/modules` and `/sys/module`. Must not know which could be loaded. */
import { z } from "zod";
import { fileLine, fileText } from "../tools/file-text.ts";
import { defineTrait } from "../trait.ts";

const most = 2_000;

export const kernelModules = defineTrait({
  name: "kernel_modules",
  summary: "Modules that the kernel has loaded.",
  platforms: ["linux"],
  keep: "hour",
  value: () =>
    z.strictObject({
      modules: z
        .array(
          z.strictObject({
            name: z.string(),
            size_bytes: z.int().min(0),
            state: z.enum(["live", "loading", "unloading"]),
            taint: z.string(),
            signed: z.boolean(),
          }),
        )
        .meta({
          description:
            "By name: size in bytes, state, letters of its taint (P proprietary, O out of tree, E unsigned, C staging), and whether the kernel took its signature (no E).",
        }),
    }),
  async collect(host) {
    const text = await fileText(host, "/proc/modules");
    if (text === undefined) return undefined;
    const listed = parseModules(text).slice(0, most);
    const modules = await Promise.all(
      listed.map(async (module) => {
        const taint = await fileLine(host, `/sys/module/${module.name}/taint`);
        return { ...module, taint, signed: !taint.includes("E") };
      }),
    );
    return { modules };
  },
  example: {
    modules: [{ name: "nf_tables", size_bytes: 311_296, state: "live", taint: "", signed: true }],
  },
});

const states = { Live: "live", Loading: "loading", Unloading: "unloading" } as const;
const stateOf = (word: string) => (word in states ? states[word as keyof typeof states] : "live");

/** Name, size, users, their names, state, address, and taint in brackets. */
export const parseModules = (text: string) =>
  text
    .split("\n")
    .map((line) => line.trim().split(/\s+/))
    .filter((row) => row.length >= 5)
    .map(([name = "", size, , , state = ""]) => ({
      name,
      size_bytes: Number(size),
      state: stateOf(state),
    }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
