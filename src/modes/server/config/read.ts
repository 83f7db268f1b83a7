/** `server.yaml` as settings, or what is wrong with it, line by line. Must not know any key but where files are. */
import { hostname } from "node:os";
import { resolve } from "node:path";
import {
  type Document,
  isMap,
  isPair,
  isScalar,
  LineCounter,
  type Node,
  parseDocument,
} from "yaml";
import type { z } from "zod";
import { VigoError } from "../../../core/errors.ts";
import type { Home } from "../home.ts";
import { readIfThere } from "../write-file.ts";
import { schema, type Written } from "./schema.ts";

/** The values as written, with defaults in place; files absolute. */
export interface Settings extends Written {
  readonly hostname: string;
  readonly databaseFile: string;
  readonly secretsKey: string;
  readonly tls: {
    readonly cert: string;
    readonly key: string;
    readonly ca: string;
    readonly caKey: string;
    /** False: somebody else looks after the server's certificate. */
    readonly ownCertificate: boolean;
  };
}

/** Rejects with `invalid`, one line a mistake: `server.yaml:3:5: chekin: unknown key …`. A missing file is an empty one. */
export async function readSettings(home: Home): Promise<Settings> {
  const text = (await readIfThere(home.config)) ?? "";
  return settings(parseConfig(text, home.config), home);
}

/** At most so much is read: a config is written by hand. */
const mostCharacters = 1_000_000;

export function parseConfig(text: string, file: string): Written {
  const lines = new LineCounter();
  if (text.length > mostCharacters) throw refused([`${file}: is larger than 1 MB`]);
  const document = parseDocument(text, { lineCounter: lines, version: "1.2" });
  const at = (offset: number) => {
    const { line, col } = lines.linePos(offset);
    return `${file}:${line}:${col}`;
  };
  if (document.errors.length > 0)
    throw refused(document.errors.map(({ pos, message }) => `${at(pos[0])}: ${first(message)}`));
  const result = schema.safeParse(values(document, file));
  if (result.success) return result.data;
  throw refused(
    result.error.issues.flatMap((issue) =>
      mistakes(document, issue).map(({ offset, message }) => `${at(offset)}: ${message}`),
    ),
  );
}

function values(document: Document, file: string): unknown {
  try {
    return document.toJS({ maxAliasCount: 100 });
  } catch (caught) {
    // The parser's word for too many aliases.
    if (!(caught instanceof ReferenceError)) throw caught;
    throw refused([`${file}: uses aliases so that it grows without end`]);
  }
}

function settings(written: Written, home: Home): Settings {
  const { server, database } = written;
  const at = (file: string | undefined, fallback: string) => resolve(home.folder, file ?? fallback);
  const { cert_file, key_file, ca_file, ca_key_file } = server.tls;
  if ((cert_file === undefined) !== (key_file === undefined))
    throw refused([`${home.config}: server.tls: cert_file and key_file go together`]);
  return {
    ...written,
    hostname: server.hostname ?? hostname(),
    databaseFile: at(database.dsn, home.database),
    secretsKey: at(written.secrets.key_file, home.secretsKey),
    tls: {
      cert: at(cert_file, "tls/cert.pem"),
      key: at(key_file, "tls/key.pem"),
      ca: at(ca_file, "tls/ca.pem"),
      caKey: at(ca_key_file, "tls/ca_key.pem"),
      ownCertificate: cert_file === undefined,
    },
  };
}

const refused = (lines: readonly string[]) =>
  new VigoError("invalid", lines.join("\n"), {
    hint: "mend server.yaml; `vigo server check-config` says whether it is right",
  });

/** The parser adds the lines around; a place is enough. */
const first = (message: string): string =>
  message.split("\n")[0]?.replace(/ at line \d+.*$/, "") ?? message;

interface Mistake {
  /** Into the text. */
  readonly offset: number;
  readonly message: string;
}

/** One for each unknown key, which is marked itself; otherwise the value with the keys that lead there. */
function mistakes(document: Document, issue: z.core.$ZodIssue): readonly Mistake[] {
  const path = issue.path.map(String);
  const offset = offsetOf(document, path);
  if (issue.code !== "unrecognized_keys")
    return [{ offset, message: `${path.join(".")} ${issue.message}`.trim() }];
  const messages = issue.message.split("; ");
  return issue.keys.map((key, n) => ({
    offset: keyOffset(document, [...path, key]) ?? offset,
    message: messages[n] ?? issue.message,
  }));
}

function offsetOf(document: Document, path: readonly string[]): number {
  const node = path.length === 0 ? document.contents : document.getIn(path, true);
  const start = (node as Node | null | undefined)?.range?.[0];
  return keyOffset(document, path) ?? start ?? 0;
}

/** Of the key that the path ends with. */
function keyOffset(document: Document, path: readonly string[]): number | undefined {
  const parent = path.length === 1 ? document.contents : document.getIn(path.slice(0, -1), true);
  if (!isMap(parent)) return undefined;
  const pair = parent.items.find(
    (item) => isPair(item) && isScalar(item.key) && String(item.key.value) === path.at(-1),
  );
  return isScalar(pair?.key) ? pair.key.range?.[0] : undefined;
}
