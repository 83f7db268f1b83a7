import { expect, test } from "bun:test";
import fc from "fast-check";
import type { Body, BodyResource } from "../../../src/core/bundle/body.ts";
import { canonicalJson, type JsonObject } from "../../../src/core/json.ts";
import { encodeBody } from "../../support/encode-body.ts";

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
    revert: fc.constant(true),
  },
  { requiredKeys: ["type", "key", "params"] },
);

test("the encoded body is the canonical JSON of the whole", () => {
  fc.assert(
    fc.property(fc.array(resources, { maxLength: 5 }), fc.array(fc.string()), (list, secrets) => {
      const body: Body = { format: 1, resources: list, secrets };
      expect(new TextDecoder().decode(encodeBody(body).bytes)).toBe(canonicalJson(body));
    }),
  );
});
