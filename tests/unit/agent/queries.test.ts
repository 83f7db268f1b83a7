import type { Section } from "../../../src/core/collect.ts";
import { create, toBinary, type MessageInitShape } from "@bufbuild/protobuf";
import { beforeEach, describe, expect, test } from "bun:test";
import { z } from "zod";
import { VigoError } from "../../../src/core/errors.ts";
import { keyId, newKeyPair, signingKey, verifyKey } from "../../../src/core/pki/keys.ts";
import { type AnyTraitType, defineTrait } from "../../../src/core/trait.ts";
import {
  OrderKind,
  QuerySchema,
  type SignedOrder,
} from "../../../src/core/wire/gen/vigo/v1/agent_pb.ts";
import { sealOrder } from "../../../src/core/wire/order.ts";
import { Redactor } from "../../../src/core/redact.ts";
import { HiddenTraits } from "../../../src/modes/agent/hidden-traits.ts";
import { Queries } from "../../../src/modes/agent/queries.ts";
import { fakeHost } from "../../support/fake-host.ts";

const envoyId = "11111111-2222-4333-8444-555555555555";
const pair = newKeyPair();
const signing = { id: keyId(pair.publicKey), key: signingKey(pair.seed) };
const stranger = newKeyPair();

/** How often each was collected. */
const collected: string[] = [];
const value = z.strictObject({ word: z.string(), n: z.int() });
const trait = (
  name: string,
  collect: AnyTraitType["collect"] = async () => ({ word: name, n: collected.length }),
): AnyTraitType =>
  defineTrait({
    name,
    summary: "For tests.",
    platforms: ["linux"],
    keep: "boot",
    value,
    example: { word: "x", n: 1 },
    collect: (host, collecting) => {
      collected.push(name);
      return collect(host, collecting);
    },
  });

let clock = 1_000_000;
const logged: string[] = [];
const note = (event: string, fields?: object) =>
  void logged.push(`${event} ${JSON.stringify(fields ?? {})}`);
const stuck = Promise.withResolvers<never>();
const traits = [
  trait("one"),
  trait("two"),
  trait("absent", async () => undefined),
  trait("broken", async () => {
    throw new VigoError("failed", "out of order");
  }),
  trait("partly", async (_, { failed }) => {
    failed("half", new VigoError("failed", "half is gone"));
    return { word: "partly", n: 1 };
  }),
  trait("stuck", () => stuck.promise),
  trait("secretive", async () => ({ word: "key=tok_12345678", n: 1 })),
  trait("talkative", async () => {
    throw new VigoError("failed", "no broken-arrow");
  }),
];

let queries: Queries;
let redactor: Redactor;
let lacksSecrets: boolean;
let kept: readonly Section[];
const old: Section = {
  name: "one",
  value: { word: "old", n: 0 },
  hash: "",
  collectedAt: 0,
  stale: false,
  bootId: "",
  cycles: 0,
};
beforeEach(() => {
  kept = [];
  redactor = new Redactor();
  lacksSecrets = false;
  collected.length = 0;
  logged.length = 0;
  queries = new Queries({
    traits,
    host: () => fakeHost().host,
    // A last value that is years old: what is asked is collected anew all the same.
    sections: () => [old],
    hidden: new HiddenTraits(
      redactor,
      () => lacksSecrets,
      () => kept,
    ),
    hostname: () => "web-1",
    trust: () => ({ envoyId, keys: new Map([[signing.id, verifyKey(pair.publicKey)]]) }),
    log: { info: note, warn: note, error: note },
    now: () => clock,
  });
});

let asked = 0;
const order = (
  query: MessageInitShape<typeof QuerySchema>,
  more: Partial<Parameters<typeof sealOrder>[0]> = {},
  by = signing,
): SignedOrder =>
  sealOrder(
    {
      kind: OrderKind.QUERY,
      id: `q-${asked++}`,
      envoyId: "",
      issuedAtMs: BigInt(clock),
      expiresAtMs: BigInt(clock + 10_000),
      payload: toBinary(
        QuerySchema,
        create(QuerySchema, { timeoutMs: 5_000, answerLimit: 10_000, ...query }),
      ),
      ...more,
    },
    by,
  );

async function ask(signed: SignedOrder) {
  const answer = await queries.answer(signed);
  if (answer === undefined) return undefined;
  const { values, error, passedOver } = answer;
  const text = new TextDecoder().decode(values);
  return { values: text === "" ? undefined : JSON.parse(text), error, passedOver };
}

describe("an answer", () => {
  test("is collected anew, and of nothing else than was asked", async () => {
    expect(await ask(order({ paths: ["one.word", "one.n"] }))).toEqual({
      values: ["one", 1],
      error: "",
      passedOver: false,
    });
    expect(collected).toEqual(["one"]);
  });

  test("is what holds for this machine", async () => {
    const where = 'traits.two.word == "two" && envoy.hostname == "web-1"';
    expect(await ask(order({ where, paths: ["one.word"] }))).toMatchObject({ values: ["one"] });
    expect([...collected].sort()).toEqual(["one", "two"]);
    expect(await ask(order({ where: 'traits.two.word == "x"', paths: ["one"] }))).toMatchObject({
      values: undefined,
      passedOver: true,
    });
    expect(await ask(order({ paths: ["absent.word", "one.none", "one"] }))).toMatchObject({
      values: [null, null, { word: "one" }],
    });
  });

  const errors: readonly (readonly [string, MessageInitShape<typeof QuerySchema>, RegExp])[] = [
    ["a collector that fails", { paths: ["broken.word"] }, /^broken: out of order$/],
    ["a trait of a later version", { paths: ["future.x"] }, /knows no trait future/],
    ["more than it may say", { paths: ["one"], answerLimit: 10 }, /^the answer has \d+ bytes/],
    ["longer than it may take", { paths: ["stuck"], timeoutMs: 30 }, /^took longer than 0.03 s$/],
    ["an undecided condition", { where: 'traits.absent.word == "x"' }, /absent/],
    ["no condition", { where: "this is none" }, /version/],
    ["a program", { where: 'file_exists("/etc/passwd")' }, /a query asks for traits only/],
  ];
  test.each(errors)("says why there is none: %s", async (_, query, why) => {
    const answer = await ask(order(query));
    expect(answer?.error).toMatch(why);
    expect(answer?.values).toBeUndefined();
  });

  test("says what is not whole in it", async () => {
    expect(await ask(order({ paths: ["partly.word"] }))).toMatchObject({
      values: ["partly"],
      error: "partly.half: half is gone",
    });
  });

  test("holds no secret that the machine knows, and is no way to guess at one", async () => {
    redactor.learn("broken-arrow");
    redactor.learn("tok_12345678");
    expect((await ask(order({ paths: ["partly", "secretive.word"] })))?.values).toEqual([
      { word: "partly", n: 1 },
      "key=******",
    ]);
    const where = 'traits.secretive.word == "key=tok_12345678"';
    expect(await ask(order({ where, paths: ["one"] }))).toMatchObject({ passedOver: true });
    expect((await ask(order({ paths: ["talkative"] })))?.error).toBe("talkative: no ******");
  });

  test("is not given before it is known what may not be told", async () => {
    lacksSecrets = true;
    kept = [{ ...old, value: { word: "one", n: 3 } }];
    const answer = await ask(order({ paths: ["two"] }));
    expect(answer?.error).toContain("does not know its secrets yet");
    expect(answer?.values).toBeUndefined();
    // Nor what a program says in its trouble.
    const trouble = await ask(order({ paths: ["talkative"] }));
    expect(trouble?.error).toContain("what is new in talkative might hold one");
    expect(trouble?.error).not.toContain("broken-arrow");
    // What it was free to say before, it may say again.
    expect(await ask(order({ paths: ["one"] }))).toMatchObject({ error: "" });
    const both = await ask(order({ paths: ["one", "secretive.n"] }));
    expect([both?.values, both?.error]).toEqual([
      undefined,
      expect.stringContaining("secretive might hold one"),
    ]);
    const where = 'traits.secretive.word == "key=tok_12345678"';
    expect((await ask(order({ where, paths: ["one"] })))?.error).toContain("secretive");
  });

  test("is given to four at once", async () => {
    const slow = Array.from({ length: 4 }, () => ask(order({ paths: ["stuck"], timeoutMs: 200 })));
    expect((await ask(order({ paths: ["one"] })))?.error).toContain("4 queries are being answered");
    for (const one of await Promise.all(slow)) expect(one?.error).toContain("took longer");
  });
});

describe("an order that is refused", () => {
  const never: readonly (readonly [string, () => SignedOrder, RegExp])[] = [
    [
      "signed by a key that it does not trust",
      () => order({ paths: ["one"] }, {}, { id: "x", key: signingKey(stranger.seed) }),
      /does not trust/,
    ],
    [
      "signed by another key under a trusted name",
      () => order({ paths: ["one"] }, {}, { id: signing.id, key: signingKey(stranger.seed) }),
      /signature is wrong/,
    ],
    [
      "for another envoy",
      () => order({ paths: ["one"] }, { envoyId: "22222222-2222-4333-8444-555555555555" }),
      /is for envoy 2222/,
    ],
    [
      "that has expired",
      () => order({ paths: ["one"] }, { expiresAtMs: BigInt(clock) }),
      /too late/,
    ],
    [
      "that was changed on its way",
      () => {
        const signed = order({ paths: ["one"] });
        const bytes = signed.order.slice();
        bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1;
        return { ...signed, order: bytes };
      },
      /refused|cannot be read/,
    ],
    ["with too many paths", () => order({ paths: Array(33).fill("one") }), /more than 32/],
    [
      "that is no query",
      () => order({ paths: ["one"] }, { kind: OrderKind.TASK, envoyId }),
      /no query/,
    ],
    [
      "for all, and no query",
      () => order({ paths: ["one"] }, { kind: OrderKind.TASK }),
      /is for envoy/,
    ],
  ];
  test.each(never)("%s", async (_, make, why) => {
    expect(await ask(make())).toBeUndefined();
    expect(collected).toEqual([]);
    expect(logged.join("\n")).toMatch(why);
  });

  test("that comes again, until it has expired", async () => {
    const signed = order({ paths: ["one"] });
    expect(await ask(signed)).toBeDefined();
    expect(await ask(signed)).toBeUndefined();
    clock += 10_000;
    expect(await ask(signed)).toBeUndefined();
    expect(collected).toEqual(["one"]);
    expect(logged.at(-1)).toContain("too late");
  });

  test("that is one of too many", async () => {
    for (let n = 0; n < 1_000; n++) await ask(order({ paths: [] }));
    expect(await ask(order({ paths: ["one"] }))).toBeUndefined();
    expect(logged.at(-1)).toContain("too many");
    clock += 10_000;
    expect(await ask(order({ paths: ["one"] }))).toBeDefined();
  });
});
