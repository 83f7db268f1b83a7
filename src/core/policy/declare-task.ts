/**
 * `tasks/*.vgo` taken apart: a command under a name, with parameters that have kinds. A value is a word of its own, a variable of the
 * environment, a field of the JSON on standard input, and never part of a text that a shell runs: what could make it one is refused.
 * Must not know who runs tasks, nor where.
 */
import { roles, type Role } from "../api/roles.ts";
import { didYouMean, unknownWord } from "../did-you-mean.ts";
import {
  paramIn,
  type Param,
  type ParamType,
  paramTypes,
  type Value,
  readValue,
  variableOf,
} from "../tasks/values.ts";
import type { NamedTask } from "./declared.ts";
import type { Findings } from "./findings.ts";
import { linearPattern } from "./hostname.ts";
import type { Placed } from "./model.ts";
import { clip, type Entry, excerpt, type Node } from "./node.ts";
import {
  durationOf,
  type Fields,
  fieldsOf,
  listOf,
  mapOf,
  nameOf,
  textOf,
  textsOf,
} from "./shape.ts";

export const taskShape = {
  what: "a named task",
  keys: ["task", "description", "params", "command", "timeout", "roles"],
  misplaced: {
    target: "whom a task is for is said when it is run: --target WHO",
    resources: "resources stand in a configcrate, under configcrates/",
    steps: "steps stand in a workflow, under workflows/",
  },
} as const;

export const paramShape = {
  what: "a parameter",
  keys: ["type", "description", "default", "pattern", "one_of", "min", "max"],
} as const;

/** Words of one command. */
const mostWords = 256;

export function declareTask(node: Node, found: Findings): NamedTask | undefined {
  const fields = fieldsOf(node, taskShape, found);
  if (node.kind !== "map") return undefined;
  const missing = ["task", "command"].filter((key) => !fields.has(key));
  if (missing.length > 0)
    found.problem("VG302", node.place, excerpt(node), {
      message: `a named task needs ${missing.map((key) => `\`${key}:\``).join(" and ")}`,
      hint: "write task: its-name, command: [program, word, …]",
    });
  const name = nameOf(fields.get("task"), "a named task", found);
  const params = paramsIn(fields.get("params"), found);
  const command = commandIn(fields.get("command"), found);
  checkWords(command, [...params.keys()], found);
  const timeoutMs = durationOf(fields.get("timeout"), "timeout", found);
  const allowed = rolesIn(fields, found);
  const description = textOf(fields.get("description"), "description", found)?.value ?? "";
  if (name === undefined || command.length === 0) return undefined;
  const words = command.map(({ value }) => value);
  return {
    name: name.value,
    place: name.place,
    description,
    params,
    command: words,
    timeoutMs,
    roles: allowed,
  };
}

function commandIn(entry: Entry | undefined, found: Findings): readonly Placed<string>[] {
  if (entry?.value.kind === "scalar" && entry.value.value !== null) {
    found.problem("VG302", entry.value.place, clip(entry.value.source), {
      message: "the command of a named task is a list of words, not a text for a shell",
      hint: "write [systemctl, restart, nginx]; a script: [sh, -c, 'systemctl restart \"$VIGO_PARAM_UNIT\"']",
    });
    return [];
  }
  const items = listOf(entry, "command", found)?.items ?? [];
  const words = items.flatMap((node) => {
    const inner: Entry = { place: node.place, value: node };
    return textOf(inner, "a word of the command", found) ?? [];
  });
  if (entry !== undefined && (items.length === 0 || items.length > mostWords))
    found.problem("VG302", entry.place, "command", {
      message: `a command has 1 to ${mostWords} words, not ${items.length}`,
    });
  return words.length === items.length ? words : [];
}

/** `-c`, `-ec`, `-e`, `--eval`: what comes next is a program for a shell or another interpreter. */
const leadsIn = /^(?:-\w*[ce]|--(?:command|eval|execute))$/;

function checkWords(
  command: readonly Placed<string>[],
  params: readonly string[],
  found: Findings,
) {
  for (const [at, { value: word, place }] of command.entries()) {
    const say = (code: "VG103" | "VG802", message: string, hint?: string) =>
      found.problem(code, place, clip(word), { message, hint });
    const name = paramIn(word);
    const inside = params.find((param) => new RegExp(`\\$\\{?${param}\\b`).test(word));
    if (name !== undefined && !params.includes(name))
      say("VG103", unknownWord("parameter", name, params), notDeclared(name, params));
    else if (name !== undefined && at === 0)
      say(
        "VG802",
        "a parameter cannot be the program itself",
        "name the program, and pass it words",
      );
    else if (name !== undefined && leadsIn.test(command[at - 1]?.value ?? ""))
      say("VG802", `the value of ${name} would be run as a program`, variableHint(name));
    else if (name === undefined && inside !== undefined)
      say(
        "VG802",
        `a parameter is a word of its own, and $${inside} stands inside another`,
        `write $${inside} as the next word; ${variableHint(inside)}`,
      );
  }
}

const notDeclared = (name: string, params: readonly string[]) =>
  didYouMean(name, params) === undefined ? "declare it under `params:`" : undefined;

const variableHint = (name: string) =>
  `in a script read it from the environment, in quotes: "$${variableOf(name)}"`;

export function rolesIn(fields: Fields, found: Findings): readonly Role[] {
  return textsOf(fields.get("roles"), "roles", found).flatMap(({ value, place }) => {
    const role = roles.find((known) => known === value);
    if (role === undefined)
      found.problem("VG501", place, clip(value), {
        message: unknownWord("role of a user", value, roles),
        hint: didYouMean(value, roles) ? undefined : `there are ${roles.join(", ")}`,
      });
    return role ?? [];
  });
}

export function paramsIn(entry: Entry | undefined, found: Findings): ReadonlyMap<string, Param> {
  const params = new Map<string, Param>();
  for (const [name, each] of mapOf(entry, "params", found)?.entries ?? []) {
    if (!/^[a-z][a-z0-9_]{0,63}$/.test(name))
      found.problem("VG304", each.place, clip(name), {
        message: `"${clip(name)}" is no name for a parameter`,
        hint: "small letters, digits and _, beginning with a letter",
      });
    const param = paramOf(each, name, found);
    if (param !== undefined) params.set(name, param);
  }
  return params;
}

/** What a parameter of each kind may say beside its kind, description and default. */
const onlyFor: Readonly<Record<string, ParamType>> = {
  pattern: "string",
  one_of: "string",
  min: "integer",
  max: "integer",
};

function paramOf({ place, value: node }: Entry, name: string, found: Findings): Param | undefined {
  const fields = fieldsOf(node, paramShape, found);
  if (node.kind !== "map") return undefined;
  const written = textOf(fields.get("type"), "type", found);
  const type = paramTypes.find((known) => known === written?.value);
  if (type === undefined) {
    found.problem("VG302", written?.place ?? place, written?.value ?? name, {
      message:
        written === undefined
          ? `parameter ${name} has no \`type:\``
          : unknownWord("kind of parameter", written.value, paramTypes),
      hint: `it is one of ${paramTypes.join(", ")}`,
    });
    return undefined;
  }
  for (const [key, only] of Object.entries(onlyFor))
    if (fields.has(key) && only !== type)
      found.problem("VG303", fields.get(key)?.place ?? place, key, {
        message: `${key} belongs to a parameter of type ${only}, and ${name} is ${type}`,
      });
  const param = {
    type,
    description: textOf(fields.get("description"), "description", found)?.value ?? "",
    pattern: patternIn(fields.get("pattern"), found),
    oneOf: fields.has("one_of") ? choices(fields.get("one_of"), found) : undefined,
    min: wholeIn(fields.get("min"), "min", found),
    max: wholeIn(fields.get("max"), "max", found),
  };
  return { ...param, default: defaultIn(fields.get("default"), name, param, found) };
}

const choices = (entry: Entry | undefined, found: Findings): readonly string[] =>
  textsOf(entry, "one_of", found).map(({ value }) => value);

function wholeIn(entry: Entry | undefined, what: string, found: Findings): number | undefined {
  const written = textOf(entry, what, found);
  if (written === undefined) return undefined;
  if (/^-?\d{1,15}$/.test(written.value)) return Number(written.value);
  found.problem("VG501", written.place, clip(written.value), {
    message: `${what} must be a whole number, not "${clip(written.value)}"`,
  });
  return undefined;
}

/** The whole value has to fit. */
function patternIn(entry: Entry | undefined, found: Findings): Param["pattern"] {
  const text = textOf(entry, "pattern", found);
  if (text === undefined) return undefined;
  const pattern = linearPattern(text.value);
  const whole = linearPattern(`\\A(?:${text.value})\\z`);
  if (!("error" in pattern) && !("error" in whole)) return { source: text.value, test: whole.test };
  const error = "error" in pattern ? pattern.error : "its brackets do not match";
  found.problem("VG307", text.place, clip(text.value), {
    message: `bad regular expression: ${error}`,
    hint: "RE2 syntax; put a backslash before what is meant as itself",
  });
  return undefined;
}

function defaultIn(
  entry: Entry | undefined,
  name: string,
  param: Omit<Param, "default">,
  found: Findings,
): Value | undefined {
  const written = textOf(entry, "default", found);
  if (written === undefined) return undefined;
  const fits = readValue(param, written.value);
  if ("value" in fits) return fits.value;
  found.problem("VG501", written.place, clip(written.value), {
    message: `the default of ${name} must be ${fits.wanted}, not "${clip(written.value)}"`,
  });
  return undefined;
}
