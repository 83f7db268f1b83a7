/** What is remembered, and logged, of those whom nobody knows. */
import { expect, test } from "bun:test";
import { create } from "@bufbuild/protobuf";
import { SignedSchema } from "../../../src/core/wire/gen/vigo/v1/agent_pb.ts";
import { Fleet } from "../../../src/modes/server/envoys/fleet.ts";
import { Gate } from "../../../src/modes/server/grpc/gate.ts";

test("an unknown id is logged once in ten minutes, and no more than a hundred of them", () => {
  const clock = { now: 1_000 };
  const fleet = new Fleet({
    ...{ intervalMs: 1, offline: { factor: 2 }, divergedAfter: 3, traits: [] },
    now: () => clock.now,
  });
  const logged: unknown[] = [];
  const warn = (_: string, fields?: { readonly envoy_id?: unknown }) =>
    void logged.push(fields?.envoy_id);
  const log = { info: () => {}, warn, error: () => {} };
  const gate = new Gate({ serverId: "s", fleet, windowMs: 1, log });
  const ask = (envoyId: string) =>
    expect(() =>
      gate.admit(create(SignedSchema, { envoyId }), "m", { certificate: "", address: "" }),
    ).toThrow("does not know");
  for (const id of ["one", "one", "two"]) ask(id);
  expect(logged).toEqual(["one", "two"]);
  clock.now += 600_000;
  ask("one");
  expect(logged).toEqual(["one", "two", "one"]);
  for (let n = 0; n < 1_000; n++) ask(`${n}`);
  expect(logged.length).toBe(3 + 99);
  clock.now += 600_000;
  for (const id of ["one", "999", "x".repeat(1_000)]) ask(id);
  expect(logged.slice(-3)).toEqual(["one", "999", "x".repeat(64)]);
});
