/** Holds answers of a server to its own OpenAPI document. */
import { Ajv2020, type ValidateFunction } from "ajv/dist/2020.js";
import { endpoints } from "../../src/core/api/index.ts";
import { openApi } from "../../src/core/api/openapi.ts";

interface Operation {
  readonly responses: Readonly<
    Record<string, { readonly content?: Readonly<Record<string, { readonly schema: object }>> }>
  >;
}

interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: object;
}

const document = openApi(endpoints, "test") as unknown as Document;
const root = "https://vigo.test/openapi";
const ajv = new Ajv2020({ strict: false, validateFormats: false, allErrors: true });
ajv.addSchema({ $id: root, components: document.components });
const known = new Map<string, ValidateFunction>();

/** Looks at every JSON that the API answers; leaves the body to be read. `path` is whole. */
export async function assertAsDescribed(
  method: string,
  path: string,
  response: Response,
): Promise<void> {
  const isJson = response.headers.get("content-type")?.startsWith("application/json") === true;
  if (!path.startsWith("/api/v1/") || !isJson) return;
  const body: unknown = await response.clone().json();
  assertDescribed(method, path.slice("/api/v1".length), response.status, body);
}

/** Throws when the document does not say so of an answer. */
function assertDescribed(method: string, path: string, status: number, body: unknown): void {
  const [bare = ""] = path.split("?");
  const operation = operationFor(method, bare);
  const shown = `${method} ${bare} → ${status}`;
  if (operation === undefined) {
    if (status === 404) return;
    throw new Error(`${shown}: not in the OpenAPI document`);
  }
  const response = operation.responses[status];
  if (response === undefined) throw new Error(`${shown}: no such status in the OpenAPI document`);
  const schema = response.content?.["application/json"]?.schema;
  if (schema === undefined) throw new Error(`${shown}: has no body in the OpenAPI document`);
  const check = validator(schema);
  if (!check(body)) throw new Error(`${shown}: ${ajv.errorsText(check.errors)}`);
}

function operationFor(method: string, path: string): Operation | undefined {
  const fits = ([template]: readonly [string, unknown]) =>
    new RegExp(`^${template.replace(/[.]/g, "[.]").replace(/\{\w+\}/g, "[^/]+")}$`).test(path);
  // What is spelled out goes before what takes any word, as in the router.
  const [found] = Object.entries(document.paths)
    .filter(fits)
    .filter(([, operations]) => method.toLowerCase() in operations)
    .sort(([a], [b]) => a.split("{").length - b.split("{").length);
  return found?.[1][method.toLowerCase()];
}

function validator(schema: object): ValidateFunction {
  const text = JSON.stringify(schema);
  const made =
    known.get(text) ?? ajv.compile(JSON.parse(text.replaceAll('"#/comp', `"${root}#/comp`)));
  known.set(text, made);
  return made;
}
