/** The executables of `scripts/compile-targets.sh`, which must have run before. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { createHash } from "node:crypto";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { version as released } from "../../package.json" with { type: "json" };
import { type Target, targets } from "../../scripts/targets.ts";
import { libcOf, machineOf } from "../support/executable-header.ts";
import { must, type Program } from "../support/program.ts";
import { removeRoom } from "../support/remove-room.ts";
import { type RunningServer, startServer } from "../support/running-server.ts";

const root = resolve(import.meta.dir, "../..");
const release = join(root, "dist/release");
const modules = join(root, ".cache/all-platforms/node_modules");
const fileOf = ({ name, os }: Target) => `vigo-${name}${os === "windows" ? ".exe" : ""}`;

describe.each(targets.map((target) => [target.name, target] as const))("%s", (_, target) => {
  const own = `${target.os}-${target.arch}`;

  test("is a program for this machine, and so is the LMDB in it", async () => {
    const program = await readFile(join(release, fileOf(target)));
    expect(machineOf(program)).toBe(own);
    const addon = await readFile(join(modules, target.addon));
    const at = program.indexOf(addon);
    expect(at).toBeGreaterThan(0);
    const embedded = program.subarray(at, at + addon.length);
    expect(machineOf(embedded)).toBe(own);
    if (target.os === "linux")
      expect(libcOf(embedded)).toBe(target.name.endsWith("-musl") ? "musl" : "glibc");
  });

  test("holds no other target's LMDB", async () => {
    const program = await readFile(join(release, fileOf(target)));
    const others = targets.filter(({ addon }) => addon !== target.addon);
    for (const other of others)
      expect(program.includes(await readFile(join(modules, other.addon)))).toBe(false);
  });

  test("is listed with its digest, and compressed", async () => {
    const sums = await readFile(join(release, "SHA256SUMS"), "utf8");
    const packed = `${fileOf(target)}.${Bun.which("zstd") === null ? "gz" : "zst"}`;
    for (const name of [fileOf(target), packed]) {
      const digest = createHash("sha256")
        .update(await readFile(join(release, name)))
        .digest("hex");
      expect(sums).toContain(`${digest}  ${name}\n`);
    }
  });
});

/** Those that can be run here: this machine's own, and the other architecture under an emulator. */
describe.each([
  ["linux-x64", []],
  ["linux-arm64", ["qemu-aarch64-static", "-L"]],
] as const)("%s runs", (name, emulator) => {
  let room: string;
  let vigo: Program;
  let server: RunningServer;

  beforeAll(async () => {
    room = await mkdtemp(join(tmpdir(), `vigo-${name}-`));
    const prepared = Bun.spawnSync(["sh", "tests/support/arm64-root.sh"], { cwd: root });
    const libraries = emulator.length === 0 ? [] : [prepared.stdout.toString().trim()];
    vigo = { argv: [...emulator, ...libraries, join(release, `vigo-${name}`)], cwd: room };
    server = await startServer(join(release, "vigo-linux-x64"), join(room, "server"));
  }, 120_000);

  afterAll(async () => {
    await server?.stop();
    await removeRoom(room);
  });

  test("version and traits", async () => {
    const said = JSON.parse(await must(vigo, ["version", "--json"]));
    expect(said).toMatchObject({ version: released, target: name });
    const traits = JSON.parse(
      await must(vigo, ["traits", "--json", "--home", join(room, "agent")]),
    );
    expect(JSON.stringify(traits)).toContain('"total_mb"');
  }, 60_000);

  test("enrols, converges, and goes on over its cached bundle when the server is gone", async () => {
    const target = join(room, "page");
    const stacks = join(server.home, "stacks");
    await rm(stacks, { recursive: true });
    await mkdir(join(stacks, "configcrates"), { recursive: true });
    await writeFile(
      join(stacks, "configcrates/page.vgo"),
      `configcrate: page\nresources:\n  - { name: page, type: file, target_path: ${target}, content: "as declared\\n" }\n`,
    );
    await writeFile(join(stacks, "envoys.vgo"), 'envoys: [{ match: "*", configcrates: [page] }]\n');
    const cli = { argv: [server.program, "cli"], cwd: room };
    await must(cli, ["publish", "--home", server.home]);
    const { token } = JSON.parse(
      await must(cli, ["tokens", "create", "--json", "--home", server.home]),
    );
    const home = join(room, "agent");
    const address = `localhost:${server.api}`;
    const bootstrap = ["agent", "bootstrap", "--server", address, "--token", token];
    await must(vigo, [...bootstrap, "--home", home, "--no-service"]);
    const first = JSON.parse(await must(vigo, ["run", "--home", home, "--json"]));
    expect(first).toMatchObject({ outcome: "changed" });

    await server.stop();
    await writeFile(target, "by hand\n");
    const offline = JSON.parse(await must(vigo, ["run", "--offline", "--home", home, "--json"]));
    expect(offline.resources).toMatchObject([{ key: "page/page", outcome: "changed" }]);
    expect(await readFile(target, "utf8")).toBe("as declared\n");
  }, 120_000);
});
