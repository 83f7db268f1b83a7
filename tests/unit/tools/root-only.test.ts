import { expect, test } from "bun:test";
import { whyNotRoots } from "../../../src/core/tools/root-only.ts";
import { fakeHost } from "../../support/fake-host.ts";
import type { Node } from "../../support/fake-tree.ts";

const path = "/etc/vigo-envoy/traits.d/room";
const onMac = (nodes: Readonly<Record<string, Node>>) =>
  whyNotRoots(
    fakeHost({
      os: { platform: "darwin", family: "darwin" },
      nodes: {
        "/": {},
        "/etc": { kind: "symlink", target: "private/etc" },
        [`/private${path}`]: { kind: "file", mode: 0o755 },
        ...nodes,
      },
    }).host,
    path,
    "file",
  );

test("a Mac's own link to its folders is nobody's", async () => {
  expect(await onMac({})).toBeUndefined();
});

test("behind it the folders are looked at as anywhere", async () => {
  expect(await onMac({ "/private/etc/vigo-envoy": { mode: 0o777 } })).toBe(
    "others may write to /private/etc/vigo-envoy",
  );
  expect(await onMac({ "/private/etc": { kind: "symlink", target: "/x" } })).toBe(
    "/private/etc is no directory",
  );
});

test("elsewhere a link is refused", async () => {
  const nodes = { "/": {}, "/etc": { kind: "symlink", target: "private/etc" } } as const;
  expect(await whyNotRoots(fakeHost({ nodes }).host, path, "file")).toBe("/etc is no directory");
});
