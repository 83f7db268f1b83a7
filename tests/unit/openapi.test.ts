import { describe, expect, test } from "bun:test";
import { Ajv2020 } from "ajv/dist/2020.js";
import { endpoints } from "../../src/core/api/index.ts";
import { createHash } from "node:crypto";
import { openApi } from "../../src/core/api/openapi.ts";
import { apiPage, type Described, styleHash } from "../../src/core/api/page.ts";
import { permissionsOf, roles } from "../../src/core/api/roles.ts";
import { asDescribed } from "../support/openapi.ts";
import { permissions } from "../../src/core/api/endpoint.ts";

interface Operation {
  readonly operationId: string;
  readonly summary: string;
  readonly parameters: readonly {
    readonly name: string;
    readonly in: string;
    readonly schema: object;
  }[];
  readonly requestBody?: {
    readonly content: Readonly<Record<string, { readonly schema: object }>>;
  };
  readonly responses: Readonly<
    Record<string, { readonly content?: Readonly<Record<string, { readonly schema: object }>> }>
  >;
}

const document = openApi(endpoints, "1.2.3") as unknown as {
  readonly openapi: string;
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, object>> };
};
const operations = Object.values(document.paths).flatMap((methods) => Object.values(methods));

test("every endpoint is an operation with a name of its own", () => {
  expect(operations).toHaveLength(endpoints.length);
  expect(new Set(operations.map(({ operationId }) => operationId)).size).toBe(endpoints.length);
  expect(document.paths["/envoys/{id}/runs/{number}"]?.["get"]?.operationId).toBe(
    "getEnvoysIdRunsNumber",
  );
});

test("the page for people has all of it, and nothing from elsewhere", () => {
  const html = apiPage(document as unknown as Described);
  for (const [path, methods] of Object.entries(document.paths))
    for (const [method, { operationId, summary }] of Object.entries(methods)) {
      const [, part = ""] = html.split(`<details id="${operationId}">`);
      const [own = ""] = part.split("</details>");
      expect(own).toContain(`>${method.toUpperCase()}</span> <code>${path}</code>`);
      expect(own).toContain(Bun.escapeHTML(summary).replaceAll("&#x27;", "&#39;").slice(0, 5));
    }
  expect(html).not.toMatch(/<script|<link|<img|<iframe|\son\w+=|(?:src|href)="(?!#|\/api\/v1\/)/i);
  const [, style = ""] = /<style>([\s\S]*?)<\/style>/.exec(html) ?? [];
  expect(styleHash).toBe(`sha256-${createHash("sha256").update(style).digest("base64")}`);
  expect(html).toContain("<code>revoked</code>");
});

test("words in it cannot become markup", () => {
  const hostile = { properties: { "<b>": { description: "<script>alert(1)</script>" } } };
  const answer = { description: "", content: { "application/json": { schema: hostile } } };
  const operation = {
    ...{ operationId: 'x" onload="1', tags: ["<i>"], summary: "&<>", parameters: [] },
    ...{ "x-permission": "none", responses: { 200: answer } },
  };
  const info = { title: "<title>", description: "'\"" };
  const html = apiPage({ info, servers: [], paths: { "/<p>": { get: operation } } });
  expect(html).not.toMatch(/<script|<b>|<i>|<p>"|" onload|<title><title>/);
});

test("every path names its parameters", () => {
  for (const [path, methods] of Object.entries(document.paths))
    for (const { parameters } of Object.values(methods)) {
      const named = parameters.filter((one) => one.in === "path").map(({ name }) => name);
      expect(named).toEqual([...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name ?? ""));
    }
});

test("every schema is one, and points nowhere but into the document", () => {
  const ajv = new Ajv2020({ strict: false, validateFormats: false });
  ajv.addSchema({ $id: "https://vigo.test/api", components: document.components });
  const local = (schema: object) =>
    JSON.stringify(schema).replaceAll('"#/comp', '"https://vigo.test/api#/comp');
  const schemas = operations.flatMap(({ parameters, requestBody, responses }) => [
    ...parameters.map((one) => one.schema),
    ...[requestBody ?? {}, ...Object.values(responses)].flatMap(({ content }) =>
      Object.values(content ?? {}).map(({ schema }) => schema),
    ),
  ]);
  for (const text of new Set(schemas.map(local)))
    expect(ajv.compile(JSON.parse(text))).toBeFunction();
  const refs = [...JSON.stringify(document).matchAll(/"\$ref":"([^"]+)"/g)].map(([, ref]) => ref);
  expect([...new Set(refs)].sort()).toEqual([
    "#/components/schemas/Error",
    "#/components/schemas/Json",
  ]);
});

test("requests are closed and answers are open", () => {
  const { post } = document.paths["/users"] ?? {};
  const schemaOf = (content: Operation["responses"][string]["content"]) =>
    content?.["application/json"]?.schema as Record<string, unknown>;
  expect(schemaOf(post?.requestBody?.content)).toMatchObject({
    additionalProperties: false,
    required: ["name", "role"],
  });
  const answer = schemaOf(post?.responses["200"]?.content);
  expect(answer["additionalProperties"]).toBeUndefined();
  expect(answer["required"]).toContain("created_at");
});

test("what is followed is no JSON, and has no tag", () => {
  const { responses } = document.paths["/tasks/{id}/events"]?.["get"] ?? {};
  expect(Object.keys(responses?.["200"]?.content ?? {})).toEqual(["text/event-stream"]);
  expect(responses?.["304"]).toBeUndefined();
  expect(document.paths["/envoys"]?.["get"]?.responses["304"]).toBeDefined();
});

test("every permission that an endpoint asks for is some role's", () => {
  for (const permission of permissions)
    expect(roles.some((role) => permissionsOf(role).includes(permission))).toBe(true);
});

test.each([
  ["GET", "/api/v1/tokens?x=1", 200, { tokens: [] }, undefined],
  ["GET", "/api/v1/tokens", 200, { tokens: [{}] }, "must have required property"],
  ["GET", "/api/v1/tokens", 403, { error: { code: "denied", message: "m" } }, undefined],
  ["GET", "/api/v1/tokens", 403, { error: { code: "odd", message: "m" } }, "must be equal to one"],
  ["GET", "/api/v1/tokens", 418, {}, "no such status"],
  ["PUT", "/api/v1/tokens", 200, {}, "not in the OpenAPI document"],
  ["GET", "/elsewhere", 200, {}, undefined],
])("%s %s → %d is held to it", async (method, path, status, body, why) => {
  const looked = asDescribed(method, path, Response.json(body, { status }));
  if (why === undefined) await looked;
  else await expect(looked).rejects.toThrow(why);
});

describe("a stream of events is held to it, event by event", () => {
  const streamed = (...events: readonly object[]) =>
    new Response(events.map((one) => `data: ${JSON.stringify(one)}\n\n`).join(":\n\n"), {
      headers: { "content-type": "text/event-stream" },
    });
  const path = "/api/v1/tasks/x/events";
  const output = {
    kind: "output",
    envoy_id: "e",
    hostname: "h",
    stream: "out",
    offset: 0,
    text: "t",
  };

  test("what is described goes through as it was", async () => {
    const [sent, got] = [
      streamed(output, output),
      asDescribed("GET", path, streamed(output, output)),
    ];
    expect(await (await got).text()).toBe(await sent.text());
  });

  test("another kind, or another form, does not", async () => {
    for (const wrong of [{ ...output, kind: "odd" }, { ...output, text: 7 }, { kind: "output" }]) {
      const got = await asDescribed("GET", path, streamed(output, wrong));
      await expect(got.text()).rejects.toThrow("GET /api/v1/tasks/x/events → 200");
    }
  });

  test("nor does a form that the document does not name", async () => {
    const text = new Response("x", { headers: { "content-type": "text/plain" } });
    await expect(asDescribed("GET", "/api/v1/tokens", text)).rejects.toThrow("text/plain");
    const stream = streamed(output);
    await expect(asDescribed("GET", "/api/v1/tokens", stream)).rejects.toThrow("event-stream");
  });
});
