import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { certificateFacts } from "../../../src/core/pki/certificate.ts";
import { codeOf, envoyKey, enrolBody, makeWorld, hintOf, messageOf, type World } from "./world.ts";

let w: World;
beforeAll(async () => {
  w = await makeWorld();
});
afterAll(() => w.stop());

describe("enrolment", () => {
  test("gives an identity to a machine with a token", async () => {
    const answer = await w.enrol(await w.token(), "Web-1.example");
    expect(answer).toMatchObject({
      status: 200,
      body: { status: "enrolled", hostname: "web-1.example", grpc_port: w.running().ports.grpc },
    });
    const { certificate, ca, envoy_id } = answer.body;
    expect(certificateFacts(String(certificate)).issuedBy(String(ca))).toBe(true);
    const shown = await w.call("GET", `/envoys/${envoy_id}`);
    expect(shown.body).toMatchObject({
      hostname: "web-1.example",
      status: "no data",
      orphaned: false,
    });
    const byName = await w.call("GET", "/envoys/web-1.example");
    expect(byName.body["id"]).toBe(envoy_id);
  });

  test("gives the CA that the token's fingerprint proves", async () => {
    const { body } = await w.call("GET", "/ca", undefined, "");
    const fingerprint = (await w.token()).split("_")[3];
    expect(certificateFacts(String(body["ca"])).fingerprint).toBe(fingerprint ?? "");
  });

  test("answers a repeated request for the same identity, and takes no second use", async () => {
    const [token, key] = [await w.token({ uses: 1 }), envoyKey()];
    const first = await w.enrol(token, "twice", key);
    const second = await w.enrol(token, "twice", key);
    expect(second.body["envoy_id"]).toBe(first.body["envoy_id"]);
    expect(second.body["certificate"]).not.toBe(first.body["certificate"]);
  });

  test("another token lets a known key back in as who it is, for one use and an audit entry", async () => {
    const key = envoyKey();
    const first = await w.enrol(await w.token(), "again", key);
    const another = await w.token({ uses: 1 });
    const back = await w.enrol(another, "again", key);
    expect(back.body).toMatchObject({
      status: "enrolled",
      envoy_id: first.body["envoy_id"],
      hostname: "again",
    });
    const { entries } = (await w.call("GET", "/audit?limit=1")).body;
    expect(entries).toMatchObject([
      {
        action: "envoy.reissue",
        subject: first.body["envoy_id"],
        actor: `token ${another.split("_")[1]}`,
      },
    ]);
    const spent = await w.enrol(another, "again", key);
    expect([spent.status, messageOf(spent)]).toEqual([401, "this token is used up"]);
  });

  test("a token for other names does not let a known key back in under a name that it tells", async () => {
    const key = envoyKey();
    await w.enrol(await w.token(), "web-7", key);
    const answer = await w.enrol(await w.token({ match: "db-*" }), "db-7", key);
    expect([answer.status, messageOf(answer)]).toEqual([
      403,
      "this token enrols db-*, which web-7 is not",
    ]);
  });

  test("takes each use of a token once, however many ask at the same time", async () => {
    const token = await w.token({ uses: 3 });
    const answers = await Promise.all(
      Array.from({ length: 8 }, (_, n) => w.enrol(token, `crowd-${n}`)),
    );
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(3);
    const refused = answers.filter(({ status }) => status === 401);
    expect(refused).toHaveLength(5);
    expect(refused.map(messageOf).every((message) => message.includes("used up"))).toBe(true);
  });

  test("lets one of two that ask for one name at the same moment in, and the other wait", async () => {
    const token = await w.token({ uses: 2 });
    const answers = await Promise.all([w.enrol(token, "same"), w.enrol(token, "same")]);
    expect(answers.map(({ body }) => body["status"]).sort()).toEqual(["enrolled", "pending"]);
  });

  test.each([
    ["that is no token", async () => "vgt_1", 401, "this is no token"],
    [
      "that nobody made",
      async () => (await w.token()).replace(/^vgt_[0-9a-f]{12}/, "vgt_000000000000"),
      401,
      "not known here",
    ],
    [
      "with a wrong secret",
      async () => (await w.token()).replace(/_[0-9a-f]{48}_/, `_${"0".repeat(48)}_`),
      401,
      "not known here",
    ],
    [
      "of another CA",
      async () => (await w.token()).replace(/[0-9a-f]{64}$/, "0".repeat(64)),
      403,
      "another server",
    ],
    ["for other names", () => w.token({ match: "db-*" }), 403, "this token enrols db-*"],
    [
      "that has expired",
      async () => {
        const token = await w.token({ expires: "1ms" });
        await Bun.sleep(5);
        return token;
      },
      401,
      "has expired",
    ],
    [
      "that was withdrawn",
      async () => {
        const token = await w.token();
        await w.call("POST", `/tokens/${token.split("_")[1]}/revoke`);
        return token;
      },
      401,
      "was withdrawn",
    ],
    [
      "that is used up",
      async () => {
        const token = await w.token();
        await w.enrol(token, "user-up");
        return token;
      },
      401,
      "is used up",
    ],
  ])("refuses a token %s", async (_, make, status, message) => {
    const token = await make();
    const envoys = (await w.call("GET", "/envoys?limit=1000")).body["envoys"];
    const answer = await w.enrol(token, "refused-1");
    expect([answer.status, messageOf(answer)]).toEqual([status, expect.stringContaining(message)]);
    expect((await w.call("GET", "/envoys?limit=1000")).body["envoys"]).toEqual(envoys);
  });

  const bend = async (change: Record<string, unknown>) =>
    w.call(
      "POST",
      "/enroll",
      { ...(await enrolBody(await w.token(), "bent", envoyKey())), ...change },
      "",
    );
  test.each([
    [
      "a proof by another key",
      async () => {
        const { proof } = await enrolBody("t", "h", envoyKey());
        return bend({ proof });
      },
      403,
      "proof was not made by that key",
    ],
    ["a short key", () => bend({ public_key: "AAAA" }), 400, "32 bytes"],
    ["a hostname with a blank", () => bend({ hostname: "a b" }), 400, "must be a hostname"],
    ["an unknown field", () => bend({ hostnam: "x" }), 400, 'did you mean "hostname"?'],
    ["a body of 70 KB", () => bend({ machine_id: "m".repeat(70_000) }), 400, "larger than"],
  ])("refuses %s", async (_, ask, status, message) => {
    const answer = await ask();
    expect([answer.status, messageOf(answer)]).toEqual([status, expect.stringContaining(message)]);
  });

  test("a taken name waits for a person, who lets it in", async () => {
    const key = envoyKey();
    const [first, token] = [await w.enrol(await w.token(), "taken"), await w.token()];
    const asked = await w.enrol(token, "taken", key);
    expect(asked.body["status"]).toBe("pending");
    const again = await w.enrol(token, "taken", key);
    expect(again.body).toEqual(asked.body);
    const id = String(asked.body["request_id"]);
    const list = (await w.call("GET", "/enroll/pending")).body["pending"];
    expect(list).toContainEqual(
      expect.objectContaining({
        id,
        hostname: "taken",
        state: "waiting",
        key_fingerprint: asked.body["key_fingerprint"],
      }),
    );
    expect((await w.call("POST", `/enroll/pending/${id}/approve`)).body["state"]).toBe("approved");
    expect(codeOf(await w.call("POST", `/enroll/pending/${id}/reject`))).toBe("conflict");
    const welcomed = await w.enrol(token, "taken", key);
    expect(welcomed.body["status"]).toBe("enrolled");
    expect((await w.enrol(token, "taken", key)).body["envoy_id"]).toBe(welcomed.body["envoy_id"]);
    const old = await w.call("GET", `/envoys/${first.body["envoy_id"]}`);
    expect(old.body["orphaned"]).toBe(true);
  });

  test("a machine that is turned away stays out", async () => {
    const [key, token] = [envoyKey(), await w.token()];
    await w.enrol(await w.token(), "mine");
    const id = String((await w.enrol(token, "mine", key)).body["request_id"]);
    await w.call("POST", `/enroll/pending/${id}/reject`);
    const answer = await w.enrol(token, "mine", key);
    expect([answer.status, messageOf(answer)]).toEqual([
      403,
      "an admin has turned this machine away",
    ]);
    expect(hintOf(answer)).toContain("vigo agent bootstrap --force asks again");
    const elsewhere = await w.enrol(await w.token(), "mine", key);
    expect([elsewhere.status, hintOf(elsewhere)]).toEqual([
      409,
      expect.stringContaining("--force"),
    ]);
  });

  test("a revoked envoy does not come back with its key", async () => {
    const [key, token] = [envoyKey(), await w.token({ uses: 0 })];
    const { envoy_id } = (await w.enrol(token, "bad", key)).body;
    await w.call("POST", `/envoys/${envoy_id}/revoke`);
    const answer = await w.enrol(token, "bad", key);
    expect([answer.status, messageOf(answer)]).toEqual([403, "the envoy with this key is revoked"]);
    const newKey = await w.enrol(token, "bad");
    expect(newKey.body["status"]).toBe("enrolled");
  });
});
