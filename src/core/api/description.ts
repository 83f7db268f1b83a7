/** The endpoint that describes all others. Must not know how the description is made. */
import { z } from "zod";
import { endpoint } from "./endpoint.ts";

export const showOpenApi = endpoint({
  method: "GET",
  path: "/openapi.json",
  summary: "Describes this API as OpenAPI 3.1.",
  permission: "authenticated",
  response: z.record(z.string(), z.json()).describe("The document."),
});
