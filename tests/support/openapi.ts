/** Holds answers of a server to its own OpenAPI document. */
import { Ajv2020, type ValidateFunction } from "ajv/dist/2020.js";
import { endpoints } from "../../src/core/api/index.ts";
import { openApi } from "../../src/core/api/openapi.ts";

interface Content {
  readonly schema: object;
  /** Of one event, in a stream of them. */
  readonly "x-event"?: object;
}

interface Operation {
  readonly responses: Readonly<
    Record<string, { readonly content?: Readonly<Record<string, Content>> }>
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

/** The page for people, which is no part of what it shows. */
const page = "/api/v1/docs";

/**
 * Looks at everything that the API answers, and at each event of a stream as it is read; rejects for what the document does not
 * say. `path` is whole. What it gives is to be read in place of the response.
 */
export async function asDescribed(
  method: string,
  path: string,
  response: Response,
): Promise<Response> {
  const [bare = ""] = path.split("?");
  if (!bare.startsWith("/api/v1/") || bare === page) return response;
  const { status, headers } = response;
  const shown = `${method} ${bare} → ${status}`;
  const content = contentFor(method, bare.slice("/api/v1".length), status, shown);
  // Nothing is known of what is not there, but that it is answered in the one shape of refusals.
  if (content === undefined) return response;
  const type = headers.get("content-type")?.split(";")[0] ?? "";
  if (response.body === null || status === 304) return response;
  const said = content[type];
  if (said === undefined) throw new Error(`${shown}: ${type} is not in the OpenAPI document`);
  if (said["x-event"] !== undefined) return checkingEvents(response, said["x-event"], shown);
  assertFits(said.schema, await response.clone().json(), shown);
  return response;
}

/** Undefined for what no operation answers. */
function contentFor(method: string, path: string, status: number, shown: string) {
  const operation = operationFor(method, path);
  if (operation === undefined) {
    if (status === 404) return undefined;
    throw new Error(`${shown}: not in the OpenAPI document`);
  }
  const response = operation.responses[status];
  if (response === undefined) throw new Error(`${shown}: no such status in the OpenAPI document`);
  return response.content ?? {};
}

function assertFits(schema: object, value: unknown, shown: string): void {
  const check = validator(schema);
  if (!check(value)) throw new Error(`${shown}: ${ajv.errorsText(check.errors)}`);
}

/** Its body fails at the first event that is not as described. */
function checkingEvents(response: Response, schema: object, shown: string): Response {
  const decoder = new TextDecoder();
  let rest = "";
  const check = new TransformStream<Uint8Array, Uint8Array>({
    transform(chunk, controller) {
      const lines = (rest + decoder.decode(chunk, { stream: true })).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines)
        if (line.startsWith("data: ")) assertFits(schema, JSON.parse(line.slice(6)), shown);
      controller.enqueue(chunk);
    },
  });
  const { status, headers } = response;
  return new Response(response.body?.pipeThrough(check) ?? null, { status, headers });
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
