import { describe, expect, test } from "bun:test";
import { firewall, parseIptables, parseNft } from "../../src/core/traits/firewall.ts";
import { collect } from "../support/collect.ts";
import { fakeHost } from "../support/fake-host.ts";

const list = "nft -j -t list ruleset";
const missing = (name: string) => ({ code: 127, stdout: "", stderr: `${name}: not found` });
const nft = (...objects: readonly object[]) =>
  JSON.stringify({
    nftables: [{ metainfo: { version: "1.0.6", json_schema_version: 1 } }, ...objects],
  });
const chain = (name: string, hook?: string, policy?: string) => ({
  chain: {
    family: "inet",
    table: "filter",
    name,
    handle: 1,
    ...(hook && { type: "filter", hook, prio: 0, policy }),
  },
});
const rule = {
  rule: { family: "inet", table: "filter", chain: "input", handle: 4, expr: [{ accept: null }] },
};

describe("firewall", () => {
  test("of nftables", async () => {
    const said = nft(
      { table: { family: "inet", name: "filter", handle: 1 } },
      chain("input", "input", "drop"),
      chain("output", "output", "accept"),
      chain("services"),
      rule,
      rule,
    );
    expect(await collect(firewall, fakeHost({ commands: { [list]: said } }).host)).toEqual({
      backend: "nftables",
      enabled: true,
      input_policy: "drop",
      forward_policy: "none",
      output_policy: "accept",
      rule_count: 2,
    });
  });

  test.each([
    ["ufw", nft({ table: { family: "ip", name: "filter" } }, chain("ufw-before-input"), rule)],
    ["firewalld", nft({ table: { family: "inet", name: "firewalld" } }, rule)],
    ["none", nft()],
    ["none", nft({ table: { family: "ip", name: "filter" } }, chain("INPUT", "input", "accept"))],
  ])("%s shows itself", async (backend, said) => {
    const value = await collect(firewall, fakeHost({ commands: { [list]: said } }).host);
    expect(value).toMatchObject({ backend, enabled: backend !== "none" });
  });

  test("of iptables, where there is no nft", async () => {
    const rules =
      "-P INPUT DROP\n-P FORWARD ACCEPT\n-P OUTPUT ACCEPT\n-N DOCKER\n-A INPUT -i lo -j ACCEPT\n-A FORWARD -j DOCKER\n";
    const commands = { [list]: missing("nft"), "iptables -S": rules };
    expect(await collect(firewall, fakeHost({ commands }).host)).toEqual({
      backend: "iptables",
      enabled: true,
      input_policy: "drop",
      forward_policy: "accept",
      output_policy: "accept",
      rule_count: 2,
    });
  });

  test("without a tool: nothing can be told of a kernel that has a filter, all of one that has none", async () => {
    const commands = { [list]: missing("nft"), "iptables -S": missing("iptables") };
    expect(await collect(firewall, fakeHost({ commands }).host)).toMatchObject({ backend: "none" });
    const files = { "/sys/module/nf_tables/taint": "" };
    expect(await collect(firewall, fakeHost({ commands, files }).host)).toBeUndefined();
  });

  test("who is not root is told so", async () => {
    const commands = {
      [list]: { code: 1, stdout: "", stderr: "Operation not permitted (you must be root)\n" },
    };
    const failing = collect(firewall, fakeHost({ commands }).host);
    expect(await failing.catch(String)).toContain("you must be root");
  });

  test("one chain that drops is enough", () => {
    const found = parseNft(nft(chain("a", "input", "accept"), chain("b", "input", "drop")));
    expect(found.policies.input).toBe("drop");
    expect(parseIptables("-P INPUT ACCEPT\n").rules).toBe(0);
  });
});
