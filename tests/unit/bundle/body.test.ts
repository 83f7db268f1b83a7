import { expect, test } from "bun:test";
import fc from "fast-check";
import { type Body, type BodyResource, encodeBody } from "../../../src/core/bundle/body.ts";
import { canonicalJson, type JsonObject } from "../../../src/core/json.ts";

const params = fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 2 }), {
  maxKeys: 3,
}) as fc.Arbitrary<JsonObject>;
const resources = fc.record<BodyResource>(
  {
    type: fc.string(),
    key: fc.string(),
    params,
    when: fc.record({ source: fc.string(), vars: params }),
    needs: fc.array(fc.nat()),
    notifies: fc.array(fc.nat()),
    noop: fc.constant(true),
    sensitive: fc.constant(true),
    timeout_ms: fc.nat(),
    retries: fc.nat(),
  },
  { requiredKeys: ["type", "key", "params"] },
);

test("the encoded body is the canonical JSON of the whole, first and second time", () => {
  fc.assert(
    fc.property(fc.array(resources, { maxLength: 5 }), fc.array(fc.string()), (list, secrets) => {
      const body: Body = { format: 1, resources: list, secrets };
      const canonical = canonicalJson(body);
      for (const time of [1, 2])
        expect([time, new TextDecoder().decode(encodeBody(body).bytes)]).toEqual([time, canonical]);
    }),
  );
});
