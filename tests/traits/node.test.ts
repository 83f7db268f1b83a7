import { expect, test } from "bun:test";
import { node } from "../../src/core/traits/node.ts";
import { collect } from "../support/collect.ts";
import { fakeHost } from "../support/fake-host.ts";

const program = { kind: "file", mode: 0o755 } as const;

test("Node.js under its names", async () => {
  const { host } = fakeHost({
    nodes: {
      "/usr/bin/node": { kind: "symlink", target: "/usr/bin/node-20" },
      "/usr/bin/node-20": program,
    },
    commands: { "/usr/bin/node-20 --version": "v20.19.2\n" },
  });
  expect(await collect(node, host)).toEqual({
    versions: { "/usr/bin/node-20": "20.19.2" },
    default: "20.19.2",
  });
});

test("another program of that name is none", async () => {
  const { host } = fakeHost({
    nodes: { "/usr/sbin/node": program },
    commands: { "/usr/sbin/node --version": "LinuxNode v0.3.2 (amateur radio)\n" },
  });
  expect(await collect(node, host)).toBeUndefined();
});
