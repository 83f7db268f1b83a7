import { describe, expect, test } from "bun:test";
import { promoted } from "../../../src/core/policy/promote.ts";
import { policyOf, treeOf } from "../../support/policy.ts";

const envoys =
  "envoys:\n  - { match: a, environment: staging, configcrates: [web] }\n  - { match: b, environment: production, configcrates: [web] }\n";
const web = (overrides = "") =>
  `configcrate: web\nvars: { port: 80, note: "" }\n${overrides}resources:\n  - { type: file, target_path: /w, content: "{{ vars.port }}{{ vars.note }}" }\n`;
const motd = "configcrate: motd\nresources:\n  - { type: file, target_path: /m, content: x }\n";

function promote(files: Readonly<Record<string, string>>, crate = "web", from = "staging") {
  const all = { "envoys.vgo": envoys, "configcrates/motd.vgo": motd, ...files };
  const tree = treeOf(all);
  const texts = promoted(tree, policyOf(all), { crate, from, to: "production" });
  // What it writes must be a policy again.
  policyOf({ ...all, ...Object.fromEntries(texts) });
  return Object.fromEntries(texts);
}

describe("overrides of the configcrate", () => {
  const cases: readonly (readonly [string, string, string])[] = [
    [
      "are copied letter by letter behind the others",
      'environment_overrides:\n  staging: # tried out\n    vars:\n      port: 8080 # high\n      note: "a"\n',
      'environment_overrides:\n  staging: # tried out\n    vars:\n      port: 8080 # high\n      note: "a"\n  production: # tried out\n    vars:\n      port: 8080 # high\n      note: "a"\n',
    ],
    [
      "take the place of those there were",
      "environment_overrides:\n  production: { vars: { port: 443 } } # TLS\n  staging: { vars: { note: 1.10 } }\n",
      "environment_overrides:\n  production: { vars: { note: 1.10 } } # TLS\n  staging: { vars: { note: 1.10 } }\n",
    ],
    [
      "in braces",
      "environment_overrides: { staging: { vars: { port: 1 } } }\n",
      "environment_overrides: { staging: { vars: { port: 1 } }, production: { vars: { port: 1 } } }\n",
    ],
    [
      "and go where staging has none",
      "environment_overrides:\n  production: { vars: { port: 443 } }\n  testing: { vars: { port: 1 } }\n",
      "environment_overrides:\n  testing: { vars: { port: 1 } }\n",
    ],
  ];
  test.each(cases)("%s", (_, before, after) => {
    expect(promote({ "configcrates/web.vgo": web(before) })).toEqual({
      "configcrates/web.vgo": web(after),
    });
    const settled = promote({ "configcrates/web.vgo": web(after) });
    expect(settled).toEqual({});
  });

  test("with the line ends of the file", () => {
    const dos = web("environment_overrides:\n  staging: { vars: { port: 1 } }\n").replaceAll(
      "\n",
      "\r\n",
    );
    const after = promote({ "configcrates/web.vgo": dos })["configcrates/web.vgo"] ?? "";
    expect(after).toContain(
      "\r\n  staging: { vars: { port: 1 } }\r\n  production: { vars: { port: 1 } }\r\n",
    );
  });
});

describe("environments.vgo", () => {
  const base = { "configcrates/web.vgo": web() };
  const cases: readonly (readonly [string, string, string])[] = [
    [
      "lists it",
      "env:\n  staging: { configcrates: [motd] }\n  production: { vars: { a: 1 } }\n",
      "env:\n  staging: { configcrates: [motd] }\n  production: { vars: { a: 1 }, configcrates: [ motd ] }\n",
    ],
    [
      "lists it beside others",
      "env:\n  staging: { configcrates: [motd] }\n  production:\n    configcrates:\n      - web # always\n",
      "env:\n  staging: { configcrates: [motd] }\n  production:\n    configcrates:\n      - web # always\n      - motd\n",
    ],
    [
      "excludes it no more",
      "env:\n  staging: { configcrates: motd }\n  production: { exclude_configcrates: [web, motd], configcrates: [motd] }\n",
      "env:\n  staging: { configcrates: motd }\n  production: { exclude_configcrates: [web], configcrates: [motd] }\n",
    ],
  ];
  test.each(cases)("%s", (_, before, after) => {
    const now = promote({ ...base, "environments.vgo": before }, "motd")["environments.vgo"] ?? "";
    expect(now.replaceAll(/\[ (\w+) \]/g, "[$1]")).toBe(after.replaceAll(/\[ (\w+) \]/g, "[$1]"));
  });

  test("each file that knows one of the two", () => {
    const changed = promote(
      {
        ...base,
        "a/environments.vgo": "env:\n  staging: { configcrates: [motd] }\n",
        "b/environments.vgo": "env:\n  production: { configcrates: [motd] }\n",
        "c/environments.vgo": "env:\n  testing: { configcrates: [motd] }\n",
      },
      "motd",
    );
    expect(Object.keys(changed).sort()).toEqual(["a/environments.vgo", "b/environments.vgo"]);
  });
});

test("names that nothing bears are told apart", () => {
  const files = { "configcrates/web.vgo": web() };
  expect(() => promote(files, "wbe")).toThrow('unknown configcrate "wbe", did you mean "web"?');
  expect(() => promote(files, "web", "stagin")).toThrow('did you mean "staging"?');
});
