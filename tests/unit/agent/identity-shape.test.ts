import { describe, expect, test } from "bun:test";
import {
  about,
  floor,
  type Shape,
  shaped,
  trusted,
} from "../../../src/modes/agent/identity-shape.ts";

const id = "0b7c2f1e-8a5d-4c37-9f26-3f7d1a2b4c5d";
const good = { envoy_id: id, hostname: "web1", server_id: id, servers: ["s:1530"], api: "s:8443" };
const key = { id: "k1", public_key: "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=" };

const read = <T>(shape: Shape<T>, value: unknown) => shaped(shape, JSON.stringify(value));

describe("files of an identity", () => {
  test("are what they say", () => {
    expect(read(about, good)).toEqual(good);
    expect(read(trusted, { bundle_keys: [key] })).toEqual({ bundle_keys: [key] });
    expect(read(trusted, { bundle_keys: [] })).toEqual({ bundle_keys: [] });
    const low = { policy_version: "0", issued_at_ms: "1732000000000" };
    expect(read(floor, low)).toEqual(low);
  });

  test.each<[string, Shape<unknown>, unknown, string]>([
    ["no map", about, ["x"], "it is no map"],
    ["nothing", about, null, "it is no map"],
    ["an id that is none", about, { ...good, envoy_id: "web1" }, "envoy_id is wrong or missing"],
    ["a name that is none", about, { ...good, hostname: 1 }, "hostname is wrong or missing"],
    ["no server", about, { ...good, servers: [] }, "servers is wrong or missing"],
    ["a server that is none", about, { ...good, servers: [1] }, "servers is wrong or missing"],
    ["less", about, { ...good, api: undefined }, "api is wrong or missing"],
    ["more", about, { ...good, colour: "red" }, "colour is not known"],
    [
      "a key that is no base64",
      trusted,
      { bundle_keys: [{ ...key, public_key: "A" }] },
      "bundle_keys is wrong or missing",
    ],
    [
      "a key with more to it",
      trusted,
      { bundle_keys: [{ ...key, more: 1 }] },
      "bundle_keys is wrong or missing",
    ],
    [
      "a floor below zero",
      floor,
      { policy_version: "-1", issued_at_ms: "1" },
      "policy_version is wrong or missing",
    ],
  ])("%s", (_, shape, value, says) => {
    expect(() => read(shape, value)).toThrow(says);
  });

  test("cut short", () => {
    expect(() => shaped(about, '{"envoy_id":')).toThrow(SyntaxError);
  });
});
