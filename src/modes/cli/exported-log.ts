/** An exported audit log, checked without the server that kept it. Must not know how it was exported. */
import { z } from "zod";
import { chainStart, follows, type Link } from "../../core/audit/chain.ts";
import { parseHead } from "../../core/audit/head.ts";
import { VigoError } from "../../core/errors.ts";
import { jsonIn } from "../../core/text/json-in.ts";
import { piecesOf } from "./named-file.ts";

interface Checked {
  readonly holds: boolean;
  readonly problem?: string;
  /** The last one that holds. */
  readonly entries: number;
  readonly head?: string;
}

const line = z.object({
  id: z.int(),
  at: z.iso.datetime(),
  actor: z.string(),
  action: z.string(),
  subject: z.string(),
  detail: z.json(),
  hash: z.string(),
  request_id: z.string().optional(),
});

/** No entry is as long. */
const longestLine = 16 * 1024 * 1024;

/** Rejects with `invalid` for a line that is no entry. The head's signature only its server can tell. */
export async function exportedLog(
  file: string,
  kept: string | undefined,
  at: (read: number, all: number) => void = () => {},
): Promise<Checked> {
  const head = kept === undefined ? undefined : parseHead(kept);
  let last: Link = chainStart;
  let seen = false;
  for await (const text of linesOf(file, at)) {
    const row = entryIn(text, last.id + 1, file);
    if (!follows(last, row))
      return torn(last.id, `entry ${last.id + 1} does not follow from the one before`);
    last = { id: row.id, hash: row.hash };
    if (head?.id !== row.id) continue;
    seen = true;
    if (head.hash !== row.hash) return torn(row.id - 1, `entry ${row.id} is not the head's`);
  }
  if (head === undefined || seen) return { holds: true, entries: last.id };
  return torn(last.id, `entry ${head.id} is missing, and the head was signed when it was there`);
}

const torn = (entries: number, problem: string): Checked => ({ holds: false, problem, entries });

/** Tells how many of its bytes are read, every now and then. */
async function* linesOf(
  file: string,
  at: (read: number, all: number) => void,
): AsyncIterable<string> {
  const decoder = new TextDecoder();
  let rest = "";
  let read = 0;
  for await (const { bytes, all } of piecesOf(file)) {
    const lines = (rest + decoder.decode(bytes, { stream: true })).split(/\r?\n/);
    rest = lines.pop() ?? "";
    if (rest.length > longestLine)
      throw new VigoError("invalid", `${file} is no export of an audit log: a line has no end`);
    for (const text of lines) if (text !== "") yield text;
    read += bytes.length;
    at(read, all);
  }
  if (rest !== "") yield rest;
}

function entryIn(text: string, n: number, file: string) {
  const { data } = line.safeParse(jsonIn(text));
  if (data === undefined)
    throw new VigoError("invalid", `${file}: entry ${n} is no line of \`vigo cli audit export\``);
  return { ...data, at: Date.parse(data.at), requestId: data.request_id };
}
