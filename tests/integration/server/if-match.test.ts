/** Changes that hold only for what their caller has seen. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { readFile } from "node:fs/promises";
import { endpoints } from "../../../src/core/api/index.ts";
import { newCertificateRequest } from "../../../src/core/pki/csr.ts";
import { connectLink } from "../../../src/modes/agent/link.ts";
import { enrolBody, envoyKey, makeWorld, type World } from "./world.ts";

let w: World;
beforeAll(async () => {
  w = await makeWorld();
});
afterAll(() => w.stop());

async function ask(method: string, path: string, body?: unknown, tag?: string) {
  const headers: Record<string, string> = {
    authorization: `Bearer ${(await readFile(w.home.localToken, "utf8")).trim()}`,
    ...(tag !== undefined && { "if-match": tag }),
  };
  const init = { method, headers, ...(body !== undefined && { body: JSON.stringify(body) }) };
  const response = await w.fetch(`/api/v1${path}`, init);
  const answer = (await response.json()) as { readonly error?: { readonly code: string } };
  return { status: response.status, code: answer.error?.code, tag: response.headers.get("etag") };
}
const tagOf = async (path: string) => (await ask("GET", path)).tag ?? "";
const user = (name: string) => ({ name, role: "viewer", password: "long enough to be one" });

test("with the tag of what was read, a change is done; with an older one, it is not", async () => {
  const tag = await tagOf("/users");
  expect((await ask("POST", "/users", user("one"), tag)).status).toBe(200);
  expect(await ask("POST", "/users", user("two"), tag)).toMatchObject({
    status: 412,
    code: "outdated",
  });
  expect((await ask("GET", "/users")).tag).toBe(await tagOf("/users"));
  expect((await ask("POST", "/users/two/disable", {})).code).toBe("missing");
});

test("of many who saw the same, one changes it", async () => {
  const tag = await tagOf("/tokens");
  const answers = await Promise.all(
    Array.from({ length: 8 }, () => ask("POST", "/tokens", { label: "race" }, tag)),
  );
  expect(answers.map(({ status }) => status).sort()).toEqual([200, ...Array(7).fill(412)]);
  const { tokens } = (await w.call("GET", "/tokens")).body as { tokens: { label: string }[] };
  expect(tokens.filter(({ label }) => label === "race").length).toBe(1);
});

test("of one thing, by its own path; * holds for whatever is there", async () => {
  const { envoy_id: id } = (await w.enrol(await w.token(), "guarded")).body;
  const note = (text: string, tag: string) =>
    ask("POST", `/envoys/${id}/note`, { note: text }, tag);
  const tag = await tagOf(`/envoys/${id}`);
  expect((await note("first", tag)).status).toBe(200);
  expect((await note("second", tag)).status).toBe(412);
  expect((await note("third", "*")).status).toBe(200);
  expect((await note("fourth", `"0", ${await tagOf(`/envoys/${id}`)}`)).status).toBe(200);
  const nowhere = await ask("POST", "/envoys/nobody/note", { note: "x" }, "*");
  expect(nowhere.status).toBe(412);
});

test("what a machine tells of itself makes nothing outdated, and what people did does", async () => {
  const keys = envoyKey();
  const { csr, key } = await newCertificateRequest("x");
  const { body } = await w.call(
    "POST",
    "/enroll",
    await enrolBody(await w.token(), "lively", keys, csr),
    "",
  );
  const id = String(body["envoy_id"]);
  const path = `/envoys/${id}`;
  const seen = await tagOf(path);
  const link = connectLink({
    envoyId: id,
    serverId: String(body["server_id"]),
    servers: [`127.0.0.1:${w.running().ports.grpc}`],
    certificate: String(body["certificate"]),
    key,
    ca: String(body["ca"]),
    seed: keys.seed,
  });
  await link.checkIn({ hostname: "lively-2", agentVersion: "9.9", machineId: "m", bootId: "b" });
  link.close();
  const after = await tagOf(path);
  // To readers it is another answer.
  expect(after).not.toBe(seen);
  expect((await ask("POST", `${path}/note`, { note: "by who saw it before" }, seen)).status).toBe(
    200,
  );
  for (const stale of [seen, after])
    expect(await ask("POST", `${path}/note`, { note: "late" }, stale)).toMatchObject({
      status: 412,
      code: "outdated",
    });
  const now = await tagOf(path);
  // A weak tag proves nothing (RFC 9110, 13.1.1), nor does the part that is compared alone.
  for (const none of [`W/${now}`, `"${now.slice(1, 33)}"`])
    expect((await ask("POST", `${path}/note`, { note: "x" }, none)).status).toBe(412);
});

test("where nothing has a tag, the wish is refused rather than passed over", async () => {
  expect(await ask("POST", "/database/vacuum", {}, '"x"')).toMatchObject({ status: 400 });
});

test("who may not call is refused for that, whatever tag is shown", async () => {
  const response = await w.fetch("/api/v1/users", {
    method: "POST",
    headers: { "if-match": await tagOf("/users") },
  });
  expect(response.status).toBe(401);
});

test.each(endpoints.flatMap((one) => (one.edited === undefined ? [] : [[one.path, one] as const])))(
  "%s: what callers change is in its answer, and something changes it",
  (path, { edited = [], response }) => {
    const { shape } = response as unknown as { readonly shape: Readonly<Record<string, unknown>> };
    expect(Object.keys(shape)).toEqual(expect.arrayContaining([...edited]));
    expect(endpoints.some(({ shownBy }) => shownBy === path)).toBe(true);
  },
);

const readable = new Set(endpoints.filter((e) => e.method === "GET").map((e) => e.path));

test.each(endpoints.flatMap(({ path, shownBy }) => (shownBy ? [[path, shownBy] as const] : [])))(
  "%s is shown by an endpoint that is there: %s",
  (_, shownBy) => expect(readable).toContain(shownBy),
);
