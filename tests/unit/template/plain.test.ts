/** Texts that are put together without the engine, against the engine. */
import { expect, test } from "bun:test";
import fc from "fast-check";
import { Liquid } from "liquidjs";
import type { Json } from "../../../src/core/json.ts";
import { plainOf } from "../../../src/core/policy/template/plain.ts";
import { parseTemplate, type TemplateScope } from "../../../src/core/policy/template/template.ts";

const options = {
  strictVariables: true,
  strictFilters: true,
  ownPropertyOnly: true,
  lenientIf: true,
};
const engines = {
  text: new Liquid({ ...options, outputEscape: (value: unknown) => value as string }),
  value: new Liquid({ ...options, keepOutputType: true }),
};

const value: fc.Arbitrary<Json> = fc.oneof(
  fc.string(),
  fc.constantFrom<Json>("", "a\nb", "{{ vars.a }}", true, false, null, 0, -0, 1e21, 1.5, -3),
  fc.integer(),
  fc.array(fc.string(), { maxLength: 2 }),
  fc.dictionary(fc.constantFrom("a", "b", "size", "first"), fc.string(), { maxKeys: 2 }),
);
const names = ["a", "b", "c-d", "size", "constructor", "toString", "__proto__"];
const map = fc.dictionary(fc.constantFrom(...names), value, { maxKeys: 5 });
const scope = fc.record({ vars: map, envoy: map, traits: fc.record({ os: map }) });

const path = fc.constantFrom(
  ...["vars.a", "vars.b", "vars.c-d", "vars.a.b", "vars.size", "vars.a.size", "vars.a[0]"],
  ...["envoy.a", "traits.os.a", "traits.os.b", 'traits["os"].a', "traits.os[vars.a]", "vars"],
  ...["vars.constructor", "vars.toString", "vars.__proto__", "nobody", "constructor", "empty"],
  ...["'fixed'", "7", "true", "nil", "(1..3)", "vars.a == vars.b", '"x".size', "vars.first"],
);
const filters = fc.constantFrom(
  ...["", "", "", " | default: 'x'", " | default: 4", " | default: vars.b", " | upcase"],
  ...[" | default: 1 | append: 'y'", " | default: false, allow_false: true", " | json"],
  ...[" | default: nil", " | default: empty", " | strip_newlines", " | default"],
);
const open = fc.constantFrom("{{ ", "{{", "{{- ", "{{\n");
const close = fc.constantFrom(" }}", "}}", " -}}");
const output = fc.tuple(open, path, filters, close).map((all) => all.join(""));
const other = fc.constantFrom(
  ...["plain", " ", "\n", "a { b } c", "%}", "{% comment %}{{ vars.a }}{% endcomment %}"],
  ...["{% raw %}{{ vars.a }}{% endraw %}", "{% if vars.a %}y{% endif %}", "{% assign vars = 1 %}"],
  "{%- # -%}",
);
const source = fc.oneof(
  output,
  fc
    .array(fc.oneof(output, output, other, fc.string()), { maxLength: 6 })
    .map((all) => all.join("")),
);

function parsed(engine: Liquid, text: string) {
  try {
    return engine.parse(text);
  } catch {
    // What the engine does not parse is nothing to compare.
    return undefined;
  }
}

test("comes to what the engine comes to, or leaves it to the engine", () => {
  let plain = 0;
  const seen = (text: string, each: TemplateScope, kind: "text" | "value") => {
    const engine = engines[kind];
    const templates = parsed(engine, text);
    const found = templates && plainOf(templates, kind === "value")?.(each);
    if (templates === undefined || found === undefined) return;
    plain++;
    expect(found).toBe(engine.renderSync(templates, each) as typeof found);
  };
  fc.assert(
    fc.property(source, scope, (text, each) => {
      seen(text, each, "text");
      if (parsed(engines.value, text)?.length === 1) seen(text, each, "value");
    }),
    { numRuns: 4_000 },
  );
  expect(plain).toBeGreaterThan(300);
});

test("a template gives the same with and without a tag that only the engine knows", () => {
  fc.assert(
    fc.property(source, scope, (text, each) => {
      const [short, long] = [`-${text}`, `-{% assign unread = 1 %}${text}`].map(parseTemplate);
      if (short?.kind !== "template" || long?.kind !== "template") return;
      const [one, two] = [short.render(each), long.render(each)];
      if (one.kind === "rendered") expect(two).toEqual(one);
      else expect([two.kind, "reason" in two && two.reason]).toEqual(["error", one.reason]);
    }),
    { numRuns: 2_000 },
  );
});

test("what is usual needs no engine", () => {
  const each = { vars: { port: 80, on: true }, envoy: { hostname: "web-1" } };
  const rows: readonly (readonly [string, Json])[] = [
    ["{{ envoy.hostname }}", "web-1"],
    ["port {{ vars.port | default: 4 }} of {{- envoy.hostname -}} .", "port 80 ofweb-1."],
    ["{{ vars.port }}", 80],
    ["{{ vars.on }} ", "true "],
  ];
  for (const [text, expected] of rows) {
    const single = text.endsWith("}}") && text.startsWith("{{");
    const engine = single ? engines.value : engines.text;
    expect(plainOf(engine.parse(text), single)?.(each)).toBe(expected as string);
  }
});
