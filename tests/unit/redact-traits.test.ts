import { describe, expect, test } from "bun:test";
import type { Section } from "../../src/core/collect.ts";
import { canonicalJson, type Json } from "../../src/core/json.ts";
import { Redactor } from "../../src/core/redact.ts";
import { saysNothingNew, withoutSecrets } from "../../src/core/redact-traits.ts";
import { traits } from "../../src/core/traits/index.ts";
import { sectionHash } from "../../src/core/wire/traits-root.ts";

const typeOf = (name: string) => traits.find((trait) => trait.name === name);
const section = (name: string, value: Json): Section => ({
  name,
  value,
  hash: sectionHash(canonicalJson(value)),
  collectedAt: 1,
  stale: false,
  bootId: "b",
  cycles: 0,
});
function told(name: string, value: Json, ...secrets: readonly string[]): Json {
  const redactor = new Redactor();
  for (const secret of secrets) redactor.learn(secret);
  const hidden = withoutSecrets(section(name, value), typeOf(name), redactor);
  expect(hidden.hash).toBe(sectionHash(canonicalJson(hidden.value)));
  return hidden.value;
}

const job = { path: "/etc/crontab", user: "root", schedule: "@daily" };

describe("a trait", () => {
  const cases: readonly (readonly [
    what: string,
    name: string,
    Json,
    secrets: readonly string[],
    Json,
  ])[] = [
    [
      "a text",
      "cron_jobs",
      { jobs: [{ ...job, command: "curl -H 'X: tok_12345678' http://x" }] },
      ["tok_12345678"],
      { jobs: [{ ...job, command: "curl -H 'X: ******' http://x" }] },
    ],
    [
      "in base64",
      "custom",
      { auth: Buffer.from("user:correct horse").toString("base64") },
      ["correct horse"],
      { auth: "dXNlcjp******" },
    ],
    [
      "a short one takes its line",
      "custom",
      { a: "pin 4711 is it\nno" },
      ["4711"],
      { a: "******\nno" },
    ],
    ["a name", "custom", { "db/tok_12345678": [1] }, ["tok_12345678"], { "db/******": [1] }],
    ["a number of a program", "custom", { pin: 471199, n: 5 }, ["471199"], { pin: "******", n: 5 }],
    [
      "a number that was measured",
      "memory",
      { total_mb: 471199, available_mb: 1, used_pct: 0 },
      ["471199"],
      { total_mb: 471199, available_mb: 1, used_pct: 0 },
    ],
    [
      "a name of the trait's own",
      "users",
      { human: ["password"], last_login: { password: "x" }, sudoers: [] },
      ["password", "human", "sudoers"],
      { human: ["******"], last_login: { "******": "x" }, sudoers: [] },
    ],
    [
      "what the server decides on",
      "os",
      { family: "debian", distro: "debian", reboot_reasons: ["debian", "linux"] },
      ["debian"],
      { family: "debian", distro: "debian", reboot_reasons: ["******", "linux"] },
    ],
    ["nothing there", "custom", null, ["tok_12345678"], null],
    [
      "a mere list",
      "custom",
      { a: [["tok_12345678"], true, null] },
      ["tok_12345678"],
      { a: [["******"], true, null] },
    ],
  ];
  test.each(cases)("%s", (_, name, value, secrets, expected) => {
    expect(told(name, value, ...secrets)).toEqual(expected);
  });

  test("with nothing to hide is the very same", () => {
    const redactor = new Redactor();
    redactor.learn("tok_12345678");
    const one = section("custom", { a: "b" });
    expect(withoutSecrets(one, typeOf("custom"), redactor)).toBe(one);
  });
});

describe("before the secrets are known, a trait may be told", () => {
  const mount = { mountpoint: "/", device: "/dev/sda1", used_pct: 40 };
  const cases: readonly (readonly [what: string, name: string, Json, Json | undefined, boolean])[] =
    [
      ["that says what it said", "cron_jobs", { jobs: [job] }, { jobs: [job] }, true],
      ["that says less", "cron_jobs", { jobs: [] }, { jobs: [job] }, true],
      [
        "whose numbers moved",
        "filesystem",
        { "/": { ...mount, used_pct: 90 } },
        { "/": mount },
        true,
      ],
      ["whose stable fields changed", "os", { distro: "debian" }, { distro: "fedora" }, true],
      [
        "not with another text",
        "cron_jobs",
        { jobs: [{ ...job, command: "x" }] },
        { jobs: [job] },
        false,
      ],
      ["not with a text that was cut off", "custom", { a: "tok_1" }, { a: "tok_12" }, false],
      ["not with another name", "filesystem", { "/x": mount }, { "/": mount }, false],
      ["not with a number of a program", "custom", { pin: 4712 }, { pin: 4711 }, false],
      [
        "not with a field's name as a text",
        "filesystem",
        { "/": { ...mount, device: "used_pct" } },
        { "/": mount },
        false,
      ],
      [
        "not when it was hidden before",
        "custom",
        { a: "key tok_12345678" },
        { a: "key ******" },
        false,
      ],
      ["not when it was never told", "memory", { total_mb: 1 }, undefined, false],
    ];
  test.each(cases)("%s", (_, name, value, before, may) => {
    const was = before === undefined ? undefined : section(name, before);
    expect(saysNothingNew(section(name, value), was, typeOf(name))).toBe(may);
  });
});
