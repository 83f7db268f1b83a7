/** Which servers are called through the proxy, and which are not. */
import { expect, test } from "bun:test";
import { proxyFor } from "../../../src/modes/agent/proxy.ts";

const rows: readonly [host: string, except: string, isDirect: boolean][] = [
  ["vigo.example.org", "", false],
  ["vigo.example.org", "*", true],
  ["vigo.example.org", "example.org", true],
  ["vigo.example.org", ".example.org", true],
  ["vigo.example.org", "*.example.org", true],
  ["VIGO.Example.ORG", "vigo.EXAMPLE.org", true],
  ["vigo.example.org", "ample.org", false],
  ["example.org", ".example.org", true],
  ["vigo.example.org", "other.org, vigo.example.org", true],
  ["vigo.example.org", "other.org vigo.example.org", true],
  ["vigo.example.org", "vigo.example.org:1530", true],
  ["vigo.example.org", "vigo.example.org:8443", false],
  ["10.1.2.3", "10.0.0.0/8", true],
  ["11.1.2.3", "10.0.0.0/8", false],
  ["10.1.2.3", "10.1.2.3", true],
  ["10.1.2.3", "10.1.2.30", false],
  ["10.1.2.3", "2.3", false],
  ["fd00::7", "fd00::/8", true],
  ["fd00::7", "fd00::7", true],
  ["fd00::7", "10.0.0.0/8", false],
  ["10.1.2.3", "10.0.0.0/99, nonsense//, :", false],
  ["localhost", "", true],
  ["127.0.0.9", "", true],
  ["::1", "", true],
];
test.each(rows)("%s, except %j: directly %p", (host, except, isDirect) => {
  const found = proxyFor({ host, port: 1530 }, { https: "http://proxy:3128", except });
  expect(found === undefined).toBe(isDirect);
});

test("no proxy, no detour", () => {
  expect(proxyFor({ host: "a", port: 1 }, undefined)).toBeUndefined();
});

test.each([
  ["http://proxy:3128", "http://proxy:3128/"],
  ["proxy:3128", "http://proxy:3128/"],
  ["http://[fd00::1]:80/", "http://[fd00::1]/"],
])("%s is one", (https, href) => {
  expect(proxyFor({ host: "a", port: 1 }, { https })?.href).toBe(href);
});

test.each(["https://proxy:1", "socks5://proxy:1", "http://", "a b"])("%j is none", (https) => {
  expect(() => proxyFor({ host: "a", port: 1 }, { https })).toThrow("none that can be asked");
});
