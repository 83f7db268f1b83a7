/**
 * The OpenAPI 3.1 document of this API, made from the endpoints themselves, so that it cannot say anything else than they do.
 * Must not know any endpoint.
 */
import { z } from "zod";
import { failures } from "../errors.ts";
import { jsonSchema } from "../params-schema.ts";
import { apiRoot, type Endpoint } from "./endpoint.ts";

type Data = { readonly [key: string]: unknown };

/** Adds nothing of its own but the ways to prove who calls, and the one shape of every refusal. */
export function openApi(endpoints: readonly Endpoint[], version: string): Data {
  const paths: Record<string, Record<string, Data>> = {};
  for (const endpoint of endpoints) {
    const path = endpoint.path.replace(/:(\w+)/g, "{$1}");
    paths[path] = { ...paths[path], [endpoint.method.toLowerCase()]: operation(endpoint) };
  }
  return {
    openapi: "3.1.0",
    info: {
      title: "Vigo",
      version,
      description:
        "Answers may gain fields in later versions. Lists end with a `cursor` where there is more: give it back to go on.",
    },
    servers: [{ url: apiRoot }],
    paths,
    components: { securitySchemes, schemas: { Error: refusal, Json: {} } },
  };
}

const securitySchemes = {
  bearer: {
    type: "http",
    scheme: "bearer",
    description: "`vgot_…`, as `POST /login` or `POST /api-tokens` gave it.",
  },
  session: {
    type: "apiKey",
    in: "cookie",
    name: "__Host-vigo",
    description: "Set by `POST /session`; what changes anything needs `X-CSRF-Token` as well.",
  },
};

const refusal = {
  type: "object",
  required: ["error"],
  additionalProperties: false,
  properties: {
    error: {
      type: "object",
      required: ["code", "message"],
      additionalProperties: false,
      properties: {
        code: { enum: Object.keys(failures), description: "Which kind of failure." },
        message: { type: "string", description: "What went wrong." },
        hint: { type: "string", description: "What to do about it." },
        request_id: {
          type: "string",
          description: "Of this request, as in `X-Request-Id`: what the server's log calls it.",
        },
      },
    },
  },
};

function operation(endpoint: Endpoint): Data {
  const { method, path, summary, permission, query, body, shownBy } = endpoint;
  const [tag = ""] = path.slice(1).split("/");
  return {
    operationId: operationId(method, path),
    tags: [tag],
    summary,
    "x-permission": permission,
    security: permission === "anyone" ? [] : [{ bearer: [] }, { session: [] }],
    parameters: [
      ...inPath(path),
      ...(query === undefined ? [] : inQuery(query)),
      requestIdHeader,
      ...(shownBy === undefined ? [] : [ifMatchHeader(shownBy)]),
    ],
    ...(body === undefined ? {} : { requestBody: { required: true, content: json(input(body)) } }),
    responses: {
      ...success(endpoint),
      ...refusals,
    },
  };
}

/** What is read has a tag; what is followed comes bit by bit. */
function success({ method, response, events }: Endpoint): Data {
  const schema = output(response);
  if (events === true)
    return {
      200: {
        description: "Server-sent events, each with one JSON of the shape `x-event` as its data.",
        content: { "text/event-stream": { schema: { type: "string" }, "x-event": schema } },
      },
    };
  if (method !== "GET") return { 200: { description: "Done.", content: json(schema) } };
  const headers = { ETag: line("Give it back as `If-None-Match`.") };
  return {
    200: { description: "Done.", headers, content: json(schema) },
    304: { description: "As it was under `If-None-Match`." },
  };
}

/** `GET /envoys/:id/runs` → `getEnvoysIdRuns`. */
const operationId = (method: string, path: string): string =>
  method.toLowerCase() +
  path
    .split(/[^A-Za-z0-9]+/)
    .map((word) => word.slice(0, 1).toUpperCase() + word.slice(1))
    .join("");

/** Any call may have it, and every answer does. */
const requestIdHeader = {
  name: "X-Request-Id",
  in: "header",
  required: false,
  description:
    "What the caller calls this request (letters, digits and `._:-`, 64 at most): named in the log, the audit log and the answer. One is made when there is none.",
  schema: { type: "string", pattern: "^[A-Za-z0-9][A-Za-z0-9._:-]{0,63}$" },
};

const ifMatchHeader = (shownBy: string): Data => ({
  name: "If-Match",
  in: "header",
  required: false,
  description: `The \`ETag\` of \`GET ${shownBy.replace(/:(\w+)/g, "{$1}")}\` as it was read: nothing is changed, and 412 answered, when what callers change there is another by now.`,
  schema: { type: "string" },
});

const line = (description: string): Data => ({ description, schema: { type: "string" } });

/** Any call can be refused in any of these ways, all in one shape. */
const refusals = Object.fromEntries(
  Object.entries(failures).map(([failure, { http }]) => [
    http,
    {
      description: `Refused: ${failure}.`,
      ...(failure === "limited"
        ? { headers: { "Retry-After": line("Seconds after which the same may work.") } }
        : {}),
      content: { "application/json": { schema: { $ref: "#/components/schemas/Error" } } },
    },
  ]),
);

const json = (schema: Data): Data => ({ "application/json": { schema } });

const inPath = (path: string): readonly Data[] =>
  [...path.matchAll(/:(\w+)/g)].map(([, name]) => ({
    name,
    in: "path",
    required: true,
    schema: { type: "string" },
  }));

function inQuery(query: z.ZodType): readonly Data[] {
  const { properties = {}, required = [] } = input(query) as {
    readonly properties?: Readonly<Record<string, Data>>;
    readonly required?: readonly string[];
  };
  return Object.entries(properties).map(([name, { description, ...schema }]) => ({
    name,
    in: "query",
    required: required.includes(name),
    description,
    schema,
  }));
}

/** What may be sent: unknown names are refused, as `parameters` does. */
const input = (schema: z.ZodType): Data => hoisted(jsonSchema(schema));

/** What comes back: open, because a later server may say more. */
const output = (schema: z.ZodType): Data =>
  hoisted(
    z.toJSONSchema(schema, {
      io: "output",
      override: ({ jsonSchema: node }) => {
        if (node.additionalProperties === false) delete node.additionalProperties;
      },
    }),
  );

/** `z.json()` is the one schema that contains itself; its definition is named once for the whole document. */
function hoisted({ $schema, $defs, ...schema }: Data): Data {
  const text = JSON.stringify(schema).replace(/"#\/\$defs\/[^"]+"/g, '"#/components/schemas/Json"');
  return JSON.parse(text) as Data;
}
