/**
 * The `custom` trait: what programs of the operator's say about the machine. Each file of `/etc/vigo-envoy/traits.d` that may be
 * run prints one JSON value; it is known by the name of its file. Must not know what the programs look at.
 */
import { z } from "zod";
import { VigoError } from "../errors.ts";
import type { ReadHost } from "../host.ts";
import { headOf } from "../text/cut.ts";
import { whyNotRoots } from "../tools/root-only.ts";
import { type Collecting, defineTrait } from "../trait.ts";

const folder = "/etc/vigo-envoy/traits.d";
const mostPrograms = 100;
const limitMs = 10_000;
const mostBytes = 64 * 1024;

type Values = Record<string, z.core.util.JSONType>;

export const custom = defineTrait<Values>({
  name: "custom",
  summary: "What programs in `/etc/vigo-envoy/traits.d` print as JSON, each under its own name.",
  platforms: ["linux", "darwin"],
  keep: "run",
  timeoutMs: 60_000,
  value: () => z.record(z.string(), z.json()),
  async collect(host, collecting) {
    const names = await programs(host, collecting);
    if (names.length === 0) return undefined;
    const values: Values = {};
    // Each on its own, four at a time: somebody else's programs shall not take the machine.
    const waiting = [...names];
    const work = async () => {
      for (let name = waiting.shift(); name !== undefined; name = waiting.shift()) {
        const value = await newValue(host, name, collecting);
        if (value !== undefined) values[keyOf(name)] = value;
      }
    };
    await Promise.all([work(), work(), work(), work()]);
    return Object.fromEntries(Object.entries(values).sort(([a], [b]) => (a < b ? -1 : 1)));
  },
  example: { licence: { seats: 12, expires: "2027-01-31" }, room: "B-204" },
});

/** A suffix says in which language it is written, and no more. */
const keyOf = (name: string) => name.replace(/\.[^.]*$/, "");

/** Notes and what editors leave are passed over; a folder that others may write to is not looked into. */
async function programs(
  host: ReadHost,
  { failed }: Collecting<Values>,
): Promise<readonly string[]> {
  if ((await host.stat(folder)) === undefined) return [];
  const why = await whyNotRoots(host, folder, "directory");
  if (why !== undefined) throw notRun(folder, why);
  const names = ((await host.list(folder)) ?? []).filter((name) => program.test(name));
  const found = await Promise.all(
    names.map(async (name) => ({ name, stat: await host.stat(`${folder}/${name}`) })),
  );
  // A link has every mode there is, and is refused by name later.
  const runnable = found.filter(
    ({ stat }) => stat?.kind !== "directory" && (stat?.mode ?? 0) & 0o111,
  );
  const keys = Map.groupBy(runnable, ({ name }) => keyOf(name));
  for (const [key, [, second]] of keys)
    if (second !== undefined)
      failed(key, new VigoError("failed", `${second.name} and another file there have this name`));
  const one = [...keys.values()].flatMap(([first]) => (first === undefined ? [] : [first.name]));
  if (one.length > mostPrograms)
    failed("traits.d", new VigoError("limited", `more than ${mostPrograms} programs in ${folder}`));
  return one.slice(0, mostPrograms);
}

const program = /^[A-Za-z][A-Za-z0-9_-]{0,63}(?:\.[A-Za-z0-9]{1,8})?$/;

/** What fails keeps the value it had, and says why. */
async function newValue(
  host: ReadHost,
  name: string,
  { previous, failed }: Collecting<Values>,
): Promise<Values[string] | undefined> {
  const path = `${folder}/${name}`;
  try {
    const why = await whyNotRoots(host, path, "file");
    if (why !== undefined) throw notRun(path, why);
    return await asked(host, path);
  } catch (error) {
    if (!(error instanceof VigoError)) throw error;
    failed(keyOf(name), error);
    return previous?.[keyOf(name)];
  }
}

const notRun = (path: string, why: string) =>
  new VigoError("failed", `${path} was not run: ${why}`, {
    hint: "it and the folders above it are root's, no links, and writable by root alone: chown root, chmod go-w",
  });

async function asked(host: ReadHost, path: string): Promise<Values[string]> {
  const { code, stdout, stderr } = await host.query({ argv: [path], timeoutMs: limitMs });
  const said = (why: string, text: string) =>
    new VigoError("failed", `${path}: ${why}: ${headOf(text.trim(), 200) || "(nothing)"}`, {
      hint: "it has to print one JSON value, and messages to standard error",
    });
  if (code !== 0) throw said(`exit ${code}`, stderr || stdout);
  if (Buffer.byteLength(stdout) > mostBytes)
    throw new VigoError("limited", `${path}: it printed more than ${mostBytes / 1024} KiB`);
  try {
    return JSON.parse(stdout) as Values[string];
  } catch (error) {
    if (error instanceof SyntaxError) throw said("what it printed is not JSON", stdout);
    throw error;
  }
}
