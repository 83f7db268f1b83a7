import { afterAll, beforeAll, expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sha256Hex, verify, verifyKey } from "../../../src/core/pki/keys.ts";
import { addDownload } from "../../../src/modes/server/bootstrap/add-download.ts";
import { openBundleKey } from "../../../src/modes/server/trust/bundle-key.ts";
import { codeOf } from "../../support/powershell-script.ts";
import { version } from "../../../src/core/version.ts";
import { makeWorld, type World } from "./world.ts";

let w: World;
let room: string;
const curl = Bun.which("curl");

beforeAll(async () => {
  w = await makeWorld();
  room = await mkdtemp(join(tmpdir(), "vigo-bootstrap-"));
});
afterAll(async () => {
  await w.stop();
  await rm(room, { recursive: true });
});

/** Stands for the agent: writes down how it was called. */
const program = (word: string) => `#!/bin/sh\necho ${word} "$@" > "$0.called"\n`;

async function bootstrap(
  env: Readonly<Record<string, string>>,
  tamper = (script: string) => script,
) {
  const script = tamper(await (await w.fetch("/bootstrap")).text());
  const child = Bun.spawn(["sh", "-s", "--", "--no-service"], {
    env: { PATH: process.env["PATH"] ?? "", ...env },
    stdin: new Blob([script]),
    stdout: "pipe",
    stderr: "pipe",
  });
  const err = await new Response(child.stderr).text();
  return { code: await child.exited, err };
}

test("says so when there is no program for the machine", async () => {
  const { code, err } = await bootstrap({ VIGO_TOKEN: "t", VIGO_BIN: join(room, "vigo") });
  expect([code, err]).toEqual([1, expect.stringContaining(`no program for ${version.target}`)]);
  expect((await w.fetch("/download/linux-x64")).status).toBe(404);
  expect((await w.fetch("/download/..%2ftls%2fca_key.pem")).status).toBe(404);
});

test.skipIf(curl === null)("installs the program for the machine and lets it enrol", async () => {
  const file = join(w.home.downloads, `vigo-${version.target}`);
  await writeFile(file, program("first"));
  const bin = join(room, "vigo");
  const { code, err } = await bootstrap({ VIGO_TOKEN: "vgt_x", VIGO_BIN: bin });
  expect([code, err]).toEqual([0, ""]);
  expect((await stat(bin)).mode & 0o777).toBe(0o755);
  const called = `agent bootstrap --server localhost:${w.running().ports.api} --token vgt_x --no-service\n`;
  expect(await readFile(`${bin}.called`, "utf8")).toBe(`first ${called}`);

  await writeFile(file, program("second"));
  expect((await bootstrap({ VIGO_TOKEN: "vgt_x", VIGO_BIN: bin })).code).toBe(0);
  expect(await readFile(`${bin}.called`, "utf8")).toBe(`second ${called}`);
});

test.skipIf(curl === null)("installs nothing that is not what the script promised", async () => {
  const bin = join(room, "other");
  const wrong = (script: string) => script.replace(/sum=[0-9a-f]{64}/, `sum=${"0".repeat(64)}`);
  const { code, err } = await bootstrap({ VIGO_TOKEN: "t", VIGO_BIN: bin }, wrong);
  expect([code, err]).toEqual([1, "vigo: what came is not the program that this server offers\n"]);
  await expect(stat(bin)).rejects.toThrow("ENOENT");
});

test.skipIf(curl === null)("installs nothing that another key has signed", async () => {
  const bin = join(room, "forged");
  const forged = Buffer.alloc(64, 7).toString("base64");
  const wrong = (script: string) => script.replace(/sig=\S+/, `sig=${forged}`);
  const { code, err } = await bootstrap({ VIGO_TOKEN: "t", VIGO_BIN: bin }, wrong);
  expect([code, err]).toEqual([
    1,
    "vigo: the program's signature is wrong: nothing was installed\n",
  ]);
  await expect(stat(bin)).rejects.toThrow("ENOENT");
});

test.skipIf(curl === null)("says so where no openssl can check the signature", async () => {
  const old = join(room, "old");
  await mkdir(old);
  await writeFile(join(old, "openssl"), "#!/bin/sh\necho 'OpenSSL 1.1.1w  11 Sep 2023'\n", {
    mode: 0o755,
  });
  const path = `${old}:${process.env["PATH"]}`;
  const bin = join(room, "unsigned");
  const { code, err } = await bootstrap({ VIGO_TOKEN: "t", VIGO_BIN: bin, PATH: path });
  expect([code, err]).toEqual([
    0,
    "vigo: no openssl 3 here, so the program's signature is not checked; its sha256 was\n",
  ]);
});

test("a download's signature is the bundle key's, over its target and sum", async () => {
  const { headers } = await w.fetch(`/download/${version.target}`);
  const { publicKey } = await openBundleKey(w.home.bundleKey);
  const signature = new Uint8Array(Buffer.from(headers.get("x-signature") ?? "", "base64"));
  const sum = headers.get("x-sha256") ?? "";
  const said = (target: string) => Buffer.from(`vigo.v1.download ${target} ${sum}\n`);
  expect(verify(said(version.target), signature, verifyKey(publicKey))).toBe(true);
  expect(verify(said("linux-other"), signature, verifyKey(publicKey))).toBe(false);
});

test("PowerShell gets a script of its own, with the sums of its programs alone", async () => {
  const before = await (await w.fetch("/bootstrap.ps1")).text();
  expect(before).not.toMatch(/[0-9a-f]{64}/);
  const content = "MZ and the rest";
  const from = join(room, "vigo-windows-x64.exe");
  await writeFile(from, content);
  expect(await addDownload(w.home, from)).toEqual({
    target: "windows-x64",
    file: join(w.home.downloads, "vigo-windows-x64.exe"),
  });
  const script = await (await w.fetch("/bootstrap.ps1")).text();
  expect(script).toContain(`'windows-x64' = '${sha256Hex(content)}'`);
  expect(script).not.toContain("linux-");
  expect(script.trimEnd().endsWith("& $install @args")).toBe(true);
  // Its keys are behind rights of their own before they are made, and every command's end is looked at.
  const code = codeOf(script);
  expect(code.indexOf("icacls.exe")).toBeLessThan(code.indexOf("agent bootstrap"));
  expect(code.match(/& (?:icacls|curl)\.exe|& \$bin/g)?.length).toBe(3);
  expect(code.match(/if \(\$LASTEXITCODE -ne 0\) \{ throw/g)?.length).toBe(3);
  expect((await w.fetch("/download/windows-x64")).status).toBe(200);
});

const bad: readonly (readonly [string, string, string])[] = [
  ["agent.exe", "MZ", "does not say what it is for"],
  ["vigo-plan9-x64", "anything", "there are no agents for plan9"],
  ["vigo-linux-arm64", "#!/bin/sh", "is no program for linux"],
  ["vigo-windows-arm64.exe", "", "is no program for windows"],
];

test.each(bad)("%s is not offered to anybody", async (name, content, message) => {
  const file = join(room, name);
  await writeFile(file, content);
  await expect(addDownload(w.home, file)).rejects.toThrow(message);
  await expect(addDownload(w.home, join(room, "vigo-linux-none"))).rejects.toThrow("there is no");
});

test("does nothing without a token, nor when only half of it came", async () => {
  const bin = join(room, "none");
  expect((await bootstrap({ VIGO_BIN: bin })).err).toContain("set VIGO_TOKEN");
  const half = await bootstrap({ VIGO_TOKEN: "t", VIGO_BIN: bin }, (script) =>
    script.slice(0, script.lastIndexOf("main")),
  );
  expect(half).toEqual({ code: 0, err: "" });
  await expect(stat(bin)).rejects.toThrow("ENOENT");
});

test.each(["a$(id)", "a;id", "'a'", "a:b:c"])(
  "takes no command from a Host header: %s",
  async (host) => {
    const answer = await w.fetch("/bootstrap", { headers: { host } });
    expect(answer.status).toBeGreaterThanOrEqual(400);
    expect(answer.headers.get("content-type")).not.toContain("shellscript");
  },
);

async function reset(home: string) {
  const script = await (await w.fetch("/reset")).text();
  const child = Bun.spawn(["sh"], {
    env: { PATH: process.env["PATH"] ?? "", VIGO_HOME: home },
    stdin: new Blob([script]),
    stdout: "pipe",
    stderr: "pipe",
  });
  const [out, err] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
  ]);
  return { code: await child.exited, out, err };
}

/** Not where it would take away the agent of a machine that has one; the lab shows that it does. */
const isBare = process.getuid?.() === 0 && !existsSync("/etc/systemd/system/vigo-agent.service");

test.skipIf(!isBare)("a reset removes an agent's home, and no other folder", async () => {
  const home = join(room, "agent");
  await mkdir(join(home, "identity"), { recursive: true });
  await writeFile(join(home, "identity", "signing_key"), "secret");
  expect(await reset(home)).toEqual({
    code: 0,
    out: expect.stringContaining(`${home} is removed`),
    err: "",
  });
  await expect(stat(home)).rejects.toThrow("ENOENT");
  expect((await reset(home)).code).toBe(0);
  const other = join(room, "other-folder");
  await mkdir(other);
  for (const [wrong, why] of [
    [other, "is no home of an agent"],
    ["agent", "a path from the root on"],
  ] as const)
    expect(await reset(wrong)).toMatchObject({ code: 1, err: expect.stringContaining(why) });
  expect((await stat(other)).isDirectory()).toBe(true);
});

test("the reset of Windows is whole as well", async () => {
  const script = await (await w.fetch("/reset.ps1")).text();
  expect(codeOf(script)).toContain("& sc.exe delete VigoAgent");
  expect(script.trimEnd().endsWith("& $reset")).toBe(true);
});
