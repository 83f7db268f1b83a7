/** Newcomers that come at once, or in thousands, over a store that takes its time. */
import { expect, test } from "bun:test";
import { newKeyPair } from "../../../src/core/pki/keys.ts";
import { enrolment } from "../../../src/modes/server/enrolment/enrol.ts";
import { printToken } from "../../../src/modes/server/enrolment/token.ts";
import { Fleet } from "../../../src/modes/server/envoys/fleet.ts";
import { hashOf } from "../../../src/modes/server/secret.ts";
import { enrolBody, envoyKey } from "../../integration/server/world.ts";
import { token as tokenRow } from "../../integration/store/rows.ts";

const parts = { id: "0".repeat(12), secret: "1".repeat(48), fingerprint: "2".repeat(64) };
const token = printToken(parts);

/** Of which `waiting` machines wait already. */
function world(waiting = 0) {
  const later = <T>(value: T): Promise<T> => Bun.sleep(1).then(() => value);
  const fleet = new Fleet({
    ...{ intervalMs: 1, offline: { factor: 2 }, divergedAfter: 3, traits: [] },
  });
  const row = tokenRow(parts.id, { secretHash: hashOf(parts.secret), expiresAt: 9e15 });
  const enrol = enrolment({
    store: {
      tokens: { find: () => later(row) },
      requests: {
        findByKey: () => later(undefined),
        count: () => later(waiting),
        insert: () => later(true),
      },
      envoys: { findByKey: () => later(undefined), enrol: () => later(true) },
    },
    fleet,
    authority: {
      ...{ fingerprint: parts.fingerprint, trusts: "first", trusted: "PEM" },
      issueClient: () =>
        later({ fingerprint: "f", expiresAt: 1, pem: "PEM", der: new Uint8Array() }),
    },
    bundleKey: { id: "k", publicKey: newKeyPair().publicKey },
    serverId: "s",
    ports: { grpc: 1 },
    now: () => 2_000,
    approved: () => ["*"],
    license: { assertRoom: () => {} },
    guessed: () => {},
  } as unknown as Parameters<typeof enrolment>[0]);
  const come = async (hostname: string) =>
    enrol((await enrolBody(token, hostname, envoyKey())) as Parameters<typeof enrol>[0], "a");
  return { come, fleet };
}

test("of many that ask for one name at the same moment one gets it, and the others wait", async () => {
  const { come, fleet } = world();
  const answers = await Promise.all(Array.from({ length: 5 }, () => come("web-1")));
  expect(answers.map(({ status }): string => status).sort()).toEqual([
    "enrolled",
    ...Array.from({ length: 4 }, () => "pending"),
  ]);
  expect(fleet.size).toBe(1);
});

test.each<[number, string]>([
  [999, "pending"],
  [1_000, "limited"],
])("when %p wait for a person already, one more is %s", async (waiting, outcome) => {
  const { come } = world(waiting);
  await come("web-1");
  const ended = await come("web-1").then(
    ({ status }): string => status,
    (error: { readonly failure: string }) => error.failure,
  );
  expect(ended).toBe(outcome);
});
