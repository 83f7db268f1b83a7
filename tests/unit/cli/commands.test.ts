import { describe, expect, test } from "bun:test";
import { client } from "../../../src/modes/cli/client.ts";
import { program as agent } from "../../../src/modes/agent/index.ts";
import { cli } from "../../../src/modes/cli/index.ts";
import { otherModes } from "../../../src/modes/cli/other-modes.ts";
import { program as server } from "../../../src/modes/server/index.ts";
import { recordingScreen } from "../../support/screen.ts";

const at = "2026-01-01T00:00:00.000Z";
const envoy = {
  id: "e1",
  hostname: "web-1",
  status: "converged",
  platform: "linux",
  arch: "amd64",
  enrolled_at: at,
  policy_version: 7,
  pending: 0,
  orphaned: false,
};
const detail = {
  ...envoy,
  reported_hostname: "web\u001b[31m",
  machine_id: "m",
  certificate_expires_at: at,
  orphaned: false,
  traits: { os: {}, memory: {} },
};
const token = { id: "t1", label: "rack 4", created_at: at, expires_at: at, usable: false };
const user = { name: "ada", role: "operator", origin: "local", created_at: at, totp: false };
const apiToken = {
  id: "7f",
  user: "ci",
  label: "deploys\u001b[31m",
  kind: "made",
  created_at: at,
  expires_at: at,
};
const pending = {
  id: "5",
  hostname: "new",
  reason: "the name is taken",
  key_fingerprint: "ab:cd",
  platform: "linux",
  arch: "amd64",
  address: "10.0.0.9",
  token_id: "t1",
  requested_at: at,
  state: "waiting",
};
const run = {
  envoy_id: "e1",
  hostname: "web-1",
  number: 3,
  outcome: "changed",
  policy_version: 7,
  started_at: at,
  duration_ms: 1_500,
  counts: { ok: 1, changed: 1, pending: 0, skipped: 0, blocked: 0, failed: 0 },
};
const resource = (key: string, outcome: string, changes: readonly object[] = []) => ({
  key,
  type: "file",
  outcome,
  changes,
  duration_ms: 3,
});

/** What the server of these tests answers, by what it is asked. */
const answers: Readonly<Record<string, unknown>> = {
  "GET /envoys?limit=1000&revoked=false": { envoys: [envoy], cursor: "web-1" },
  "GET /envoys?limit=1000&revoked=false&cursor=web-1": {
    envoys: [{ ...envoy, id: "e2", hostname: "web-2", status: "failed" }],
  },
  "GET /envoys?limit=1000&revoked=true&status=failed&hostname=db-*": { envoys: [] },
  "GET /envoys/web-1": detail,
  'POST /envoys/web-1/rename {"hostname":"web-01"}': { ...detail, hostname: "web-01" },
  "POST /envoys/e1/revoke": detail,
  "GET /tokens": { tokens: [token] },
  'POST /tokens {"uses":"3","expires":"1h","label":"","match":"web-*"}': {
    ...token,
    uses_left: 3,
    match: "web-*",
    token: "vgt_t1_s_f",
    api_port: 8443,
    server_names: ["server.vigo.internal", "vigo.example.org"],
    public_key_pin: "x",
  },
  "POST /tokens/t1/revoke": token,
  "GET /enroll/pending?state=waiting": { pending: [pending] },
  "POST /enroll/pending/5/approve": pending,
  "POST /enroll/pending/5/reject": pending,
  "GET /runs?limit=50": { runs: [run] },
  "GET /runs?limit=1&envoy=web-1&outcome=failed": {
    runs: [run, run],
    steady: [{ first: 4, last: 9, first_at: at, last_at: at }],
    cursor: "3",
  },
  "GET /envoys/web-1/runs/3": {
    ...run,
    resources: [
      resource("web/page", "changed", [
        { field: "mode", from: "0600", to: "0644", cause: "drift" },
      ]),
      resource("web/dir", "ok"),
    ],
  },
  "GET /doctor": {
    checks: [
      { name: "database", result: "pass", message: "good" },
      { name: "disk", result: "fail", message: "full", fix: "make room" },
    ],
  },
  "GET /server": {
    version: "1",
    server_id: "s",
    started_at: at,
    policy_version: 0,
    envoys: {
      offline: 0,
      "no data": 0,
      failed: 1,
      degraded: 0,
      diverged: 0,
      relapsed: 0,
      changed: 0,
      converged: 2,
    },
    revoked: 0,
    waiting: 1,
    convergence_pct: 66,
    database: { driver: "sqlite", size_bytes: 1_048_576 },
    grpc_port: 1530,
    api_port: 8443,
    ca_fingerprint: "ff",
    certificate_expires_at: at,
  },
  "GET /users?limit=1000": { users: [user, { ...user, name: "bob", disabled_at: at }] },
  'POST /users {"name":"ada","role":"operator"}': { ...user, password: "made-up" },
  'POST /users/ada/role {"role":"admin"}': { ...user, role: "admin" },
  "POST /users/ada/password {}": { ...user, password: "made-up" },
  "POST /users/ada/disable": user,
  "POST /users/ada/enable": user,
  "POST /users/ada/totp/reset": user,
  "GET /me": { name: "ada", role: "viewer", via: "api-token", permissions: ["fleet.read"] },
  "GET /api-tokens?limit=1000&all=true": { tokens: [apiToken] },
  'POST /api-tokens {"label":"deploys","expires":"30d","user":"ci"}': {
    ...apiToken,
    token: "vgot_x",
  },
  "POST /api-tokens/7f/revoke": apiToken,
  "GET /audit?limit=50": {
    entries: [
      { id: 1, at, actor: "root", action: "envoy.revoke", subject: "e1", detail: {}, hash: "h" },
    ],
  },
};

async function vigo(line: string) {
  const asked: string[] = [];
  const call = client({
    url: "http://vigo.test",
    send: (url, { method, body }) => {
      const { pathname, search } = new URL(url);
      const path = decodeURIComponent(`${pathname.replace("/api/v1", "")}${search}`);
      const request = `${method} ${path}${body === undefined ? "" : ` ${body}`}`;
      asked.push(request);
      const answer = answers[request];
      const missing = { error: { code: "missing", message: `nothing at ${request}` } };
      return Response.json(answer ?? missing, { status: answer === undefined ? 404 : 200 });
    },
  });
  const screen = recordingScreen();
  const code = await cli(line.split(" "), screen, call);
  return { code, asked, ...screen.printed() };
}

describe("vigo cli", () => {
  test("speaks of a first machine only where none is there, not where none fits", async () => {
    const { out } = await vigo("envoys list --status failed --hostname db-* --revoked");
    expect(out).toBe("No such envoys.");
  });

  test.each([
    ["envoys list", ["web-1", "web-2", "failed"]],
    ["envoys list --status failed --hostname db-* --revoked", ["No such envoys."]],
    ["envoys show web-1", ["web-1", "memory, os", "web\\u{1b}[31m"]],
    ["envoys rename web-1 web-01", ["web-01 now"]],
    ["envoys revoke e1", ["shut out"]],
    ["tokens list", ["rack 4", "expired"]],
    [
      "tokens create --uses 3 --expires 1h --match web-*",
      ["--server vigo.example.org:8443 --token vgt_t1_s_f", "3 machines"],
    ],
    ["tokens revoke t1", ["t1"]],
    ["enroll pending", ["the name is taken", "ab:cd"]],
    ["enroll approve 5", ["may enrol"]],
    ["enroll reject 5", ["turned away", "vigo cli tokens revoke t1"]],
    ["runs list", ["web-1", "1.5 s", "1 ok, 1 changed"]],
    ["runs list --envoy web-1 --outcome failed --limit 1", ["web-1", "runs 4 to 9"]],
    ["runs show web-1 3", ["mode: 0600 → 0644  (drift)", "1 more ok or skipped"]],
    ["runs show web-1 3 --all", ["web/dir"]],
    ["server status", ["1 failed, 2 converged", "vigo cli enroll pending"]],
    ["audit list", ["envoy.revoke"]],
    ["webusers list", ["ada", "active", "disabled"]],
    ["webusers create ada --role operator", ["made-up", "shown this once"]],
    ["webusers role ada admin", ["ada is admin now"]],
    ["webusers password ada", ["made-up", "have ended"]],
    ["webusers disable ada", ["shut out"]],
    ["webusers enable ada", ["again"]],
    ["webusers reset-totp ada", ["without a code"]],
    ["auth whoami", ["viewer", "fleet.read"]],
    ["auth token list --all", ["deploys\\u{1b}[31m", "expired"]],
    ["auth token create --label deploys --expires 30d --user ci", ["vgot_x", "what ci may"]],
    ["auth token revoke 7f", ["7f of ci"]],
  ])("%s", async (line, parts) => {
    const done = await vigo(line);
    expect([done.code, done.err]).toEqual([0, ""]);
    for (const part of parts) expect(done.out).toContain(part);
    expect(done.out).not.toContain("\u001b");
    const { code, out } = await vigo(`${line} --json`);
    expect(code).toBe(0);
    expect(JSON.parse(out)).toBeDefined();
  });

  test.each([
    ["tokens list --csv --columns id,state,label", "id,state,label\r\n"],
    ["enroll pending --csv --columns hostname,why", "hostname,why\r\n"],
    ["webusers list --csv --columns role,name", "role,name\r\n"],
    ["audit list --csv --columns did,request", "did,request\r\nenvoy.revoke,"],
    ["auth token list --all --csv --columns label", "label\r\n"],
    ["audit list --columns help", "at\nwho\ndid"],
  ])("%s is for programs", async (line, begin) => {
    expect((await vigo(line)).out).toStartWith(begin);
  });

  test("a list of what happened goes back as far as it is asked to", async () => {
    const rows = async (since: string) =>
      JSON.parse((await vigo(`audit list --since ${since} --json`)).out).entries.length;
    expect([await rows("1s"), await rows("36500d")]).toEqual([0, 1]);
    expect((await vigo("audit list --since soon")).code).toBe(2);
  });

  test("a list ends where it was asked to", async () => {
    const { out, asked } = await vigo("runs list --envoy web-1 --outcome failed --limit 1 --json");
    expect(JSON.parse(out)).toMatchObject({ runs: [{ number: 3 }], steady: [{ last: 9 }] });
    expect(asked).toHaveLength(1);
  });

  test("a failed check of the doctor is an exit code", async () => {
    const done = await vigo("doctor");
    expect(done.code).toBe(1);
    expect(done.out).toContain("fix: make room");
  });

  test.each([
    ["auth token lst", 2, 'did you mean "auth token list"?'],
    ["webusers role ada admn", 2, 'did you mean "admin"?'],
    ["auth totp on", 2, "needs a terminal"],
    ["envoys show", 2, "ID is missing"],
    ["envoys shwo e1", 2, 'did you mean "envoys show"?'],
    ["envoys show e9", 4, "nothing at GET /envoys/e9"],
    ["envoys list --status lost", 2, "--status must be one of"],
    ["runs list --limit 0", 2, "--limit must be a number"],
    ["runs show web-1 three", 2, "NUMBER must be a number"],
    ["explain flie", 4, 'did you mean "file"?'],
    ["explain flie", 4, "tasks and workflows were not looked up: "],
    ["completion tcsh", 2, "unknown shell"],
  ])("%s → %d", async (line, code, message) => {
    const done = await vigo(line);
    expect([done.code, done.out]).toEqual([code, ""]);
    expect(done.err).toContain(message);
  });

  test("explains what operators write", async () => {
    const { out } = await vigo("explain file");
    for (const part of [
      "target_path: text (required)",
      "state: one of present, absent",
      "type: file",
      "Proven on: Debian 12 host (lab)",
    ])
      expect(out).toContain(part);
    expect((await vigo("explain")).out).toContain("Resource types");
    expect((await vigo("explain vg103")).out).toStartWith("VG103: ");
    expect((await vigo("explain traits.memory.total_mb")).out).toContain("traits.memory");
  });

  const completed: readonly (readonly [string, string])[] = [
    ["vigo cli envoys re", "rename revoke"],
    ["vigocli conf", "config"],
    ["vigo cli explain sysc", "sysctl sysctl_security"],
    ["vigo cli explain workf", "workflows"],
    ["vigocli config examples co", "copy"],
    ["vigo cli config freeze --un", "--until"],
    ["vigocli tokens revoke --ca", "--ca-file"],
    ["vigo ag", "agent"],
    ["vigo agent re", "register resume"],
    ["vigo agent snapshots re", "restore"],
    ["vigo server down", "downloads"],
    ["vigo server downloads a", "add"],
  ];

  test("completion knows the words of the other modes", () => {
    const shown = (commands: Readonly<Record<string, { readonly hidden?: boolean }>>) =>
      Object.keys(commands).filter((name) => commands[name]?.hidden !== true);
    const [ofAgent, ofServer] = [shown(agent.commands), shown(server.commands)];
    expect<object>(otherModes).toEqual({ agent: ofAgent, server: ofServer });
  });

  test.each(completed)("bash completes %s", async (line, words) => {
    const { out } = await vigo("completion bash");
    const script = `${out}
      COMP_WORDS=(${line}); COMP_CWORD=$((\${#COMP_WORDS[@]} - 1)); _vigo; echo "\${COMPREPLY[@]}"`;
    expect(Bun.spawnSync(["bash", "-c", script]).stdout.toString()).toBe(`${words}\n`);
  });

  test.each(completed)("fish completes %s", async (line, words) => {
    const { out } = await vigo("completion fish");
    const asked = `${out}\ncomplete -C '${line}'`;
    const done = Bun.spawnSync(["fish", "--no-config", "-c", asked], {
      env: { PATH: process.env["PATH"] ?? "", HOME: "/nonexistent" },
    });
    expect(done.stdout.toString().trim().split("\n").sort().join(" ")).toBe(words);
  });

  test.each(completed)("zsh completes %s", async (line, words) => {
    const { out } = await vigo("completion zsh");
    // As zsh's bashcompinit calls it: in its reading of sh; what does not begin so, zsh leaves out itself.
    const script = `autoload -U compinit && compinit -D -u\n${out}
      run() {
        emulate -L sh
        setopt kshglob noshglob braceexpand nokshautoload
        COMP_WORDS=(${line}); COMP_CWORD=$((\${#COMP_WORDS[@]} - 1)); _vigo
        print -l -r -- "\${COMPREPLY[@]}"
      }
      run`;
    const done = Bun.spawnSync(["zsh", "-f", "-c", script]);
    const begun = line.split(" ").at(-1) ?? "";
    const offered = done.stdout.toString().split("\n");
    expect(offered.filter((word) => word.startsWith(begun)).join(" ")).toBe(words);
  });
});
