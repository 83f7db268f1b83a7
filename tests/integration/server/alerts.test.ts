/** Alerts of a real server, through a real mail server and a real HTTP server, both of this test. */
import { writeFile } from "node:fs/promises";
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { createHmac } from "node:crypto";
import { resolve } from "node:path";
import { SMTPServer } from "smtp-server";
import { must } from "../../support/program.ts";
import { failure } from "../grpc/failure.ts";
import { join as enrolled } from "./join.ts";
import { makeWorld, type World } from "./world.ts";

setDefaultTimeout(60_000);

const secret = "a shared secret of the hook";
const main = resolve(import.meta.dir, "../../../src/main.ts");
let w: World;
let mails: string[];
let hooked: { readonly headers: Headers; readonly body: string; readonly path: string }[];
let answers: number[];
let mailServer: SMTPServer;
let hookServer: ReturnType<typeof Bun.serve>;

beforeAll(async () => {
  [mails, hooked, answers] = [[], [], []];
  mailServer = new SMTPServer({
    authOptional: true,
    disabledCommands: ["STARTTLS"],
    onData(stream, _session, done) {
      const parts: Buffer[] = [];
      stream.on("data", (part: Buffer) => parts.push(part));
      stream.on("end", () => {
        mails.push(Buffer.concat(parts).toString("utf8"));
        done();
      });
    },
  });
  await new Promise<void>((listening) => mailServer.listen(0, "127.0.0.1", listening));
  hookServer = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    async fetch(request) {
      const body = await request.text();
      const path = new URL(request.url).pathname;
      hooked.push({ headers: request.headers, body, path });
      const status = path === "/T0KEN" ? 302 : (answers.shift() ?? 200);
      const headers = status === 302 ? { location: "http://127.0.0.1:1/" } : {};
      return new Response("", { status, headers });
    },
  });
  const mailPort = (mailServer.server.address() as { port: number }).port;
  const at = `http://127.0.0.1:${hookServer.port}`;
  w =
    await makeWorld(`smtp: {host: 127.0.0.1, port: ${mailPort}, tls: none, from: vigo@example.org, to: [ops@example.org], events: ["*"]}
webhooks:
  - {name: chat, url: "${at}/chat", shape: slack, events: [envoy.*]}
  - {name: desk, url: "${at}/desk", secret: "${secret}", events: [envoy.revoked]}
`);
});
afterAll(async () => {
  await w?.stop();
  await hookServer?.stop(true);
  await new Promise<void>((closed) => mailServer?.close(closed));
});

async function until<T>(
  what: string,
  ask: () => T | undefined | Promise<T | undefined>,
): Promise<T> {
  const deadline = Date.now() + 30_000;
  while (Date.now() < deadline) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    await Bun.sleep(50);
  }
  throw new Error(`not within 30 s: ${what}`);
}

const deliveries = async (query = "") =>
  (await w.call("GET", `/alerts/deliveries?limit=50${query}`)).body["deliveries"] as readonly {
    readonly id: number;
    readonly target: string;
    readonly state: string;
    readonly attempts: number;
    readonly alert: { readonly kind: string };
  }[];

test("a test reaches each place, and says so", async () => {
  const { status, body } = await w.call("POST", "/alerts/test", {});
  expect(status).toBe(200);
  expect(body["deliveries"]).toMatchObject([
    { target: "desk", state: "sent" },
    { target: "chat", state: "sent" },
    { target: "mail", state: "sent" },
  ]);
  expect(mails[0]).toContain("Subject: [vigo info] A test from Vigo");
  expect(mails[0]).toContain("To: ops@example.org");
  expect(hooked.map(({ path }) => path).sort()).toEqual(["/chat", "/desk"]);
  expect((await w.call("POST", "/alerts/test", { target: "nobody" })).status).toBe(404);
});

test("what is sent is signed, with its time, and can be told from another", async () => {
  const { headers, body } = hooked.find(({ path }) => path === "/desk") ?? {
    headers: new Headers(),
    body: "",
  };
  const [, seconds = "", made] =
    /^t=(\d+),v1=([0-9a-f]{64})$/.exec(headers.get("vigo-signature") ?? "") ?? [];
  expect(createHmac("sha256", secret).update(`${seconds}.${body}`).digest("hex")).toBe(made ?? "");
  expect(Math.abs(Date.now() / 1000 - Number(seconds))).toBeLessThan(60);
  expect(headers.get("vigo-delivery")).toMatch(/^\d+$/);
  expect(hooked.find(({ path }) => path === "/chat")?.headers.has("vigo-signature")).toBe(false);
});

test("an enrolment and a revocation are told to those who asked for them; a failure is tried again", async () => {
  const { body } = await w.enrol(await w.token(), "web-1");
  await until("the mail of the enrolment", () =>
    mails.find((mail) => mail.includes("web-1 is enrolled")),
  );
  hooked.length = 0;
  answers.push(500, 500);
  await w.call("POST", `/envoys/${String(body["envoy_id"])}/revoke`, {});
  await until("the mail of the revocation", () =>
    mails.find((mail) => mail.includes("was revoked by")),
  );
  const failed = await until("both have been tried", async () => {
    const rows = (await deliveries()).filter(
      ({ alert, target }) => alert.kind === "envoy.revoked" && target !== "mail",
    );
    return rows.length === 2 && rows.every(({ attempts }) => attempts === 1) ? rows : undefined;
  });
  expect(failed.map(({ state }) => state)).toEqual(["waiting", "waiting"]);
  expect(hooked.map(({ path }) => path).sort()).toEqual(["/chat", "/desk"]);
});

test("what is refused for good is given up, counted, and can be sent again by hand", async () => {
  answers.push(404);
  await w.call("POST", "/alerts/test", { target: "desk" });
  const [dead] = await deliveries("&state=dead");
  expect(dead).toMatchObject({ target: "desk", state: "dead", attempts: 1 });
  const metrics = await (await w.fetch("/metrics")).text();
  expect(metrics).toMatch(/^vigo_webhook_failures_total 1$/m);
  const cli = { argv: [process.execPath, main, "cli"], cwd: w.home.folder };
  const words = ["--home", w.home.folder, "--json"];
  const listed = JSON.parse(await must(cli, ["alerts", "deliveries", "--state", "dead", ...words]));
  expect(listed.deliveries).toMatchObject([{ id: dead?.id }]);
  await must(cli, ["alerts", "retry", String(dead?.id), ...words]);
  await until("it is sent", async () => {
    const row = (await deliveries()).find(({ id }) => id === dead?.id);
    return row?.state === "sent" ? true : undefined;
  });
  const { alerts } = JSON.parse(await must(cli, ["alerts", "list", ...words]));
  expect(alerts.map(({ kind }: { readonly kind: string }) => kind)).toContain("envoy.revoked");
});

test("nothing is told twice after a restart", async () => {
  const before = (await w.call("GET", "/alerts?limit=100")).body["alerts"];
  await w.restart();
  // Its first look comes after two seconds.
  await Bun.sleep(3_500);
  expect((await w.call("GET", "/alerts?limit=100")).body["alerts"]).toEqual(before);
});

test("two machines with one identity, and a name that is not the enrolled one, are told", async () => {
  const { link } = await enrolled(w, "web-7");
  const told = { agentVersion: "1", sections: [] };
  await link.checkIn({ ...told, hostname: "web-8", machineId: "m", bootId: "1" });
  const another = { ...told, hostname: "web-8", machineId: "another", bootId: "2" };
  const { message } = await failure(link.checkIn(another));
  expect(message).toBe("another machine uses this envoy's identity; this one waits");
  link.close();
  const kinds = await until("both are told", async () => {
    const { alerts } = (await w.call("GET", "/alerts?limit=100")).body as {
      readonly alerts: readonly { readonly kind: string; readonly title: string }[];
    };
    const ours = alerts.filter(({ title }) => title.includes("web-7"));
    return ours.length >= 3 ? ours : undefined;
  });
  expect(kinds.map(({ kind, title }) => `${kind}: ${title}`)).toEqual(
    expect.arrayContaining([
      "envoy.cloned: two machines show the identity of web-7",
      "envoy.hostname: web-7 calls itself web-8",
    ]),
  );
});

test("what goes wrong is said in words, and never with the address, which may be a secret", async () => {
  const at = `http://127.0.0.1:${hookServer.port}`;
  const places = `[{name: lost, url: "http://127.0.0.1:1/T0KEN"}, {name: moved, url: "${at}/T0KEN"}]`;
  const listen = "{grpc_listen: '127.0.0.1:0', api_listen: '127.0.0.1:0'}";
  await writeFile(w.home.config, `server: ${listen}\nwebhooks: ${places}\n`);
  await w.running().reload();
  const tried = async (target: string) =>
    (await w.call("POST", "/alerts/test", { target })).body["deliveries"];
  const moved = await tried("moved");
  const why = "moved redirects (302), and that is not followed: name the address it leads to";
  expect(moved).toMatchObject([{ state: "dead", error: why }]);
  const lost = await tried("lost");
  expect(lost).toMatchObject([{ state: "waiting", error: "lost: nobody listens there" }]);
  expect(JSON.stringify([moved, lost, w.log])).not.toContain("T0KEN");
});
