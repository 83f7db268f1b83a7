/** Taking the agent off a machine, and where its log is; systemctl is played, files are real. */
import { afterEach, beforeEach, expect, test } from "bun:test";
import { mkdir, mkdtemp, readdir, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Host } from "../../../src/core/host.ts";
import { logCommand } from "../../../src/modes/agent/logs.ts";
import { takeLock } from "../../../src/modes/agent/run-lock.ts";
import { systemdService } from "../../../src/modes/agent/service/systemd.ts";
import { uninstall } from "../../../src/modes/agent/uninstall.ts";
import { failure } from "../grpc/failure.ts";
import { removeRoom } from "../../support/remove-room.ts";

let room: string;
let ran: string[];
let host: Pick<Host, "run">;
const home = () => join(room, "home");
const unit = () => join(room, "vigo-agent.service");
const service = () =>
  systemdService(host, home(), { folder: room, program: join(room, "not-installed") });

beforeEach(async () => {
  room = await mkdtemp(join(tmpdir(), "vigo-uninstall-"));
  await mkdir(join(home(), "identity"), { recursive: true });
  await writeFile(join(home(), "identity", "signing_key"), "secret");
  ran = [];
  host = {
    run: async ({ argv }) => {
      ran.push("shell" in argv ? argv.shell : argv.join(" "));
      return { code: 0, stdout: "", stderr: "" };
    },
  };
});
afterEach(() => removeRoom(room));

test("the service goes, the identity stays", async () => {
  await writeFile(unit(), "[Service]\n");
  const done = await uninstall(service(), { home: home(), purge: false });
  expect(done).toEqual({ service: "removed", home: "kept" });
  expect(ran).toEqual(["systemctl disable --now vigo-agent.service", "systemctl daemon-reload"]);
  expect(await readdir(room)).toEqual(["home"]);
});

test("a service that cannot be stopped stays, and so does everything else", async () => {
  await writeFile(unit(), "[Service]\n");
  host = { run: async () => ({ code: 1, stdout: "", stderr: "no bus" }) };
  const refused = await failure(uninstall(service(), { home: home(), purge: true }));
  expect(refused.message).toContain("no bus");
  expect((await readdir(room)).sort()).toEqual(["home", "vigo-agent.service"]);
});

test("with purge nothing is left; again is nothing", async () => {
  const options = { home: home(), purge: true };
  expect(await uninstall(service(), options)).toEqual({
    service: "not installed",
    home: "removed",
  });
  expect(await uninstall(service(), options)).toEqual({
    service: "not installed",
    home: "not there",
  });
  expect([ran, await readdir(room)]).toEqual([[], []]);
});

test("a home in which an agent works is not purged", async () => {
  const lock = takeLock(join(home(), "run.lock"));
  const refused = await failure(uninstall(service(), { home: home(), purge: true }));
  expect(refused.message).toContain("another run is going on");
  lock.release();
  expect((await stat(join(home(), "identity"))).isDirectory()).toBe(true);
});

test("the log is the journal's where there is a service, and said to be elsewhere where there is none", async () => {
  const wish = { lines: 5, follow: true };
  expect((await failure(logCommand(service(), wish))).message).toContain("no service of the agent");
  expect((await failure(logCommand(undefined, wish))).message).toContain("no service of the agent");
  await writeFile(unit(), "[Service]\n");
  expect((await logCommand(service(), wish)).join(" ")).toBe(
    "journalctl --no-pager --output=cat -u vigo-agent.service -n 5 --follow",
  );
});
