import { describe, expect, test } from "bun:test";
import fs from "node:fs";
import { bytes, isRoot, refusal, stranger, workshop } from "./workshop.ts";

const { host, fresh } = workshop();

describe("a managed path", () => {
  test("goes through links that root, or the agent's own account, made", async () => {
    const at = fresh();
    fs.mkdirSync(`${at}/real`);
    fs.symlinkSync("real", `${at}/folder`);
    fs.symlinkSync("../real/file", `${at}/real/link`);
    await host.write(`${at}/folder/link`, bytes("x"));
    expect(fs.readFileSync(`${at}/real/file`, "utf8")).toBe("x");
    expect(await host.stat(`${at}/folder/link`)).toMatchObject({
      kind: "symlink",
      target: "../real/file",
    });
    expect(await host.stat(`${at}/folder/link`, { follow: true })).toMatchObject({
      kind: "file",
      bytes: 1,
    });
    expect(await host.list(`${at}/folder`)).toEqual(["file", "link"]);
  });

  test("does not go round in circles", async () => {
    const at = fresh();
    fs.symlinkSync("b", `${at}/a`);
    fs.symlinkSync("a", `${at}/b`);
    expect(await refusal(host.read(`${at}/a`))).toContain("go round in circles");
  });

  test("is absent behind a missing folder, and behind a file", async () => {
    const at = fresh();
    fs.writeFileSync(`${at}/file`, "");
    for (const path of [`${at}/no/x`, `${at}/file/x`, `${at}/no`])
      expect([
        await host.stat(path),
        await host.read(path),
        await host.list(path),
        await host.digest(path),
      ]).toEqual([undefined, undefined, undefined, undefined]);
    expect(await host.list(`${at}/file`)).toBeUndefined();
  });

  test("is seen anew after something acted on the machine", async () => {
    const at = fresh();
    fs.mkdirSync(`${at}/a`);
    fs.writeFileSync(`${at}/a/x`, "old");
    expect(await host.read(`${at}/a/x`)).toEqual(Buffer.from("old"));
    await host.run({
      argv: { shell: `mv ${at}/a ${at}/b; mkdir ${at}/a; printf new > ${at}/a/x` },
    });
    expect(await host.read(`${at}/a/x`)).toEqual(Buffer.from("new"));
  });

  test("of the root is a folder", async () => {
    expect(await host.stat("/")).toMatchObject({ kind: "directory" });
    expect(await host.list("/")).toContain("proc");
  });
});

describe.skipIf(!isRoot)("links of strangers", () => {
  const root = () => {
    const at = fresh();
    fs.mkdirSync(`${at}/outside`);
    fs.writeFileSync(`${at}/outside/victim`, "root's");
    fs.mkdirSync(`${at}/home`);
    fs.chownSync(`${at}/home`, stranger, stranger);
    const link = (target: string, name: string) => {
      fs.symlinkSync(target, `${at}/home/${name}`);
      fs.lchownSync(`${at}/home/${name}`, stranger, stranger);
    };
    return { at, link };
  };

  test("lead to their own folders", async () => {
    const { at, link } = root();
    fs.mkdirSync(`${at}/home/dotfiles`);
    fs.chownSync(`${at}/home/dotfiles`, stranger, stranger);
    link("dotfiles", "config");
    await host.write(`${at}/home/config/rc`, bytes("x"), { uid: stranger, gid: stranger });
    expect(fs.readFileSync(`${at}/home/dotfiles/rc`, "utf8")).toBe("x");
  });

  test("do not lead to folders of others", async () => {
    const { at, link } = root();
    link("../outside", "out");
    const path = `${at}/home/out/victim`;
    for (const work of [
      () => host.write(path, bytes("x")),
      () => host.read(path),
      () => host.chmod(path, 0o777),
      () => host.chown(path, stranger, stranger),
      () => host.mkdir(`${at}/home/out/new`),
      () => host.remove(path),
      () => host.digest(path),
    ])
      expect(await refusal(work())).toContain(`refused to follow ${at}/home/out/`);
    expect(fs.readdirSync(`${at}/outside`)).toEqual(["victim"]);
    expect(fs.readFileSync(`${at}/outside/victim`, "utf8")).toBe("root's");
  });

  test("do not lead to files of others", async () => {
    const { at, link } = root();
    link("../outside/victim", "direct");
    expect(await refusal(host.write(`${at}/home/direct`, bytes("x")))).toContain(
      "refused to follow",
    );
    fs.writeFileSync(`${at}/home/roots`, "root's");
    link("roots", "near");
    expect(await refusal(host.write(`${at}/home/near`, bytes("x")))).toContain(
      "leads to a file of user 0",
    );
    expect(await refusal(host.read(`${at}/home/near`))).toContain("leads to a file of user 0");
  });

  test("are not followed where others may write", async () => {
    const at = fresh();
    fs.chmodSync(at, 0o1777);
    fs.mkdirSync(`${at}/real`);
    fs.symlinkSync("real", `${at}/link`);
    fs.lchownSync(`${at}/link`, stranger, stranger);
    expect(await refusal(host.write(`${at}/link/x`, bytes("x")))).toContain(
      "where others may write",
    );
  });

  test("are looked at, and can be removed", async () => {
    const { at, link } = root();
    link("../outside", "out");
    expect(await host.stat(`${at}/home/out`)).toMatchObject({ kind: "symlink", uid: stranger });
    await host.remove(`${at}/home/out`, { recursive: true });
    expect(fs.readdirSync(`${at}/home`)).toEqual([]);
    expect(fs.readdirSync(`${at}/outside`)).toEqual(["victim"]);
  });

  test("get another owner themselves, not what they lead to", async () => {
    const { at, link } = root();
    link("../outside/victim", "direct");
    await host.chown(`${at}/home/direct`, 7, 7, { link: true });
    expect(fs.lstatSync(`${at}/home/direct`).uid).toBe(7);
    expect(fs.statSync(`${at}/outside/victim`).uid).toBe(0);
  });

  test("second names of a file are refused", async () => {
    const { at } = root();
    fs.linkSync(`${at}/outside/victim`, `${at}/home/hard`);
    for (const work of [
      () => host.write(`${at}/home/hard`, bytes("x")),
      () => host.chmod(`${at}/home/hard`, 0o666),
      () => host.chown(`${at}/home/hard`, stranger, stranger),
    ])
      expect(await refusal(work())).toContain("has 2 names (hard links)");
    expect(fs.statSync(`${at}/outside/victim`)).toMatchObject({ uid: 0, nlink: 2 });
  });
});
