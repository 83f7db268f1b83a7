/** The definitions of the agent's service: what systemd, launchd and Windows are given and told. Their commands are played, files are real. */
import { afterEach, beforeEach, expect, test } from "bun:test";
import { mkdtemp, readdir, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { CommandResult, Host } from "../../../src/core/host.ts";
import { defaultHome } from "../../../src/modes/agent/home.ts";
import { launchdService } from "../../../src/modes/agent/service/launchd.ts";
import { cannotInstall, serviceOf } from "../../../src/modes/agent/service/service.ts";
import { systemdService } from "../../../src/modes/agent/service/systemd.ts";
import { windowsService } from "../../../src/modes/agent/service/windows.ts";
import { removeRoom } from "../../support/remove-room.ts";
import { codeOf } from "../../support/powershell-script.ts";
import { propertyList } from "../../../src/core/text/property-list.ts";
import { failure } from "../grpc/failure.ts";

let room: string;
let ran: string[];
let answers: Record<string, CommandResult>;
let host: Pick<Host, "run" | "query">;

beforeEach(async () => {
  room = await mkdtemp(join(tmpdir(), "vigo-service-"));
  ran = [];
  answers = {};
  const run: Host["run"] = async ({ argv }) => {
    const line = "shell" in argv ? argv.shell : argv.join(" ");
    ran.push(line);
    return answers[line] ?? { code: 0, stdout: "", stderr: "" };
  };
  host = { run, query: run };
});
afterEach(() => removeRoom(room));

const places = () => ({ folder: room, program: process.execPath });
const list = async () =>
  propertyList(await readFile(join(room, "org.vigo.agent.plist"), "utf8")) as Record<
    string,
    unknown
  >;
const loaded = "launchctl print system/org.vigo.agent";
const absent = { code: 113, stdout: "", stderr: "Could not find service" };

test("launchd gets a list that starts the agent at boot, and again whenever it ends", async () => {
  answers[loaded] = absent;
  const service = launchdService(host, defaultHome, places());
  expect(await service.isInstalled()).toBe(false);
  await service.install(true);
  expect(await list()).toMatchObject({
    Label: "org.vigo.agent",
    ProgramArguments: ["/usr/local/bin/vigo", "agent", "daemon"],
    RunAtLoad: true,
    KeepAlive: true,
    AbandonProcessGroup: true,
    Umask: 0o77,
  });
  expect(ran).toEqual([
    "launchctl enable system/org.vigo.agent",
    loaded,
    `launchctl bootstrap system ${room}/org.vigo.agent.plist`,
  ]);
  expect(await service.isInstalled()).toBe(true);
  expect(service.shown(7, true).join(" ")).toBe("tail -n 7 -F /var/log/vigo-agent.log");
});

test("again, launchd lets go of the list before it reads it anew; and it can be removed", async () => {
  const service = launchdService(host, "/Users/Shared/vigo", places());
  await service.install(true);
  expect(await list()).toMatchObject({
    ProgramArguments: ["/usr/local/bin/vigo", "agent", "daemon", "--home", "/Users/Shared/vigo"],
  });
  expect(ran.slice(1)).toEqual([
    loaded,
    "launchctl bootout system/org.vigo.agent",
    `launchctl bootstrap system ${room}/org.vigo.agent.plist`,
  ]);
  ran = [];
  await service.remove();
  expect(ran).toEqual([loaded, "launchctl bootout system/org.vigo.agent"]);
  expect(await readdir(room)).toEqual([]);
});

test.each(["launchd", "systemd"] as const)("%s starts nothing of an image", async (init) => {
  const of = init === "launchd" ? launchdService : systemdService;
  await of(host, defaultHome, places()).install(false);
  expect(ran.join("\n")).not.toMatch(/restart|bootstrap/);
  expect(ran.join("\n")).toContain("enable");
});

test.each(["/srv/a b", "/srv/<x>", "/srv/$x", "/srv/a&b"])(
  "a home that would be read as something else is refused: %s",
  async (home) => {
    for (const of of [launchdService, systemdService])
      expect((await failure(of(host, home, places()).install(true))).message).toContain("--home");
    expect([ran, await readdir(room)]).toEqual([[], []]);
  },
);

test("systemd gets the unit, with the home where it is not the usual one", async () => {
  await systemdService(host, "/srv/agent", places()).install(true);
  const text = await readFile(join(room, "vigo-agent.service"), "utf8");
  expect(text).toContain("ExecStart=/usr/local/bin/vigo agent daemon --home /srv/agent\n");
  expect(ran).toEqual([
    "systemctl daemon-reload",
    "systemctl enable vigo-agent.service",
    "systemctl restart vigo-agent.service",
  ]);
});

const powershell = "powershell.exe -NoProfile -NonInteractive -ExecutionPolicy Bypass -File";

test("Windows gets a script, told program and home, that is gone afterwards", async () => {
  const program = join(room, "vigo.exe");
  await writeFile(program, "MZ");
  const service = windowsService(host, "C:\\ProgramData\\Vigo", { program });
  await service.install(true);
  await service.install(false);
  await service.remove();
  const told = `${powershell} ${room}/vigo-agent-service.ps1 -Program ${program} -AgentHome C:\\ProgramData\\Vigo`;
  expect(ran).toEqual([told, `${told} -NoStart`, `${told} -Remove`]);
  expect(await readdir(room)).toEqual(["vigo.exe"]);
  expect(service.shown(5, true).at(-1)).toBe(
    "Get-Content -LiteralPath 'C:\\ProgramData\\Vigo\\agent.log' -Tail 5 -Wait",
  );
});

test("what the script of Windows could not do is said", async () => {
  const program = join(room, "vigo.exe");
  const told = `${powershell} ${room}/vigo-agent-service.ps1 -Program ${program} -AgentHome C:\\V`;
  answers[told] = { code: 1, stdout: "", stderr: "vigo: the service VigoAgent does not go" };
  const refused = await failure(windowsService(host, "C:\\V", { program }).install(true));
  expect(refused.message).toContain("the service VigoAgent does not go");
});

test("each init has its kind of service, and others are named", () => {
  const on = (init: string) => ({
    ...host,
    os: { platform: "linux", family: "", distro: "", version: "", init, arch: "amd64" } as const,
  });
  const name = (init: string) => serviceOf(on(init), defaultHome)?.name;
  expect(["systemd", "launchd", "windows", "openrc"].map(name)).toEqual([
    "vigo-agent.service",
    "org.vigo.agent",
    "VigoAgent",
    undefined,
  ]);
  expect(cannotInstall(on("openrc"))).toContain("(openrc)");
});

const script = await Bun.file("packaging/vigo-agent-service.ps1").text();

test("the script of Windows is whole, and stops at what fails", () => {
  const code = codeOf(script);
  expect(code).toContain("New-Service -Name $name -BinaryPathName");
  // A program that fails does not stop PowerShell: each is followed by a look at its exit code.
  const programs = code
    .split("\n")
    .flatMap((line, index, all) =>
      /& (?:sc|icacls)\.exe/.test(line) ? [all[index + 1] ?? ""] : [],
    );
  expect(programs.length).toBe(3);
  for (const next of programs) expect(next).toContain("if ($LASTEXITCODE -ne 0) { throw");
  expect(() => codeOf(script.replace("exit 0\n}", "exit 0\n"))).toThrow("stays open");
  expect(() => codeOf(script.replace("'@", ""))).toThrow("never ends");
});

const compiler = Bun.which("mcs");

test.skipIf(compiler === null)("the host of the service compiles", async () => {
  const [, source = ""] = /\$source = @'\n([\s\S]*?)\n'@/.exec(script) ?? [];
  await writeFile(join(room, "host.cs"), source);
  const words = ["-langversion:5", "-warnaserror", "-r:System.ServiceProcess", "-out:host.exe"];
  const { exitCode, stderr } = Bun.spawnSync([compiler ?? "", ...words, "host.cs"], { cwd: room });
  expect([exitCode, stderr.toString()]).toEqual([0, ""]);
});
