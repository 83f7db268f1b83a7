/**
 * The OpenAPI document as a page for people: one HTML text with its style in it, no script, nothing from elsewhere. Must not know any
 * endpoint.
 */
import { createHash } from "node:crypto";

interface Schema {
  readonly type?: string | readonly string[];
  readonly description?: string;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly default?: unknown;
  readonly pattern?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly additionalProperties?: Schema | boolean;
}

interface Media {
  readonly content?: Readonly<
    Record<string, { readonly schema?: Schema; readonly "x-event"?: Schema }>
  >;
}

interface Operation extends Media {
  readonly operationId: string;
  readonly tags: readonly string[];
  readonly summary: string;
  readonly "x-permission": string;
  readonly parameters: readonly {
    readonly name: string;
    readonly in: string;
    readonly required: boolean;
    readonly description?: string;
    readonly schema: Schema;
  }[];
  readonly requestBody?: Media;
  readonly responses: Readonly<Record<string, Media & { readonly description: string }>>;
}

export interface Described {
  readonly info: { readonly title: string; readonly description: string };
  readonly servers: readonly { readonly url: string }[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
}

const style = `
:root { color-scheme: light dark; --line: light-dark(#d0d4da, #3a3f47); --dim: light-dark(#57606a, #9aa4b0); }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 62rem; margin: 0 auto; padding: 1rem; }
code, pre { font: 14px/1.45 ui-monospace, monospace; }
h2 { border-bottom: 1px solid var(--line); margin-top: 2.5rem; }
details { border: 1px solid var(--line); border-radius: 6px; margin: .5rem 0; padding: .4rem .8rem; }
summary { cursor: pointer; overflow-wrap: anywhere; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; vertical-align: top; padding: .25rem .75rem .25rem 0; border-top: 1px solid var(--line); overflow-wrap: anywhere; }
.method { display: inline-block; min-width: 4.5rem; font-weight: 600; }
.dim { color: var(--dim); }
nav a { margin-right: .8rem; }
`;

/** For the answer's `style-src`: no other style holds. */
export const styleHash = `sha256-${createHash("sha256").update(style).digest("base64")}`;

export function apiPage(document: Described): string {
  const { info, servers, paths } = document;
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
  );
  const groups = Map.groupBy(operations, ({ operation }) => operation.tags[0] ?? "");
  const nav = [...groups.keys()].map((tag) => `<a href="#${text(tag)}">${text(tag)}</a>`);
  const sections = [...groups].map(
    ([tag, all]) => `<h2 id="${text(tag)}">${text(tag)}</h2>\n${all.map(shown).join("\n")}`,
  );
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${text(info.title)} API</title>
<style>${style}</style>
</head>
<body>
<main>
<h1>${text(info.title)} API</h1>
<p>${text(info.description)} Every path begins with <code>${text(servers[0]?.url ?? "")}</code>.
The same for programs, as OpenAPI 3.1: <a href="${text(servers[0]?.url ?? "")}/openapi.json"><code>openapi.json</code></a>.</p>
<nav aria-label="Nouns">${nav.join(" ")}</nav>
${sections.join("\n")}
</main>
</body>
</html>
`;
}

interface Shown {
  readonly path: string;
  readonly method: string;
  readonly operation: Operation;
}

function shown({ path, method, operation }: Shown): string {
  const { operationId, summary, parameters, requestBody, responses } = operation;
  const good = responses["200"];
  return `<details id="${text(operationId)}">
<summary><span class="method">${text(method.toUpperCase())}</span> <code>${text(path)}</code> ${text(summary)}</summary>
<p class="dim">Needs: ${text(operation["x-permission"])}</p>
${fields(
  "Parameters",
  parameters.map(({ name, in: where, required, description, schema }) => [
    `${name} (${where})`,
    schema,
    required,
    description,
  ]),
)}
${body("Body", requestBody)}
${body("Answer", good)}
</details>`;
}

type Field = readonly [
  name: string,
  schema: Schema,
  required: boolean,
  description: string | undefined,
];

function fields(title: string, rows: readonly Field[]): string {
  if (rows.length === 0) return "";
  const lines = rows.map(
    ([name, schema, required, description]) =>
      `<tr><td><code>${text(name)}</code>${required ? "" : ' <span class="dim">optional</span>'}</td><td>${text(kindOf(schema))}</td><td>${text(description ?? schema.description ?? "")}</td></tr>`,
  );
  return `<h3>${text(title)}</h3>
<table><thead><tr><th scope="col">Name</th><th scope="col">Type</th><th scope="col">Meaning</th></tr></thead><tbody>
${lines.join("\n")}
</tbody></table>`;
}

function body(title: string, media: Media | undefined): string {
  const [only] = Object.entries(media?.content ?? {});
  if (only === undefined) return "";
  const [type, { schema = {}, "x-event": event }] = only;
  const rows = flat(event ?? schema, "", 0);
  const name = event === undefined ? title : `${title}: ${type}, each event`;
  return rows.length > 0
    ? fields(name, rows)
    : `<h3>${text(name)}</h3>\n<p>${text(kindOf(event ?? schema))}</p>`;
}

/** Deep enough for every answer there is, and an end for what contains itself. */
const deepest = 4;

/** `runs[].counts.ok`: what is within what, one row each. */
function flat(schema: Schema, prefix: string, depth: number): readonly Field[] {
  const { properties = {}, required = [], items, anyOf, oneOf } = schema;
  if (depth >= deepest) return [];
  const own = Object.entries(properties).flatMap(([name, child]): readonly Field[] => [
    [prefix + name, child, required.includes(name), child.description],
    ...flat(child, `${prefix}${name}.`, depth + 1),
  ]);
  const within =
    items === undefined ? [] : flat(items, `${prefix.replace(/\.$/, "")}[].`, depth + 1);
  const choices = (anyOf ?? oneOf ?? []).flatMap((one) => flat(one, prefix, depth + 1));
  return [...own, ...within, ...choices];
}

function kindOf({
  type,
  enum: words,
  const: only,
  anyOf,
  oneOf,
  items,
  default: usual,
  pattern,
}: Schema): string {
  const choices = (anyOf ?? oneOf ?? []).map(kindOf);
  const kind =
    words?.map((word) => JSON.stringify(word)).join(" | ") ??
    (only === undefined ? undefined : JSON.stringify(only)) ??
    (choices.length > 0 ? [...new Set(choices)].join(" | ") : undefined) ??
    (items === undefined ? undefined : `list of ${kindOf(items)}`) ??
    (typeof type === "string" ? type : (type?.join(" | ") ?? "anything"));
  const like = pattern === undefined ? "" : `, like ${pattern}`;
  return kind + like + (usual === undefined ? "" : `, usually ${JSON.stringify(usual)}`);
}

const text = (words: string): string =>
  words.replace(/[&<>"']/g, (mark) => `&#${mark.codePointAt(0)};`);
