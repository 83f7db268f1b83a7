import { expect, test } from "bun:test";
import { python } from "../../src/core/traits/python.ts";
import { collect } from "../support/collect.ts";
import { fakeHost } from "../support/fake-host.ts";

const program = { kind: "file", mode: 0o755 } as const;
const link = (target: string) => ({ kind: "symlink", target }) as const;

test("each program once, whatever leads to it; what is no interpreter is not run", async () => {
  const { host } = fakeHost({
    nodes: {
      "/usr/bin/python3": link("python3.11"),
      "/usr/bin/python3.11": program,
      "/usr/bin/python3-config": program,
      "/usr/local/bin/python3.13": program,
      "/usr/bin/python2": { kind: "file", mode: 0o644 },
      "/usr/bin/python": link("/etc/alternatives/python"),
      "/etc/alternatives/python": link("/usr/bin/python3"),
    },
    commands: {
      "/usr/bin/python3.11 --version": "Python 3.11.2\n",
      "/usr/local/bin/python3.13 --version": "Python 3.13.0rc2\n",
    },
  });
  expect(await collect(python, host)).toEqual({
    versions: { "/usr/bin/python3.11": "3.11.2", "/usr/local/bin/python3.13": "3.13.0rc2" },
    default: "3.11.2",
  });
});

test("a program that has not changed is asked once", async () => {
  let asked = 0;
  const { host } = fakeHost({
    nodes: { "/usr/bin/python3": program },
    commands: {
      "/usr/bin/python3 --version": () => {
        asked += 1;
        return "Python 3.9.21\n";
      },
    },
  });
  await collect(python, host);
  expect(await collect(python, host)).toMatchObject({ default: "3.9.21" });
  expect(asked).toBe(1);
});

test("links that go in circles, programs that fail, none at all", async () => {
  const nodes = { "/usr/bin/python3": link("python3"), "/usr/bin/python3.12": program };
  const commands = { "/usr/bin/python3.12 --version": { code: 1, stdout: "", stderr: "broken" } };
  expect(await collect(python, fakeHost({ nodes, commands }).host)).toBeUndefined();
  expect(await collect(python, fakeHost().host)).toBeUndefined();
});
