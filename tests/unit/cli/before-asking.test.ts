import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

let empty: string;
beforeAll(async () => {
  empty = await mkdtemp(join(tmpdir(), "vigo-asking-"));
});
afterAll(() => rm(empty, { recursive: true }));

/** At a terminal where nobody types; what waits for a person is ended. */
async function atTerminal(words: readonly string[]) {
  let shown = "";
  const letters = new TextDecoder();
  const child = Bun.spawn([process.execPath, "src/main.ts", "cli", ...words], {
    env: { PATH: "/usr/bin:/bin", TERM: "xterm", XDG_CONFIG_HOME: empty },
    timeout: 15_000,
    terminal: {
      cols: 200,
      rows: 24,
      data: (_, bytes) => {
        shown += letters.decode(bytes, { stream: true });
        if (/\w+: $/.test(shown)) child.kill();
      },
    },
  });
  await child.exited;
  return shown;
}

test.each([
  "auth password",
  "auth totp on",
  "auth totp off",
  "webusers create ada --ask",
  "webusers password ada --ask",
  "secrets set web/db",
])("%s asks for nothing where no server is known", async (line) => {
  const shown = await atTerminal([...line.split(" "), "--home", join(empty, "home")]);
  expect(shown).toContain("has no local-admin.token");
  expect(shown).not.toMatch(/(?:password|value)[^\n]*:/i);
});

test("login asks for no password where nobody answers", async () => {
  const shown = await atTerminal(["login", "--server", "https://127.0.0.1:1"]);
  expect(shown).toContain("cannot reach https://127.0.0.1:1");
  expect(shown).not.toContain("Password");
});
