/** What policy makes of a secret, and the agent of that, is what a template would have made of the value. */
import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import type { Body } from "../../../src/core/bundle/body.ts";
import { RunSecrets } from "../../../src/core/converge/secrets.ts";
import type { Json } from "../../../src/core/json.ts";
import {
  refsIn,
  renameRefs,
  replaceSecrets,
  SecretUse,
  sealed,
  spelled,
  textWithSecrets,
  wholeSecret,
  withSecrets,
} from "../../../src/core/policy/secrets.ts";
import { parseTemplate } from "../../../src/core/policy/template/template.ts";
import { Redactor } from "../../../src/core/redact.ts";

const rendered = (source: string, vars: { readonly [name: string]: Json }): Json => {
  const template = parseTemplate(source);
  if (template.kind === "error") throw new Error(`${template.reason}: ${template.message}`);
  const result = template.render({ vars });
  if (result.kind === "error") throw new Error(`${result.reason}: ${result.message}`);
  return result.value;
};

/** As the agent does it: paths become indices, values come in. */
function onTheAgent(value: Json, secrets: Readonly<Record<string, string>>): Json | undefined {
  const refs = Object.keys(secrets);
  const params = {
    content: replaceSecrets<string>(spelled(value), (node) =>
      renameRefs(node, (path) => refs.indexOf(path)),
    ),
  };
  const resource: Body["resources"][number] = { key: "a/b", type: "file", params };
  const run = new RunSecrets(refs, {
    value: (ref) => ({ value: secrets[refs[ref] ?? ""] ?? "", version: "1" }),
    absence: "",
    redactor: new Redactor(),
  });
  return run.open(resource).params["content"];
}

const value = fc.string({ maxLength: 30, unit: "grapheme" }).filter((one) => one.isWellFormed());
const plain = fc
  .string({ maxLength: 12, unit: "grapheme" })
  .filter((one) => one.isWellFormed() && !/[{}%]|secret/.test(one));
const filters = [
  "",
  " | json",
  " | shell_quote",
  " | base64",
  " | sha256",
  " | yaml",
  " | toml",
  " | indent: 4",
  " | base64 | json",
];
const piece = fc.oneof(
  plain.map((text) => ({ text, twin: text })),
  fc.constantFrom(...filters).map((filter) => {
    const text = `{{ vars.one${filter} }}`;
    return { text, twin: text };
  }),
  fc.constant({ text: "secret{two/b}", twin: "{{ vars.two }}" }),
  fc.constant({
    text: "{% assign x = vars.one %}{% for n in (1..2) %}{{ x }}{{ vars.dsn | shell_quote }}{% endfor %}",
    twin: "{% assign x = vars.one %}{% for n in (1..2) %}{{ x }}{{ vars.dsn | shell_quote }}{% endfor %}",
  }),
);

test("sealed and put in later is the same as known at once", () => {
  fc.assert(
    fc.property(
      fc.array(piece, { minLength: 1, maxLength: 8 }),
      value,
      value,
      (pieces, one, two) => {
        const secrets = { "one/a": one, "two/b": two };
        const hidden = rendered(pieces.map(({ text }) => text).join(""), {
          one: sealed({ $secret: "one/a" }),
          dsn: withSecrets("x://secret{two/b}@y"),
        });
        const known = rendered(pieces.map(({ twin }) => twin).join(""), {
          one,
          two,
          dsn: `x://${two}@y`,
        });
        expect(onTheAgent(hidden, secrets)).toEqual(known);
      },
    ),
  );
});

describe("references", () => {
  test.each([
    ["secret:a", ["a"]],
    ["secret:a/b.c-d_E9", ["a/b.c-d_E9"]],
    ["secret: a", []],
    ["secret:", []],
    ["secret:/a", []],
    ["x secret:a", []],
    ["secret:a\n", []],
    ["Secret:a", []],
  ])("%p is a whole value of %p", (text, paths) =>
    expect(refsIn<string>(wholeSecret(text) ?? null)).toEqual(paths as string[]),
  );

  test.each([
    ["secret{a}", ["a"]],
    ["x=secret{a/b};y=secret{c}", ["a/b", "c"]],
    ["secret{}", []],
    ["secret{a", []],
    ["secret{a b}", []],
    ["secret:a", []],
    ["secret{secret{a}}", ["a"]],
  ])("%p holds %p", (text, paths) =>
    expect(refsIn<string>(textWithSecrets(text) ?? null)).toEqual(paths as string[]),
  );

  test("no text of a trait or a lookup becomes one", () => {
    for (const text of ["secret:web/db", "secret{web/db}", '{"$secret":"web/db"}']) {
      expect(rendered("{{ vars.x }}", { x: text })).toBe(text);
      expect(rendered("a {{ vars.x }} secret{own}", { x: text })).toMatchObject({});
      const mixed = spelled(rendered("a {{ vars.x }} secret{own}", { x: text }));
      expect(refsIn<string>(mixed)).toEqual(["own"]);
    }
  });

  test("no map of a trait becomes one", () => {
    expect(() => spelled(rendered("{{ vars.x }}", { x: { $secret: "web/db" } }))).toThrow(
      SecretUse,
    );
    expect(() => spelled([{ a: { $text: [] } }])).toThrow(SecretUse);
  });
});

describe("what looks at a secret is an error", () => {
  const vars = { s: sealed({ $secret: "a" }), m: { s: sealed({ $secret: "a" }) } as Json };
  test.each([
    "{{ vars.s | upcase }}",
    "{{ vars.s | append: 'x' }}",
    "{{ 'x' | append: vars.s }}",
    "{{ vars.s | slice: 0, 2 }}",
    "{{ vars.s | size }}",
    "{{ vars.s | split: ',' }}",
    "{{ vars.m | json }}",
    "{{ vars.m | yaml }}",
    "{% if vars.s == 'x' %}{% endif %}",
    "{% if vars.s contains 'x' %}{% endif %}",
    "{% if vars.s > 1 %}{% endif %}",
    "{% case vars.s %}{% when 'x' %}{% endcase %}",
    "{% for x in vars.s %}{% endfor %}",
    "{% capture c %}{{ vars.s }}{% endcapture %}{{ c | upcase }}",
    "{% capture c %}{{ vars.s }}{% endcapture %}{{ c | base64 }}",
    "{% capture c %}{{ vars.s }}{% endcapture %}{{ c | json }}",
    "{% capture c %}{{ vars.s }}{% endcapture %}{{ c | shell_quote }}",
    "{% capture c %}{{ vars.s }}{% endcapture %}{{ c | url_encode }}",
    "{% capture c %}{{ vars.s }}{% endcapture %}{{ c | escape }}",
    "{% capture c %}{{ vars.s }}{% endcapture %}{{ c | size }}",
    "{% capture c %}{{ vars.s }}{% endcapture %}{{ c | strip_newlines }}",
    "{% capture c %}{{ vars.s }}{% endcapture %}{{ c | indent: 2 }}",
  ])("%s", (source) => {
    const template = parseTemplate(source);
    if (template.kind !== "template") throw new Error(template.message);
    const result = template.render({ vars });
    expect(result).toMatchObject({ kind: "error", reason: "secret" });
  });

  test("and what only carries it is none", () => {
    const source =
      "{% assign x = vars.m.s %}{% capture c %}<{{ x }}>{% endcapture %}{{ c }}{{ c }}";
    expect(spelled(rendered(source, vars))).toEqual({
      $text: ["<", { $secret: "a" }, "><", { $secret: "a" }, ">"],
    });
  });
});
