import { expect, test } from "bun:test";
import fc from "fast-check";
import { type HostWish, withHost, withoutHost } from "../../../src/core/text/hosts.ts";
import { anyText, isThinned, onText, rawLines } from "../../support/any-text.ts";

const put = (wish: HostWish) => onText((doc) => withHost(doc, wish));
const takeAway = (name: string, ip?: string) => onText((doc) => withoutHost(doc, name, ip));
const words = [
  "127.0.0.1\tlocalhost",
  "::1 localhost ip6-loopback",
  "10.0.0.1  web.example.com web # front",
  "10.0.0.2 web",
  "  10.0.0.3 other web",
  "#10.0.0.4 web",
];

/** Addresses a name leads to, as a resolver takes them from the text. */
const addresses = (text: string, name: string, six: boolean) =>
  rawLines(text).flatMap((line) => {
    const [ip = "", ...names] = line.replace(/#.*/, "").trim().split(/\s+/);
    return names.includes(name) && ip.includes(":") === six ? [ip] : [];
  });

const wish = fc.record(
  {
    hostname: fc.constantFrom("web", "new"),
    ip: fc.constantFrom("10.0.0.1", "10.9.9.9", "fe80::1"),
    aliases: fc.constantFrom([], ["web.example.com"], ["w"]),
  },
  { requiredKeys: ["hostname", "ip"] },
);

test("any hosts file: the name leads to the address only, twice is once, other names stay", () => {
  fc.assert(
    fc.property(anyText(words), wish, (text, it) => {
      fc.pre(!/\r[^\n]/.test(text));
      const once = put(it)(text);
      expect(put(it)(once)).toBe(once);
      for (const name of [it.hostname, ...(it.aliases ?? [])])
        expect(new Set(addresses(once, name, it.ip.includes(":")))).toEqual(new Set([it.ip]));
      for (const name of ["localhost", "ip6-loopback", "other"])
        expect(addresses(once, name, false)).toEqual(addresses(text, name, false));
      const untouched = (all: string) => rawLines(all).filter((line) => !/web|new|w$/.test(line));
      expect(isThinned(untouched(text), untouched(once))).toBe(true);
      expect(addresses(takeAway(it.hostname)(once), it.hostname, false)).toEqual([]);
    }),
  );
});

test("a new name goes without a trace", () => {
  fc.assert(
    fc.property(anyText(words), (text) => {
      fc.pre(!/(?:^|\n)\r*$/.test(text));
      const once = put({ hostname: "new", ip: "10.9.9.9", aliases: ["n"] })(text);
      expect(takeAway("new")(once)).toBe(text);
    }),
  );
});

test.each([
  ["10.0.0.1  a.b a # x\n", { hostname: "a", ip: "10.0.0.1" }, "10.0.0.1  a.b a # x\n"],
  ["10.0.0.1  a.b a # x\n", { hostname: "a", ip: "10.0.0.2" }, "10.0.0.1  a.b # x\n10.0.0.2\ta\n"],
  ["10.0.0.1  a c # x\n", { hostname: "a", ip: "10.0.0.2" }, "10.0.0.2  a c # x\n"],
  ["10.0.0.1  a c # x\n", { hostname: "a", ip: "10.0.0.1", aliases: ["d"] }, "10.0.0.1  a d # x\n"],
  ["10.0.0.1 A", { hostname: "a", ip: "10.0.0.1" }, "10.0.0.1 A"],
  ["10.0.0.1 a\n10.0.0.1 a\n", { hostname: "a", ip: "10.0.0.1" }, "10.0.0.1 a\n"],
  ["::1 a\n", { hostname: "a", ip: "10.0.0.1" }, "::1 a\n10.0.0.1\ta\n"],
])("%j with %j", (text, it, wanted) => {
  expect(put(it)(text)).toBe(wanted);
});

test("takes lines of one address only, when said", () => {
  expect(takeAway("a", "10.0.0.1")("10.0.0.1 a\n10.0.0.2 b a\n")).toBe("10.0.0.2 b a\n");
  expect(takeAway("a")("10.0.0.1 a\n10.0.0.2 b a\n")).toBe("10.0.0.2 b\n");
});
