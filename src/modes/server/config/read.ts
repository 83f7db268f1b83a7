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
  visit,
} from "yaml";
import type { z } from "zod";
import { VigoError } from "../../../core/errors.ts";
import { whyUnreadable } from "../../../core/publish/errno.ts";
import { type Home, homeAt } from "../home.ts";
import { readIfThere } from "../write-file.ts";
import { type Concealed, put, type Reference, referencesIn, without } from "./references.ts";
import { schema, secrets as secretsSection, type Written } from "./schema.ts";

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
  /** What came from secrets, for the log to take out. */
  readonly concealed: readonly Concealed[];
}

/** Gives what secrets hold, by their paths. Rejects when one is not there, or cannot be had. */
export type Reveal = (
  asked: ReadonlySet<string>,
  settings: Pick<Settings, "secrets" | "secretsKey">,
) => Promise<ReadonlyMap<string, string>>;

/** Rejects with `invalid`, one line a mistake: `server.yaml:3:5: chekin: unknown key …`. A missing file is an empty one, unless somebody named it. */
export async function readSettings(home: Home, reveal: Reveal): Promise<Settings> {
  const text = (await textOf(home)) ?? "";
  const asked = askedOf(text, home.config);
  const where = { secrets: asked.section, secretsKey: secretsKeyOf(home, asked.section) };
  const found = asked.secrets.size === 0 ? none : await reveal(asked.secrets, where);
  const { written, concealed } = readConfig(text, home.config, found);
  return settings(written, concealed, home);
}

/** Undefined: there is none, and nobody said that there is. */
async function textOf({ config, folder }: Home): Promise<string | undefined> {
  try {
    const text = await readIfThere(config);
    if (text !== undefined || config === homeAt(folder, {}).config) return text;
  } catch (error) {
    const why = whyUnreadable(error);
    if (why === undefined) throw error;
    throw new VigoError("invalid", `${config} cannot be read: ${why}`, { cause: error });
  }
  throw new VigoError("missing", `VIGO_CONFIG_FILE names ${config}, and it is not there`, {
    hint: "name another, or leave it out: then it is server.yaml in the home",
  });
}

const none: ReadonlyMap<string, string> = new Map();

const secretsKeyOf = ({ folder, secretsKey }: Home, { key_file }: Written["secrets"]): string =>
  resolve(folder, key_file ?? secretsKey);

/** At most so much is read: a config is written by hand. */
const mostCharacters = 1_000_000;

/** Without any secret at hand. */
export const parseConfig = (text: string, file: string): Written =>
  readConfig(text, file, none).written;

/** Which secrets a file names, and where they are kept. */
function askedOf(text: string, file: string) {
  const { document, at } = parsed(text, file);
  const written = values(document, at) as { readonly secrets?: unknown } | null;
  const section = secretsSection.safeParse(written?.secrets);
  if (!section.success)
    throw refused(told(document, within("secrets", section.error.issues), [], at));
  const secrets = new Set(referencesIn(document).map(({ secret }) => secret));
  secrets.delete("");
  return { secrets, section: section.data };
}

const within = (key: string, issues: readonly z.core.$ZodIssue[]) =>
  issues.map((issue) => ({ ...issue, path: [key, ...issue.path] }));

export function readConfig(
  text: string,
  file: string,
  secrets: ReadonlyMap<string, string>,
): { readonly written: Written; readonly concealed: readonly Concealed[] } {
  const { document, at } = parsed(text, file);
  const tree = values(document, at);
  const references = referencesIn(document);
  const wrong = references.flatMap((one) => {
    const why = unusable(one, secrets);
    return why === undefined ? [] : [`${at(one.offset)}: ${one.path.join(".")} ${why}`];
  });
  if (wrong.length > 0) throw refused(wrong);
  const concealed = references.map((one) => ({ ...one, value: secrets.get(one.secret) ?? "" }));
  for (const one of concealed) put(tree, one);
  const result = schema.safeParse(tree);
  if (result.success) return { written: result.data, concealed };
  throw refused(told(document, result.error.issues, concealed, at));
}

function unusable(
  { path, secret }: Reference,
  secrets: ReadonlyMap<string, string>,
): string | undefined {
  if (path[0] === "secrets") return "says where secrets are kept: it cannot be one itself";
  if (secret === "") return "must name a secret, like secret:mail/password";
  return secrets.has(secret) ? undefined : `needs the secret ${secret}, and there is none`;
}

type At = (offset: number) => string;

function parsed(text: string, file: string): { readonly document: Document; readonly at: At } {
  const lines = new LineCounter();
  if (text.length > mostCharacters) throw refused([`${file}: is larger than 1 MB`]);
  const document = parseDocument(text, { lineCounter: lines, version: "1.2" });
  const at = (offset: number) => {
    const { line, col } = lines.linePos(offset);
    return `${file}:${line}:${col}`;
  };
  if (document.errors.length > 0)
    throw refused(document.errors.map(({ pos, message }) => `${at(pos[0])}: ${first(message)}`));
  return { document, at };
}

const told = (
  document: Document,
  issues: readonly z.core.$ZodIssue[],
  concealed: readonly Concealed[],
  at: At,
): readonly string[] =>
  issues.flatMap((issue) => {
    const path = issue.path.map(String).join(".");
    const hidden = concealed.find((one) => one.path.join(".") === path);
    const shown =
      hidden === undefined ? issue : { ...issue, message: without(issue.message, hidden) };
    return mistakes(document, shown).map(({ offset, message }) => `${at(offset)}: ${message}`);
  });

/** Where the one stands that is complained of: the last of those that are many. */
function aliasOf(document: Document, complaint: string): number {
  let found = 0;
  visit(document, {
    Alias: (_, alias) => {
      found = alias.range?.[0] ?? found;
      return complaint.endsWith(`: ${alias.source}`) ? visit.BREAK : undefined;
    },
  });
  return found;
}

function values(document: Document, at: At): unknown {
  try {
    return document.toJS({ maxAliasCount: 100 });
  } catch (caught) {
    // The parser's word for too many aliases, and for one of nothing.
    if (!(caught instanceof ReferenceError)) throw caught;
    const grows = caught.message.startsWith("Excessive alias count");
    const why = grows ? "uses aliases so that it grows without end" : first(caught.message);
    throw refused([`${at(aliasOf(document, caught.message))}: ${why}`]);
  }
}

function settings(written: Written, concealed: readonly Concealed[], home: Home): Settings {
  const { server, database } = written;
  const at = (file: string | undefined, fallback: string) => resolve(home.folder, file ?? fallback);
  const { cert_file, key_file, ca_file, ca_key_file } = server.tls;
  return {
    ...written,
    concealed,
    hostname: server.hostname ?? hostname(),
    databaseFile: at(database.dsn, home.database),
    secretsKey: secretsKeyOf(home, written.secrets),
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

/** Of what is missing, where it should stand. */
function offsetOf(document: Document, path: readonly string[]): number {
  const node = path.length === 0 ? document.contents : document.getIn(path, true);
  const start = keyOffset(document, path) ?? (node as Node | null | undefined)?.range?.[0];
  if (start !== undefined || path.length === 0) return start ?? 0;
  return offsetOf(document, path.slice(0, -1));
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
