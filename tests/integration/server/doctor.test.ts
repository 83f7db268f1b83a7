import { expect, test } from "bun:test";
import { once } from "node:events";
import { chmod, readFile, writeFile } from "node:fs/promises";
import type { AddressInfo } from "node:net";
import { SMTPServer } from "smtp-server";
import { client } from "../../../src/modes/cli/client.ts";
import { cli } from "../../../src/modes/cli/index.ts";
import { recordingScreen } from "../../support/screen.ts";
import { makeWorld, type World } from "./world.ts";

const examined = async (w: World) => {
  const { checks } = (await w.call("GET", "/doctor")).body as {
    checks: { name: string; result: string; message: string; fix?: string }[];
  };
  return new Map(checks.map((one) => [one.name, one]));
};

test("the doctor makes every check, says a fix with each finding, and its exit code tells", async () => {
  const closed = Bun.serve({ port: 0, hostname: "127.0.0.1", fetch: () => new Response() });
  const port = closed.port ?? 0;
  await closed.stop(true);
  const smtp = `smtp: {host: 127.0.0.1, port: ${port}, tls: none, from: a@b.example, to: [a@b.example]}\n`;
  const w = await makeWorld();
  const command = async () => {
    const token = (await readFile(w.home.localToken, "utf8")).trim();
    const call = client({ url: "", token, send: (path, init) => w.fetch(path, init) });
    const screen = recordingScreen();
    return { code: await cli(["doctor"], screen, call), ...screen.printed() };
  };
  try {
    const well = await examined(w);
    for (const name of [
      "database",
      "server certificate",
      "ca certificate",
      "key files",
      "secrets",
      "licence",
      "spanner",
      "SMTP",
      "config",
      "stale envoys",
      "clock",
      "disk",
      "agent versions",
      "audit",
      "policy",
    ])
      expect([name, well.get(name)?.result]).toEqual([
        name,
        expect.stringMatching(/^(?:pass|skip|warn)$/),
      ]);
    expect((await command()).code).toBe(0);

    const config = await readFile(w.home.config, "utf8");
    await writeFile(w.home.config, config + smtp);
    await writeFile(w.home.license, "rubbish");
    await w.running().reload();
    await chmod(w.home.bundleKey, 0o644);
    await writeFile(w.home.config, `${config}metrcs: {}\n`);
    const ill = await examined(w);
    for (const name of ["SMTP", "licence", "key files", "config"]) {
      const found = ill.get(name);
      expect([name, found?.result]).toEqual([name, "fail"]);
      expect(found?.fix ?? "").not.toBe("");
    }
    expect(ill.get("SMTP")?.message).toContain(`127.0.0.1:${port}`);
    const { code, out } = await command();
    expect([code, out]).toEqual([1, expect.stringContaining("fix: chmod 600")]);
  } finally {
    await w.stop();
  }
});

test("a mail server that takes mail is greeted, and gets none", async () => {
  let mails = 0;
  const mail = new SMTPServer({ authOptional: true, onData: () => mails++ });
  const { server } = mail;
  mail.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const w = await makeWorld(
    `smtp: {host: 127.0.0.1, port: ${port}, tls: none, from: a@b.example, to: [a@b.example]}\n`,
  );
  try {
    expect((await examined(w)).get("SMTP")?.result).toBe("pass");
    expect(mails).toBe(0);
  } finally {
    await w.stop();
    await new Promise<void>((resolve) => mail.close(() => resolve()));
  }
});
