import { describe, expect, test } from "bun:test";
import fs from "node:fs";
import { machine } from "../../../src/modes/agent/machine/machine.ts";
import { bytes, isRoot, refusal, stranger, workshop } from "./workshop.ts";

const { host, at, fresh } = workshop();
const mode = (path: string) => fs.statSync(path).mode & 0o7777;

describe("write", () => {
  test("makes a new file 0600, or as told", async () => {
    const folder = fresh();
    await host.write(`${folder}/a`, bytes("a"));
    await host.write(`${folder}/b`, bytes("b"), { mode: 0o4755 });
    expect([mode(`${folder}/a`), mode(`${folder}/b`)]).toEqual([0o600, 0o4755]);
    expect(fs.readdirSync(folder).sort()).toEqual(["a", "b"]);
  });

  test("keeps the mode of what it replaces, and makes another file of it", async () => {
    const folder = fresh();
    fs.writeFileSync(`${folder}/a`, "old", { mode: 0o640 });
    const before = fs.openSync(`${folder}/a`, "r");
    await host.write(`${folder}/a`, bytes("new"));
    expect([mode(`${folder}/a`), fs.readFileSync(`${folder}/a`, "utf8")]).toEqual([0o640, "new"]);
    expect(fs.readFileSync(before, "utf8")).toBe("old");
    fs.closeSync(before);
  });

  test.skipIf(!isRoot)("keeps the owner of what it replaces", async () => {
    const folder = fresh();
    fs.writeFileSync(`${folder}/a`, "old");
    fs.chownSync(`${folder}/a`, stranger, 7);
    await host.write(`${folder}/a`, bytes("new"));
    expect(fs.statSync(`${folder}/a`)).toMatchObject({ uid: stranger, gid: 7 });
  });

  test("proves the new file where it will stand, whatever its name", async () => {
    const path = `${fresh()}/it's $(a) "name".conf`;
    const validate = `test "$(cat %)" = right && case % in *.conf) ;; *) exit 9;; esac`;
    await host.write(path, bytes("right"), { validate });
    const wrong = await refusal(
      host.write(path, bytes("wrong"), { validate: "cat % >&2; exit 3" }),
    );
    expect(wrong).toContain(
      "was left as it is: its new content is not valid: cat % >&2; exit 3: exit 3: wrong",
    );
    const long = "echo %': line 1' >&2; exit 1 # look -t";
    expect(await refusal(host.write(path, bytes("wrong"), { validate: long }))).toContain(
      `was left as it is: its new content is not valid: look -t: ${path}: line 1`,
    );
    expect(fs.readFileSync(path, "utf8")).toBe("right");
    expect(fs.readdirSync(path.replace(/\/[^/]*$/, ""))).toHaveLength(1);
  });

  test("takes a stream, and nothing of one that breaks", async () => {
    const folder = fresh();
    const parts = ["a", "b", "c"];
    const pull = (controller: ReadableStreamDefaultController<Uint8Array>) => {
      const part = parts.shift();
      if (part === undefined) controller.close();
      else controller.enqueue(bytes(part));
    };
    await host.write(`${folder}/a`, new ReadableStream({ pull }));
    const broken = new ReadableStream<Uint8Array>({ pull: (c) => c.error(new Error("cut off")) });
    expect(await refusal(host.write(`${folder}/a`, broken))).toBe("cut off");
    expect(
      fs.readdirSync(folder).map((name) => fs.readFileSync(`${folder}/${name}`, "utf8")),
    ).toEqual(["abc"]);
  });

  test("takes away what a killed run left behind", async () => {
    const folder = fresh();
    for (const left of [".vigo-new.a", ".vigo-new.a~"]) {
      fs.writeFileSync(`${folder}/${left}`, "half");
      await host.write(`${folder}/a`, bytes("a"));
      expect(fs.readdirSync(folder)).toEqual(["a"]);
      fs.writeFileSync(`${folder}/${left}`, "half");
      await host.write(`${folder}/a`, bytes("b"), { validate: "true %" });
      expect(fs.readdirSync(folder)).toEqual(["a"]);
      fs.writeFileSync(`${folder}/${left}`, "half");
      await host.remove(`${folder}/a`);
      expect(fs.readdirSync(folder)).toEqual([]);
    }
  });

  test("goes by a name that no program reads, unless a validator goes by its ending", async () => {
    const folder = fresh();
    const seen: (readonly string[])[] = [];
    const content = () =>
      new ReadableStream<Uint8Array>({
        pull(controller) {
          seen.push(fs.readdirSync(folder));
          controller.close();
        },
      });
    await host.write(`${folder}/a.conf`, content());
    await host.write(`${folder}/b.conf`, content(), { validate: "true %" });
    expect(seen).toEqual([[".vigo-new.a.conf~"], [".vigo-new.b.conf", "a.conf"].sort()]);
  });

  test("takes the longest names there are", async () => {
    const folder = fresh();
    for (const name of ["x".repeat(255), "ü".repeat(127), `a${"\u20ac".repeat(84)}`]) {
      await host.write(`${folder}/${name}`, bytes("a"));
      expect(fs.readFileSync(`${folder}/${name}`, "utf8")).toBe("a");
    }
  });

  test("says what is in the way and what to do", async () => {
    const folder = fresh();
    fs.mkdirSync(`${folder}/sub`);
    expect(await refusal(host.write(`${folder}/sub`, bytes("x")))).toBe(
      `cannot write ${folder}/sub: it is a folder`,
    );
    expect(await refusal(host.write(`${folder}/no/x`, bytes("x")))).toBe(
      `cannot write ${folder}/no/x: its folder is not there`,
    );
    expect(await refusal(host.read(`${folder}/sub`))).toBe(
      `cannot read ${folder}/sub: it is not a regular file`,
    );
    expect(await refusal(host.write(`${folder}/${"x".repeat(300)}`, bytes("")))).toContain(
      "the name is too long",
    );
    expect(await refusal(host.setContext(`${folder}/sub`, "a:b:c:d"))).toContain("no SELinux here");
  });

  test("leaves the old file or the new one when it is killed", async () => {
    const folder = fresh();
    const path = `${folder}/big`;
    const script = `
      import { machine } from ${JSON.stringify(Bun.resolveSync("../../../src/modes/agent/machine/machine.ts", import.meta.dir))};
      const host = machine();
      const content = (sign) => new Uint8Array(1024 * 1024).fill(sign.charCodeAt(0));
      for (let i = 0; ; i++) { await host.write(${JSON.stringify(path)}, content("ab"[i % 2])); if (i === 0) console.log("ready"); }`;
    for (let kill = 0; kill < 5; kill += 1) {
      const child = Bun.spawn([process.execPath, "-e", script], {
        stdout: "pipe",
        stderr: "inherit",
      });
      await child.stdout.getReader().read();
      await Bun.sleep(Math.random() * 20);
      child.kill("SIGKILL");
      await child.exited;
      const found = fs.readFileSync(path);
      expect([found.length, new Set(found).size]).toEqual([1024 * 1024, 1]);
    }
  });
});

describe("snapshots", () => {
  test("keep the last five contents, with their modes, for nobody else to see", async () => {
    const folder = fresh();
    const keep = at("snapshots");
    let now = 0;
    const keeping = machine({ snapshots: keep, now: () => new Date(now++ * 1000) });
    fs.writeFileSync(`${folder}/a`, "0", { mode: 0o644 });
    for (let n = 1; n <= 7; n += 1) await keeping.write(`${folder}/a`, bytes(`${n}`));
    await keeping.write(`${folder}/a`, bytes("secret"), { snapshot: false });
    const [key = ""] = fs.readdirSync(keep);
    const index = JSON.parse(fs.readFileSync(`${keep}/${key}/index.json`, "utf8"));
    expect(index).toMatchObject({ path: `${folder}/a`, snapshots: { length: 5 } });
    expect(index.snapshots[0]).toMatchObject({
      mode: 0o644,
      bytes: 1,
      taken: "1970-01-01T00:00:02.000Z",
    });
    const contents = index.snapshots.map(({ name }: { name: string }) =>
      fs.readFileSync(`${keep}/${key}/${name}`, "utf8"),
    );
    expect(contents).toEqual(["2", "3", "4", "5", "6"]);
    expect(fs.readdirSync(`${keep}/${key}`)).toHaveLength(6);
    expect([mode(keep), mode(`${keep}/${key}`), mode(`${keep}/${key}/index.json`)]).toEqual([
      0o700, 0o700, 0o600,
    ]);
  });

  test("are not taken twice of the same content", async () => {
    const folder = fresh();
    const keep = at("snapshots-same");
    const keeping = machine({ snapshots: keep });
    for (const content of ["a", "b", "a", "b"]) {
      fs.writeFileSync(`${folder}/a`, "the same");
      await keeping.write(`${folder}/a`, bytes(content));
    }
    const [key = ""] = fs.readdirSync(keep);
    expect(fs.readdirSync(`${keep}/${key}`)).toHaveLength(2);
  });
});

describe("other acts", () => {
  test("make, link, rename and remove", async () => {
    const folder = fresh();
    await host.mkdir(`${folder}/d`, { mode: 0o2750 });
    await host.write(`${folder}/d/a`, bytes("a"));
    await host.symlink(`${folder}/s`, "d/a");
    await host.link(`${folder}/h`, `${folder}/d/a`);
    await host.rename(`${folder}/s`, `${folder}/t`);
    expect(mode(`${folder}/d`)).toBe(0o2750);
    const [one, other] = await Promise.all([host.stat(`${folder}/h`), host.stat(`${folder}/d/a`)]);
    expect([one?.inode, one?.links]).toEqual([other?.inode ?? "", 2]);
    expect(await refusal(host.remove(`${folder}/d`))).toContain("the folder is not empty");
    await host.remove(`${folder}/d`, { recursive: true });
    await host.remove(`${folder}/d`, { recursive: true });
    expect(fs.readdirSync(folder).sort()).toEqual(["h", "t"]);
    expect(await refusal(host.mkdir(`${folder}/h`))).toContain("something is there already");
    expect(await refusal(host.link(`${folder}/x`, folder))).toContain("not a regular file");
  });

  test("remove a tree without following its links", async () => {
    const folder = fresh();
    fs.mkdirSync(`${folder}/tree/deep`, { recursive: true });
    fs.mkdirSync(`${folder}/keep`);
    fs.writeFileSync(`${folder}/keep/x`, "");
    fs.symlinkSync("../../keep", `${folder}/tree/deep/link`);
    await host.remove(`${folder}/tree`, { recursive: true });
    expect(fs.readdirSync(`${folder}/keep`)).toEqual(["x"]);
    expect(fs.existsSync(`${folder}/tree`)).toBe(false);
  });
});
