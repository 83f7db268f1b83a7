/**
 * Programs of the operator's that Vigo asks as root, and their answers in JSON. Must not know what they do, nor which resource asks.
 */
import { VigoError } from "../errors.ts";
import type { Command, CommandResult, ReadHost } from "../host.ts";
import { whyNotRoots } from "./root-only.ts";
import { headOf } from "../text/cut.ts";
import { jsonIn } from "../text/json-in.ts";

/** Where they are, on every envoy. */
export const executorsFolder = "/etc/vigo-envoy/executors";

/** More is no summary any more. */
const mostChanges = 1_000;
const longest = 1_000;

export interface ExecutorChange {
  readonly field: string;
  readonly from: string | undefined;
  readonly to: string | undefined;
}

export interface ExecutorAnswer {
  /** What it did or would do, in its own word. */
  readonly action: string | undefined;
  readonly changed: boolean;
  readonly changes: readonly ExecutorChange[];
}

/** What stdin holds. */
export interface ExecutorQuestion {
  readonly params: unknown;
  readonly dry_run: boolean;
}

/** The command of an executor. Rejects with `failed` when somebody else than root could have put it there. */
export async function executorCommand(
  host: ReadHost,
  name: string,
  question: ExecutorQuestion,
  timeoutMs: number,
): Promise<Command> {
  const path = `${executorsFolder}/${name}`;
  await mustBeRoots(host, path);
  return {
    argv: [path],
    cwd: "/",
    stdin: `${JSON.stringify(question)}\n`,
    timeoutMs,
    ...(host.confidential === true && { sensitive: true }),
  };
}

/** Whoever can write to a program, or to a folder above it, would be root. */
async function mustBeRoots(host: ReadHost, path: string): Promise<void> {
  const stat = await host.stat(path);
  if (stat === undefined)
    throw new VigoError("failed", `there is no executor ${path}`, {
      hint: "put it there with a file resource of mode 0755, and depend on that",
    });
  const why = await whyNotRoots(host, path, "file");
  if (why !== undefined) throw refused(path, why);
  if ((stat.mode & 0o111) === 0) throw refused(path, "it has no permission to be run");
}

const refused = (path: string, why: string): VigoError =>
  new VigoError("failed", `${path} was not run: ${why}`, {
    hint: "an executor and the folders above it are root's, no links, and writable by root alone: chown root, chmod go-w",
  });

/** Rejects with `failed` for an exit code, for its own error, and for what is no answer. */
export function executorAnswer(result: CommandResult): ExecutorAnswer {
  const { code, stdout, truncated } = result;
  if (truncated === true) throw unclear("it prints more than 1 MiB", result);
  const said = jsonIn(result.stdout);
  if (said === undefined) throw unclear(code === 0 ? "it is no JSON" : `exit ${code}`, result);
  if (!isRecord(said)) throw unclear("it is no object", result);
  const { error, changed, action, changes } = said;
  if (typeof error === "string" && error !== "") throw new VigoError("failed", clipped(error));
  if (code !== 0) throw unclear(`exit ${code}`, result);
  if (error !== undefined && error !== null && error !== "")
    throw unclear("error is no text", result);
  if (typeof changed !== "boolean") throw unclear("changed is neither true nor false", result);
  if (action !== undefined && action !== null && typeof action !== "string")
    throw unclear("action is no text", result);
  return {
    action: typeof action === "string" && action !== "" ? clipped(action) : undefined,
    changed,
    changes: changesOf(changes, { ...result, stdout }),
  };
}

function changesOf(value: unknown, result: CommandResult): readonly ExecutorChange[] {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) throw unclear("changes is no list", result);
  if (value.length > mostChanges) throw unclear(`more than ${mostChanges} changes`, result);
  return value.map((one: unknown) => {
    if (!isRecord(one) || typeof one["field"] !== "string" || one["field"] === "")
      throw unclear("each of changes is an object with a field, from and to", result);
    return { field: clipped(one["field"]), from: shown(one["from"]), to: shown(one["to"]) };
  });
}

const shown = (value: unknown): string | undefined =>
  value === undefined || value === null
    ? undefined
    : clipped(typeof value === "string" ? value : JSON.stringify(value));

const clipped = (text: string): string => headOf(text, longest);

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

function unclear(why: string, { stdout, stderr }: CommandResult): VigoError {
  const printed = `${stderr}${stdout}`.trim();
  const said = printed === "" ? "it printed nothing" : `it printed: ${headOf(printed, 300)}`;
  return new VigoError("failed", `its answer cannot be read: ${why}; ${said}`, {
    hint: 'an executor prints one JSON object: {"changed": true, "action": "create", "changes": [{"field": …, "from": …, "to": …}]}, and messages to standard error',
  });
}
