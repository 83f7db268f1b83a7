import { expect, test } from "bun:test";
import { groups } from "../../src/core/traits/groups.ts";
import { collect } from "../support/collect.ts";
import { fakeHost } from "../support/fake-host.ts";

test("listed members and those of the primary group, each once", async () => {
  const files = {
    "/etc/group": "root:x:0:\nwheel:x:10:dana,kim\ndana:x:1000:dana\nempty:x:1001:\n+nis::::\n",
    "/etc/passwd":
      "root:x:0:0::/root:/bin/sh\ndana:x:1000:1000::/:/bin/sh\nkim:x:1001:10::/:/bin/sh\n",
  };
  expect(await collect(groups, fakeHost({ files }).host)).toEqual({
    members: { root: ["root"], wheel: ["dana", "kim"], dana: ["dana"], empty: [] },
  });
  expect(await collect(groups, fakeHost().host)).toBeUndefined();
});
