import { expect, test } from "bun:test";
import { create, toBinary } from "@bufbuild/protobuf";
import fc from "fast-check";
import { TicketSchema } from "../../../src/core/wire/gen/vigo/v1/agent_pb.ts";
import { readTicket } from "../../../src/core/wire/ticket.ts";

const ticket = fc.record({
  keyId: fc.string({ unit: "grapheme" }),
  envoyId: fc.string({ unit: "grapheme" }),
  policyVersion: fc.bigInt(0n, 2n ** 64n - 1n),
  issuedAtMs: fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n),
  expiresAtMs: fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n),
  bodyDigest: fc.uint8Array({ maxLength: 40 }),
});

test("whatever the protobuf runtime writes is read as it was meant", () => {
  fc.assert(
    fc.property(ticket, (fields) => {
      expect(readTicket(toBinary(TicketSchema, create(TicketSchema, fields)))).toEqual(fields);
    }),
  );
});

test("fields that are not known are passed over", () => {
  const known = toBinary(TicketSchema, create(TicketSchema, { keyId: "k", policyVersion: 7n }));
  // Field 15: a number, a text, eight bytes, four bytes.
  const unknown = [0x78, 1, 0x7a, 2, 1, 2, 0x79, 0, 0, 0, 0, 0, 0, 0, 0, 0x7d, 0, 0, 0, 0];
  const both = Uint8Array.from([...unknown, ...known, ...unknown]);
  expect(readTicket(both)).toMatchObject({ keyId: "k", policyVersion: 7n });
});

test("any bytes are read, or refused with a reason", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
      try {
        readTicket(bytes);
      } catch (error) {
        expect((error as Error).message).toBe("the ticket cannot be read");
      }
    }),
  );
});

test.each([
  [[0x08]],
  [[0x0a, 5, 1]],
  [[0x00, 1]],
  [[0x0b]],
  [[0x18, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1]],
])("refuses %j", (bytes) => {
  expect(() => readTicket(Uint8Array.from(bytes))).toThrow("the ticket cannot be read");
});
