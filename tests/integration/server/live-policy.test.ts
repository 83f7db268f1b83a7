/** The policy in force on a real home: what a publish makes of envoys that were resolved before. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import files from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { newKeyPair, signingKey } from "../../../src/core/pki/keys.ts";
import { publishTree } from "../../../src/core/publish/publish.ts";
import { Envoy } from "../../../src/modes/server/envoys/envoy.ts";
import { LivePolicy } from "../../../src/modes/server/policy/live.ts";
import { planFor } from "../../../src/modes/server/policy/plan.ts";
import { registries, treeOf } from "../../support/policy.ts";

let home: string;
beforeAll(async () => {
  home = await files.mkdtemp(join(tmpdir(), "vigo-live-"));
});
afterAll(async () => {
  Bun.spawnSync(["chmod", "-R", "u+w", home]);
  await files.rm(home, { recursive: true });
});

const envoy = (hostname: string) =>
  new Envoy({
    id: `id-${hostname}`,
    hostname,
    publicKey: new Uint8Array(32),
    certificate: "",
    previousCertificate: undefined,
    certificateExpiresAt: 0,
    enrolledAt: 0,
    tokenId: undefined,
    revokedAt: undefined,
    machineId: "",
    platform: "linux",
    arch: "amd64",
  });

const crate = (name: string, content: string) =>
  `configcrate: ${name}\nvars: { motd: none }\nresources:\n  - { name: file, type: file, target_path: /${name}, content: "${content}" }\n`;
const stacks = {
  "one/envoys.vgo": 'envoys: [{ match: "one-*", configcrates: [a, b] }]\n',
  "two/envoys.vgo": 'envoys: [{ match: "two-*", configcrates: [a, b] }]\n',
  "two/common.vgo": "vars: { motd: none }\n",
  "third/envoys.vgo": 'envoys: [{ match: "third-*", configcrates: [c] }]\n',
  "configcrates/a.vgo": crate("a", "{{ vars.motd }}"),
  "configcrates/b.vgo": crate("b", "b"),
  "configcrates/c.vgo": crate("c", "{{ envoy.hostname }}"),
};

async function publish(changed: Readonly<Record<string, string>>): Promise<void> {
  const tree = treeOf({ ...stacks, ...changed });
  const said = { actor: "", message: "", source: "" };
  const publication = { tree, ...said, now: new Date() };
  await publishTree(files, home, publication, { self: "test", isAlive: () => true });
}

test("envoys that a publish does not touch keep what they have, without being looked at", async () => {
  let asked = 0;
  const traits = {
    some: async () => {
      asked++;
      return [];
    },
    of: async () => [],
  };
  const problems: string[] = [];
  const say = (message: string) => void problems.push(message);
  await publish({});
  const live = await LivePolicy.open({
    home,
    registries,
    traits,
    signing: { id: "", key: signingKey(newKeyPair().seed) },
    bundleMaxAgeMs: 0,
    log: { info() {}, warn: say, error: say },
    pollMs: 3_600_000,
  });
  try {
    const [one, two, third] = [envoy("one-1"), envoy("two-1"), envoy("third-1")];
    const settle = async () => {
      asked = 0;
      for (const each of [one, two, third]) await live.settle(each);
      return asked;
    };
    const body = (of: Envoy) => new TextDecoder().decode(of.intended?.body);
    const take = async (changed: Readonly<Record<string, string>>) => {
      await publish(changed);
      await live.reload();
      return settle();
    };
    expect(await settle()).toBe(3);
    expect(two.intended).toBe(one.intended as never);
    const before = [one, two, third].map(body);

    expect(await take({ "configcrates/c.vgo": crate("c", "new {{ envoy.hostname }}") })).toBe(1);
    expect([one, two].map(body)).toEqual(before.slice(0, 2));
    expect(body(third)).toContain("new third-1");
    const version = live.edition?.manifest.version;
    expect([one, two, third].map(({ intendedVersion }) => intendedVersion)).toEqual([
      version,
      version,
      version,
    ] as number[]);

    // The two have one body, and only one of them gets another var.
    expect(await take({ "two/common.vgo": "vars: { motd: hello }\n" })).toBeGreaterThanOrEqual(1);
    expect(body(one)).toBe(before[0] as string);
    expect(body(two)).toContain('"content":"hello"');

    // What makes an envoy dirty in between is not carried over.
    one.dirty();
    await take({});
    expect([one, two, third].map(body)).toEqual(before);
    expect(problems).toEqual([]);
  } finally {
    live.close();
  }
});

test("a plan asks nothing of envoys that are known to keep what they have", async () => {
  const asked: string[] = [];
  const traits = {
    some: async (id: string) => {
      asked.push(id);
      return [];
    },
    of: async (id: string) => {
      asked.push(`${id}, all`);
      return [];
    },
  };
  await publish({});
  const live = await LivePolicy.open({
    home,
    registries,
    traits,
    signing: { id: "", key: signingKey(newKeyPair().seed) },
    bundleMaxAgeMs: 0,
    log: { info() {}, warn: console.error, error: console.error },
    pollMs: 3_600_000,
  });
  try {
    const envoys = ["one-1", "one-2", "third-1", "third-2"].map(envoy);
    const plan = async (changed: Readonly<Record<string, string>>, of = envoys) => {
      const { policy } = await live.workshop.examine(treeOf({ ...stacks, ...changed }));
      if (policy === undefined) throw new Error("the tree is not good");
      asked.length = 0;
      let looked = 0;
      const made = await planFor({ live, after: policy, registries, envoys: of, traits }, () => {
        looked++;
      });
      expect(looked).toBe(of.length);
      return made;
    };
    const changed = { "configcrates/c.vgo": crate("c", "new {{ envoy.hostname }}") };
    const expected = await plan(changed);
    expect(expected.envoys).toEqual({ known: 4, changed: 2, unchanged: 2, unresolved: 0 });
    expect(asked).toEqual(expect.arrayContaining(["id-one-1", "id-one-2"]));

    for (const each of envoys) await live.settle(each);
    expect(await plan(changed)).toEqual(expected);
    expect(new Set(asked)).toEqual(new Set(["id-third-1", "id-third-2"]));

    // Who has told something new since then may get something else.
    envoys[0]?.dirty();
    expect(await plan(changed)).toEqual(expected);
    expect(asked).toContain("id-one-1");
    expect(asked).not.toContain("id-one-2");

    // What all hostcrates share concerns everybody, and the revoked count for nothing.
    const [one, ...rest] = envoys.map(({ row }) => row);
    const revoked = new Envoy({ ...(one as NonNullable<typeof one>), revokedAt: 1 });
    const others = [revoked, ...envoys.slice(1)];
    const all = await plan({ "common.vgo": "vars: { motd: hello }\n" }, others);
    expect(all.envoys).toEqual({ known: rest.length, changed: 1, unchanged: 2, unresolved: 0 });
  } finally {
    live.close();
  }
});
