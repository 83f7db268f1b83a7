/** The `timeout` of a resource holds for all it does together: commands and downloads. */
import { expect, test } from "bun:test";
import { limitedHost } from "../../../src/core/converge/limited-host.ts";
import type { Command } from "../../../src/core/host.ts";
import { fakeHost } from "../../support/fake-host.ts";

function slow() {
  let now = 0;
  const given: Command[] = [];
  const { host } = fakeHost();
  const passing = (ms: number) => {
    now += ms;
  };
  const limited = limitedHost(
    {
      ...host,
      now: () => new Date(now),
      run: async (command) => {
        given.push(command);
        passing(400);
        return { code: 0, stdout: "", stderr: "" };
      },
      fetch: async () =>
        new ReadableStream<Uint8Array>({
          pull: (controller) => {
            passing(300);
            controller.enqueue(new Uint8Array(10));
          },
        }),
    },
    { timeoutMs: 1000 },
  );
  return { limited, given };
}

test("each command gets what is left, or its own limit where that is shorter", async () => {
  const { limited, given } = slow();
  await limited.run({ argv: ["a"] });
  await limited.run({ argv: ["b"], timeoutMs: 100 });
  await limited.run({ argv: ["c"], timeoutMs: 5000 });
  expect(given.map(({ timeoutMs }) => timeoutMs)).toEqual([1000, 100, 200]);
  await expect(limited.run({ argv: ["d"] })).rejects.toThrow(
    "took longer than its timeout of 1000 ms",
  );
});

test("a download that does not end is broken off", async () => {
  const { limited } = slow();
  const reader = (await limited.fetch("https://example.net/endless")).getReader();
  let parts = 0;
  const all = async () => {
    for (;;) {
      const { done } = await reader.read();
      if (done) return;
      parts++;
    }
  };
  await expect(all()).rejects.toThrow("took longer than its timeout of 1000 ms");
  expect(parts).toBeWithin(2, 4);
});

test("without a limit the host is the very same", () => {
  const { host } = fakeHost();
  expect(limitedHost(host, {})).toBe(host);
});
