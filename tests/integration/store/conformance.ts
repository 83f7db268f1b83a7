/** What every store must do, written against the interface only. `open` gives a store over the same empty place each time. */
import { describe, expect, test } from "bun:test";
import { firstBroken } from "../../../src/modes/server/audit/chain.ts";
import type { Store } from "../../../src/modes/server/store/store.ts";
import { historyConformance } from "./history.ts";
import { enrolled, entry, envoy, request, run, token } from "./rows.ts";
import { strangeTextConformance } from "./strange-texts.ts";
import { taskConformance } from "./tasks.ts";
import { person } from "../../support/people.ts";
import type { UserRow } from "../../../src/modes/server/store/identity.ts";

/** A place where a store can be opened again and again; `remove` takes it away. */
export interface Place {
  open(): Promise<Store>;
  remove(): Promise<void>;
}

export function storeConformance(name: string, makePlace: () => Promise<Place>): void {
  /** Runs `first`, closes, opens again and runs `then`: what was promised must be there. */
  const kept = async (
    first: (store: Store) => Promise<void>,
    then: (store: Store) => Promise<void>,
  ) => {
    const place = await makePlace();
    try {
      for (const step of [first, then]) {
        const store = await place.open();
        try {
          await step(store);
        } finally {
          await store.close();
        }
      }
    } finally {
      await place.remove();
    }
  };
  const fresh = (work: (store: Store) => Promise<void>) => kept(work, async () => {});

  taskConformance(name, kept);
  strangeTextConformance(name, kept);

  describe(`${name}: envoys`, () => {
    test("are kept whole, with and without what check-ins tell", () => {
      const one = envoy("e1", { tokenId: "t", revokedAt: undefined });
      const seen = {
        id: "e1",
        lastSeenAt: 7_000,
        agentVersion: "1.2.3",
        bootId: "b",
        reportedHostname: "other",
        machineId: "moved",
        policyVersion: 42,
        bodyDigest: "ab",
        traitsRoot: "r1:cd",
      };
      return kept(
        async (store) => {
          await store.envoys.enrol({
            envoy: one,
            use: undefined,
            requestId: undefined,
            audit: entry(),
          });
          expect(await store.envoys.all()).toEqual([one]);
          expect(Object.keys((await store.envoys.all())[0] ?? {})).not.toContain("lastSeenAt");
          await store.envoys.seen([seen, { ...seen, id: "nobody" }]);
        },
        async (store) => {
          expect(await store.envoys.all()).toEqual([{ ...one, ...seen }]);
          expect(await store.envoys.findByKey(one.publicKey)).toEqual({
            ...one,
            machineId: "moved",
          });
          expect(await store.envoys.findByKey(new Uint8Array(32))).toBeUndefined();
        },
      );
    });

    test("enrol with a token that has a use left, and not otherwise", () =>
      fresh(async (store) => {
        await store.tokens.insert(token("one", { usesLeft: 1 }), entry());
        await store.tokens.insert(token("old", { expiresAt: 2_000 }), entry());
        await store.tokens.insert(token("free"), entry());
        await store.tokens.insert(token("gone"), entry());
        await store.tokens.revoke("gone", 1_500, entry());
        const tries = ["one", "one", "old", "free", "free", "gone", "never"];
        const results = [];
        for (const [n, tokenId] of tries.entries())
          results.push(
            await store.envoys.enrol({
              envoy: envoy(`e${n}`, { tokenId }),
              use: { tokenId, now: 2_000 },
              requestId: undefined,
              audit: entry("envoy.enrol"),
            }),
          );
        expect(results).toEqual([true, false, false, true, true, false, false]);
        expect((await store.envoys.all()).map(({ id }) => id).sort()).toEqual(["e0", "e3", "e4"]);
        expect((await store.tokens.find("one"))?.usesLeft).toBe(0);
        const acts = await store.audit.page(100);
        expect(acts.filter(({ action }) => action === "envoy.enrol")).toHaveLength(3);
      }));

    test("take no use of the token when the key is taken", () =>
      fresh(async (store) => {
        const one = envoy("e1");
        const enrolment = {
          envoy: one,
          use: { tokenId: "t", now: 2_000 },
          requestId: undefined,
          audit: entry(),
        };
        await store.tokens.insert(token("t", { usesLeft: 5 }), entry());
        await store.envoys.enrol(enrolment);
        const again = { ...enrolment, envoy: { ...one, id: "e2" } };
        await expect(store.envoys.enrol(again)).rejects.toThrow();
        expect((await store.tokens.find("t"))?.usesLeft).toBe(4);
        expect(await store.audit.page(10)).toHaveLength(2);
      }));

    test("use up a token exactly, however many ask at once", () =>
      fresh(async (store) => {
        await store.tokens.insert(token("t", { usesLeft: 3 }), entry());
        const tries = Array.from({ length: 10 }, (_, n) =>
          store.envoys.enrol({
            envoy: envoy(`e${n}`),
            use: { tokenId: "t", now: 2_000 },
            requestId: undefined,
            audit: entry(),
          }),
        );
        expect((await Promise.all(tries)).filter(Boolean)).toHaveLength(3);
        expect(await store.envoys.all()).toHaveLength(3);
      }));

    test("are revoked once, renamed, and renewed", () =>
      fresh(async (store) => {
        await enrolled(store, "e1");
        expect((await store.envoys.revoke("e1", 3_000, entry("envoy.revoke")))?.revokedAt).toBe(
          3_000,
        );
        expect((await store.envoys.revoke("e1", 4_000, entry("envoy.revoke")))?.revokedAt).toBe(
          3_000,
        );
        expect(await store.envoys.revoke("e2", 4_000, entry("envoy.revoke"))).toBeUndefined();
        expect((await store.envoys.rename("e1", "new", entry("envoy.rename")))?.hostname).toBe(
          "new",
        );
        expect(await store.envoys.rename("e2", "new", entry("envoy.rename"))).toBeUndefined();
        const renewed = {
          certificate: "second",
          previous: "shown",
          expiresAt: 6_000,
          trusts: "both",
        };
        await store.envoys.renewCertificate("e1", renewed);
        expect((await store.envoys.all())[0]).toMatchObject({
          certificate: "second",
          previousCertificate: "shown",
          certificateExpiresAt: 6_000,
          trusts: "both",
        });
        const acts = (await store.audit.page(10)).map(({ action }) => action);
        expect(acts).toEqual(["envoy.rename", "envoy.revoke", "envoy.enrol"]);
      }));

    test("are let alone, written about, and forgotten when they are revoked", () =>
      fresh(async (store) => {
        await enrolled(store, "e1");
        const [row] = await store.envoys.all();
        expect([row?.maintenanceUntil, row?.note]).toEqual([undefined, undefined]);
        await store.envoys.maintain("e1", 5_000, entry("envoy.maintenance"));
        await store.envoys.note("e1", "moves soon", entry("envoy.note"));
        expect((await store.envoys.all())[0]).toMatchObject({
          maintenanceUntil: 5_000,
          note: "moves soon",
        });
        await store.envoys.note("e1", "", entry("envoy.note"));
        const ended = await store.envoys.maintain("e1", undefined, entry("envoy.maintenance_end"));
        expect([ended?.maintenanceUntil, ended?.note]).toEqual([undefined, undefined]);
        expect(await store.envoys.maintain("e2", 1, entry())).toBeUndefined();
        expect(await store.envoys.note("e2", "x", entry())).toBeUndefined();
        await store.runs.record("e1", [run("e1", 1)], []);
        expect(await store.envoys.delete("e1", entry("envoy.delete"))).toBe(false);
        await store.envoys.revoke("e1", 3_000, entry("envoy.revoke"));
        expect(await store.envoys.delete("e1", entry("envoy.delete"))).toBe(true);
        expect(await store.envoys.delete("e1", entry("envoy.delete"))).toBe(false);
        expect(await store.envoys.all()).toEqual([]);
        expect(await store.runs.find("e1", 1)).toBeUndefined();
        const acts = (await store.audit.page(20)).map(({ action }) => action);
        expect(acts.filter((act) => act === "envoy.delete")).toHaveLength(1);
      }));

    test("get a certificate for one use of a token, or none at all", () =>
      fresh(async (store) => {
        await enrolled(store, "e1");
        await store.tokens.insert(token("t", { usesLeft: 1 }), entry());
        const reissue = (certificate: string) =>
          store.envoys.reissue({
            id: "e1",
            renewed: { certificate, previous: "shown", expiresAt: 6_000, trusts: "both" },
            use: { tokenId: "t", now: 2_000 },
            audit: entry("envoy.reissue"),
          });
        expect([await reissue("second"), await reissue("third")]).toEqual([true, false]);
        expect((await store.envoys.all())[0]).toMatchObject({
          certificate: "second",
          previousCertificate: "shown",
          certificateExpiresAt: 6_000,
        });
        const acts = (await store.audit.page(10)).map(({ action }) => action);
        expect(acts.filter((act) => act === "envoy.reissue")).toHaveLength(1);
      }));
  });

  describe(`${name}: traits`, () => {
    test("keep any JSON, and the newest of a section", () =>
      kept(
        async (store) => {
          await enrolled(store, "e1", "e2");
          const row = { envoyId: "e1", hash: "1", collectedAt: 1_000, stale: false };
          await store.traits.put([
            { ...row, section: "os", value: { distro: "debian" } },
            { ...row, section: "none", value: null },
            { ...row, section: "list", value: [1, "ü", true, { deep: [] }] },
          ]);
          await store.traits.put([{ ...row, section: "os", value: "new", hash: "2", stale: true }]);
          const gone = { ...row, envoyId: "deleted meanwhile", section: "os", value: 1 };
          await store.traits.put([gone, { ...row, envoyId: "e2", section: "os", value: 1 }]);
        },
        async (store) => {
          expect(await store.traits.of("e1")).toEqual([
            {
              envoyId: "e1",
              section: "list",
              value: [1, "ü", true, { deep: [] }],
              hash: "1",
              collectedAt: 1_000,
              stale: false,
            },
            {
              envoyId: "e1",
              section: "none",
              value: null,
              hash: "1",
              collectedAt: 1_000,
              stale: false,
            },
            {
              envoyId: "e1",
              section: "os",
              value: "new",
              hash: "2",
              collectedAt: 1_000,
              stale: true,
            },
          ]);
          const some = await store.traits.some("e1", ["os", "list", "never"]);
          expect(some.toSorted((one, other) => (one.section < other.section ? -1 : 1))).toEqual([
            { section: "list", value: [1, "ü", true, { deep: [] }] },
            { section: "os", value: "new" },
          ]);
          expect(await store.traits.some("e1", ["none"])).toEqual([
            { section: "none", value: null },
          ]);
          expect(await store.traits.some("e1", [])).toEqual([]);
          expect(await store.traits.hashes(["e1", "e2"])).toHaveLength(4);
          expect(await store.traits.hashes(["e1", "e2"])).toContainEqual({
            envoyId: "e1",
            section: "os",
            hash: "2",
          });
        },
      ));
  });

  describe(`${name}: tokens and requests`, () => {
    test("tokens are listed newest first, and revoked once", () =>
      kept(
        async (store) => {
          await store.tokens.insert(token("a"), entry("token.create"));
          await store.tokens.insert(
            token("b", { createdAt: 2_000, match: "web-*", usesLeft: 2 }),
            entry("token.create"),
          );
          await store.tokens.revoke("a", 3_000, entry("token.revoke"));
          expect((await store.tokens.revoke("a", 4_000, entry("token.revoke")))?.revokedAt).toBe(
            3_000,
          );
          expect(await store.tokens.revoke("c", 4_000, entry("token.revoke"))).toBeUndefined();
        },
        async (store) => {
          expect(await store.tokens.all()).toEqual([
            token("b", { createdAt: 2_000, match: "web-*", usesLeft: 2 }),
            token("a", { revokedAt: 3_000 }),
          ]);
          expect(await store.audit.page(10)).toHaveLength(3);
        },
      ));

    test("requests wait, are decided once, and remember whom they became", () =>
      fresh(async (store) => {
        await store.tokens.insert(token("t", { usesLeft: 2 }), entry());
        const [one, two] = [request("r1"), request("r2", { requestedAt: 3_000 })];
        expect(await store.requests.insert(one, entry())).toBe(true);
        expect(await store.requests.insert(two, entry())).toBe(true);
        expect(await store.requests.insert(request("r3"), entry())).toBe(false);
        expect(await store.requests.page("waiting", 10)).toEqual([two, one]);
        expect(await store.requests.findByKey(one.publicKey)).toEqual(one);
        const approved = await store.requests.decide("r1", "approved", 4_000, entry());
        expect(approved).toEqual({ ...one, state: "approved", decidedAt: 4_000 });
        expect(await store.requests.decide("r1", "rejected", 5_000, entry())).toBeUndefined();
        expect(await store.requests.count("waiting")).toBe(1);
        await store.envoys.enrol({
          envoy: envoy("e1"),
          use: undefined,
          requestId: "r1",
          audit: entry(),
        });
        expect((await store.requests.find("r1"))?.envoyId).toBe("e1");
      }));
  });

  describe(`${name}: runs`, () => {
    test("are kept whole, once, and paged newest first", () =>
      kept(
        async (store) => {
          await enrolled(store, "e1", "e2");
          await store.runs.record("e1", [run("e1", 1), run("e1", 2, { outcome: "failed" })], []);
          await store.runs.record("e1", [run("e1", 1, { outcome: "ok" }), run("e1", 3)], []);
          await store.runs.record("e2", [run("e2", 1)], []);
        },
        async (store) => {
          expect(await store.runs.find("e1", 1)).toEqual(run("e1", 1));
          expect(await store.runs.find("e1", 9)).toBeUndefined();
          const pages: string[] = [];
          let before: { startedAt: number; envoyId: string; number: number } | undefined;
          for (;;) {
            const page = await store.runs.page({ limit: 1, ...(before && { before }) });
            before = page.at(-1);
            if (before === undefined) break;
            pages.push(`${before.envoyId}/${before.number}`);
            expect(page[0]).not.toHaveProperty("resources");
          }
          expect(pages).toEqual(["e1/3", "e1/2", "e2/1", "e1/1"]);
          expect(await store.runs.page({ limit: 9, outcome: "failed" })).toHaveLength(1);
          expect(await store.runs.page({ limit: 9, envoyId: "e2" })).toHaveLength(1);
        },
      ));

    test("give the newest of each envoy", () =>
      fresh(async (store) => {
        await enrolled(store, "e1", "e2");
        await store.runs.record(
          "e1",
          [1, 2, 3, 4].map((n) => run("e1", n)),
          [],
        );
        await store.runs.record("e2", [run("e2", 7)], []);
        const heads = await store.runs.newest(2);
        expect(heads.map(({ envoyId, number }) => [envoyId, number])).toEqual([
          ["e1", 4],
          ["e1", 3],
          ["e2", 7],
        ]);
        expect(heads[0]?.causes).toEqual(["drift"]);
      }));

    test("grow a span, and never shrink it", () =>
      fresh(async (store) => {
        await enrolled(store, "e1", "e2");
        const span = { envoyId: "e1", first: 5, last: 7, firstAt: 5_000, lastAt: 7_000 };
        const older = { envoyId: "e1", first: 1, last: 3, firstAt: 1_000, lastAt: 3_000 };
        await store.runs.recordSpans([span, { ...span, envoyId: "e2" }]);
        await store.runs.record("e1", [], [{ ...span, last: 9, lastAt: 9_000 }, older]);
        await store.runs.recordSpans([span]);
        expect(await store.runs.spans("e1", 9)).toEqual([
          { ...span, last: 9, lastAt: 9_000 },
          older,
        ]);
        expect(await store.runs.spans("e1", 1)).toHaveLength(1);
        expect(
          (await store.runs.newestSpans()).map(({ envoyId, first }) => [envoyId, first]).sort(),
        ).toEqual([
          ["e1", 5],
          ["e2", 5],
        ]);
      }));

    test("of one envoy are all there or none, and a bad one harms no neighbour", () =>
      fresh(async (store) => {
        await enrolled(store, "e1");
        const [good, bad] = await Promise.allSettled([
          store.runs.record("e1", [run("e1", 1)], []),
          store.runs.record("unknown", [run("unknown", 1)], []),
        ]);
        expect([good.status, bad.status]).toEqual(["fulfilled", "rejected"]);
        expect(await store.runs.page({ limit: 9 })).toHaveLength(1);
      }));

    test("a thousand at once are all kept", () =>
      fresh(async (store) => {
        await enrolled(store, "e1");
        const numbers = Array.from({ length: 1_200 }, (_, n) => n + 1);
        await Promise.all(numbers.map((n) => store.runs.record("e1", [run("e1", n)], [])));
        expect(await store.runs.page({ limit: 2_000 })).toHaveLength(1_200);
      }));

    test("are forgotten by age", () =>
      fresh(async (store) => {
        await enrolled(store, "e1");
        const span = { envoyId: "e1", first: 1, last: 2, firstAt: 1_000, lastAt: 2_000 };
        await store.runs.record("e1", [run("e1", 3), run("e1", 9)], [span]);
        expect(await store.runs.prune(5_000, 100)).toBe(2);
        expect((await store.runs.page({ limit: 9 })).map(({ number }) => number)).toEqual([9]);
        expect(await store.runs.spans("e1", 9)).toEqual([]);
      }));
  });

  historyConformance(name, fresh);

  describe(`${name}: audit, users, facts`, () => {
    test("the audit log is paged and chained", () =>
      kept(
        async (store) => {
          for (let n = 0; n < 5; n++) await store.audit.append(entry(`act.${n}`, { n, text: "ß" }));
        },
        async (store) => {
          await store.audit.append(entry("act.5"));
          const [newest, ...rest] = await store.audit.page(3);
          expect(newest).toMatchObject({ id: 6, action: "act.5", detail: null });
          expect(rest.map(({ id }) => id)).toEqual([5, 4]);
          expect((await store.audit.page(9, 4)).map(({ id }) => id)).toEqual([3, 2, 1]);
          expect((await store.audit.after(4, 9)).map(({ id }) => id)).toEqual([5, 6]);
          expect(await firstBroken(store.audit)).toBeUndefined();
          await store.audit.tell([entry("act.6"), entry("act.7")], ["told", "7"]);
          expect((await store.audit.page(2)).map(({ action }) => action)).toEqual([
            "act.7",
            "act.6",
          ]);
          expect(await store.meta.get("told")).toBe("7");
          expect(await firstBroken(store.audit)).toBeUndefined();
        },
      ));

    test("users, API tokens and facts are kept", () =>
      kept(
        async (store) => {
          const admin = person("admin");
          expect(await store.users.insert(admin, entry())).toBe(true);
          expect(await store.users.insert({ ...admin, role: "viewer" }, entry())).toBe(false);
          const to = (row: UserRow) => ({ ...row, passwordHash: "$argon2id$2" });
          expect((await store.users.change("admin", to, entry()))?.role).toBe("admin");
          await store.apiTokens.insert(
            {
              id: "a",
              secretHash: "h",
              userName: "admin",
              label: "",
              kind: "login",
              createdAt: 1,
              expiresAt: 2,
              revokedAt: undefined,
            },
            entry(),
          );
          await store.apiTokens.revoke("a", 5, entry());
          await store.apiTokens.revoke("a", 6, entry());
          expect(await store.apiTokens.revoke("b", 6, entry())).toBeUndefined();
          await store.meta.set("server_id", "one");
          await store.meta.set("server_id", "two");
        },
        async (store) => {
          expect((await store.users.find("admin"))?.passwordHash).toBe("$argon2id$2");
          expect(await store.users.find("nobody")).toBeUndefined();
          expect((await store.apiTokens.find("a"))?.revokedAt).toBe(5);
          expect(await store.meta.get("server_id")).toBe("two");
          expect(await store.meta.get("nothing")).toBeUndefined();
          expect(await store.size()).toBeGreaterThan(0);
          expect(await store.examine()).toEqual([]);
        },
      ));

    test("a user's logins end with a change of the user, but for one", () =>
      kept(
        async (store) => {
          await store.users.insert(person("eve"), entry());
          await store.users.insert(person("bob", { origin: "oidc https://idp 7" }), entry());
          const session = { secretHash: "h", userName: "eve", createdAt: 1, seenAt: 1 };
          for (const id of ["s1", "s2"]) await store.sessions.insert({ ...session, id }, entry());
          const token = { secretHash: "h", userName: "eve", label: "", createdAt: 1, expiresAt: 9 };
          for (const [id, kind] of [
            ["t1", "login"],
            ["t2", "made"],
          ] as const)
            await store.apiTokens.insert({ ...token, id, kind, revokedAt: undefined }, entry());
          const totp = { secret: "S", lastStep: 7, recovery: ["a"], confirmedAt: 3 };
          const to = (row: UserRow) => ({ ...row, totp, disabledAt: 5 });
          await store.users.change("eve", to, entry("ended"), { at: 5, except: "s2" });
          expect((await store.audit.page(1))[0]?.action).toBe("ended");
          expect(await store.users.change("eve", () => undefined, entry("never"))).toBeUndefined();
          expect(await store.users.change("nobody", to, entry("never"))).toBeUndefined();
          expect((await store.audit.page(1))[0]?.action).toBe("ended");
        },
        async (store) => {
          const totp = { secret: "S", lastStep: 7, recovery: ["a"], confirmedAt: 3 };
          expect(await store.users.find("eve")).toEqual(person("eve", { totp, disabledAt: 5 }));
          expect((await store.users.findByOrigin("oidc https://idp 7"))?.name).toBe("bob");
          expect(await store.users.findByOrigin("oidc https://idp 8")).toBeUndefined();
          expect((await store.users.page(1)).map(({ name }) => name)).toEqual(["bob"]);
          expect((await store.users.page(9, "bob")).map(({ name }) => name)).toEqual(["eve"]);
          expect(await store.sessions.find("s1")).toBeUndefined();
          expect((await store.sessions.find("s2"))?.userName).toBe("eve");
          expect((await store.apiTokens.find("t1"))?.revokedAt).toBe(5);
          expect((await store.apiTokens.find("t2"))?.revokedAt).toBeUndefined();
          expect((await store.apiTokens.page(9, "eve")).map(({ id }) => id)).toEqual(["t1", "t2"]);
          const after = { createdAt: 1, id: "t1" };
          expect((await store.apiTokens.page(9, undefined, after)).map(({ id }) => id)).toEqual([
            "t2",
          ]);
          await store.sessions.seen("s2", 50);
          expect(await store.sessions.prune(50, 1)).toBe(0);
          expect(await store.sessions.prune(51, 1)).toBe(1);
        },
      ));

    test("rollouts are kept with what is known of envoys, of the newest one only", () =>
      kept(
        async (store) => {
          expect(await store.rollouts.find(1)).toBeUndefined();
          await store.rollouts.put({ version: 1, state: { stage: 0 } }, [], undefined);
          const first = [
            { envoyId: "b", state: { before: "good" } },
            { envoyId: "a", state: null },
          ];
          await store.rollouts.put({ version: 1, state: { stage: 1 } }, first, entry("widened"));
          const more = [{ envoyId: "a", state: { before: 7 } }];
          await store.rollouts.put({ version: 1, state: { stage: 2 } }, more, undefined);
          const seven = { envoyId: "a", state: { before: 7 } };
          expect(await store.rollouts.members(1)).toEqual([seven, first[0] ?? seven]);
          expect((await store.audit.page(1))[0]?.action).toBe("widened");
        },
        async (store) => {
          expect(await store.rollouts.find(1)).toEqual({ version: 1, state: { stage: 2 } });
          expect(await store.rollouts.members(1)).toHaveLength(2);
          await store.rollouts.put({ version: 2, state: {} }, [], undefined);
          expect(await store.rollouts.members(1)).toEqual([]);
          expect(await store.rollouts.members(2)).toEqual([]);
          expect(await store.rollouts.find(1)).toBeDefined();
        },
      ));

    test("alerts are kept with what is to be sent, until it is sent, given up, or old", () =>
      kept(
        async (store) => {
          const alert = {
            at: 10,
            kind: "run.failed",
            severity: "warning",
            subject: "web-1",
            title: "t",
            detail: { reason: "é\u0000" },
            about: "envoy 1",
          };
          const to = (...targets: string[]) => targets.map((target) => ({ target, nextAt: 20 }));
          await store.alerts.add([{ alert, deliveries: to("mail", "hook") }], {
            "alerts.audit": "3",
          });
          await store.alerts.add([{ alert: { ...alert, at: 30 }, deliveries: [] }], {});
          expect(await store.alerts.due(19, 10)).toEqual([]);
          const due = await store.alerts.due(20, 10);
          expect(due.map(([{ target }, { title }]) => [target, title])).toEqual([
            ["mail", "t"],
            ["hook", "t"],
          ]);
          expect(await store.alerts.due(20, 1)).toHaveLength(1);
          const over = { attempts: 1, nextAt: 20, endedAt: 25 };
          await store.alerts.settle(1, { ...over, state: "sent", error: undefined });
          await store.alerts.settle(2, { ...over, state: "dead", error: "no" });
          expect(await store.alerts.retry(1, 40, entry("retried"))).toBeUndefined();
        },
        async (store) => {
          expect(await store.meta.get("alerts.audit")).toBe("3");
          expect((await store.alerts.page(10)).map(({ id, at }) => [id, at])).toEqual([
            [2, 30],
            [1, 10],
          ]);
          expect((await store.alerts.page(10, 2))[0]?.detail).toEqual({ reason: "é\u0000" });
          const dead = await store.alerts.deliveries(10, undefined, "dead");
          expect(dead.map(([row]) => row)).toEqual([
            {
              id: 2,
              alertId: 1,
              target: "hook",
              state: "dead",
              attempts: 1,
              nextAt: 20,
              endedAt: 25,
              error: "no",
            },
          ]);
          expect((await store.alerts.deliveries(10, 2)).map(([{ id }]) => id)).toEqual([1]);
          expect(await store.alerts.retry(2, 40, entry("retried"))).toMatchObject({
            state: "waiting",
            attempts: 0,
          });
          expect((await store.audit.page(1))[0]?.action).toBe("retried");
          expect(await store.alerts.due(40, 10)).toHaveLength(1);
          expect(await store.alerts.prune(30)).toBe(1);
          expect(await store.alerts.deliveries(10)).toEqual([]);
          expect(await store.alerts.page(10)).toHaveLength(1);
        },
      ));
  });
}
