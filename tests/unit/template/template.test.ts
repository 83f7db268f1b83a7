import { describe, expect, test } from "bun:test";
import type { Json } from "../../../src/core/json.ts";
import {
  isTemplate,
  parseTemplate,
  type Template,
} from "../../../src/core/policy/template/template.ts";

const scope = {
  vars: {
    port: 80,
    site: { name: "blog", tags: ["a", "b"] },
    list: [1, 2],
    quote: "it's $HOME",
    nothing: null,
    on: true,
    text: "one\n\ntwo",
  },
  traits: { os: { family: "debian" } },
  envoy: { hostname: "web-1" },
  item: { name: "x" },
};

function good(source: string): Template {
  const found = parseTemplate(source);
  if (found.kind === "error") throw new Error(`${source}: ${found.message}`);
  return found;
}
const render = (source: string) => good(source).render(scope);

describe("renders", () => {
  const table: readonly (readonly [string, Json])[] = [
    ["plain", "plain"],
    ["{ no tags } { % }", "{ no tags } { % }"],
    ["port {{ vars.port }}", "port 80"],
    ["{{ vars.port }}", 80],
    ["{{vars.site}}", { name: "blog", tags: ["a", "b"] }],
    ["{{ vars.on }}", true],
    ["{{ vars.nothing }}", null],
    ["[{{ vars.nothing }}]", "[]"],
    ["{{ vars.port }} ", "80 "],
    ["{{ vars.port }}{{ vars.port }}", "8080"],
    ["{{ vars.site.tags[1] }}-{{ vars.site['name'] }}", "b-blog"],
    ["{% for t in vars.site.tags %}{{ t }};{% endfor %}", "a;b;"],
    ["{% if vars.port == 80 %}yes{% else %}no{% endif %}", "yes"],
    ["{% if vars.nope %}yes{% else %}no{% endif %}", "no"],
    ["{{ vars.nope | default: 7 }}", 7],
    ["{% assign p = vars.port | plus: 1 %}{{ p }}.", "81."],
    ["{% raw %}{{ vars.port }}{% endraw %}", "{{ vars.port }}"],
    ["{{ vars.site | json }}", '{"name":"blog","tags":["a","b"]}'],
    ["{{ vars.list | json: 1 }}", "[\n 1,\n 2\n]"],
    ["{{ vars.site | yaml }}", "name: blog\ntags:\n  - a\n  - b"],
    ["{{ '0644' | yaml }} {{ 'yes' | yaml }}", '"0644" "yes"'],
    ["{{ vars.site | toml }}", 'name = "blog"\ntags = ["a", "b"]'],
    ["echo {{ vars.quote | shell_quote }}", "echo 'it'\\''s $HOME'"],
    ["{{ 'abc' | sha256 }}", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"],
    ["{{ 'žluť' | base64 }}", "xb5sdcWl"],
    ["{{ vars.text | indent: 4 }}", "    one\n\n    two"],
    ["{{ '10.1.2.3/22' | ip_network }}", "10.1.0.0/22"],
    ["{{ '1.10.0' | semver_compare: '1.9' }}", 1],
    ["{{ vars.list | join: '+' }}", "1+2"],
    ["{{ 0 | date: '%Y-%m-%d %H:%M' }}", "1970-01-01 00:00"],
  ];
  test.each([...table])("%s", (...[source, value]) => {
    expect(render(source)).toEqual({ kind: "rendered", value });
  });

  test("keys that are a prototype's are keys like any other", () => {
    const values: Record<string, Json> = Object.create(null);
    values["x"] = 1;
    expect(good("{{ vars.x }}!").render({ vars: values })).toEqual({
      kind: "rendered",
      value: "1!",
    });
    expect(good("{{ vars.constructor }}").render({ vars: values })).toMatchObject({
      reason: "undefined",
    });
    expect(good("{{ vars.toString }}").render({ vars: {} })).toMatchObject({ reason: "undefined" });
  });
});

describe("fails, with a place and a way out", () => {
  test.each([
    ["a\n  {{ vars.prot }}", "undefined", 2, 6, "vars.prot is not set", "did you mean vars.port?"],
    ["{{ trait.os }}", "undefined", 1, 4, "trait is not set", "did you mean traits?"],
    [
      "{{ vars.zz }}",
      "undefined",
      1,
      4,
      "vars.zz is not set",
      'give it a default: {{ vars.zz | default: "…" }}',
    ],
    [
      "x {{ vars.site }}",
      "failed",
      1,
      3,
      "a map cannot be printed as text",
      "print it with | json, | yaml or | toml",
    ],
    [
      "x {{ vars.list }}",
      "failed",
      1,
      3,
      "a list cannot be printed as text",
      'print it with | join: ", " or | json, or go through it with {% for %}',
    ],
    [
      "{{ 5 | divided_by: 0 }}",
      "failed",
      1,
      1,
      "it comes to a value that cannot be written down",
      undefined,
    ],
    [
      "{% for i in (1..3000) %}{% for j in (1..3000) %}{% assign a = j %}{% endfor %}{% endfor %}",
      "failed",
      1,
      25,
      "it takes more than 250000 steps to render",
      undefined,
    ],
    [
      `{% for i in (1..5000) %}${"x".repeat(1000)}{% endfor %}`,
      "failed",
      1,
      1,
      "it renders to more than 4194304 letters",
      undefined,
    ],
    [
      "{% capture a %}{{ vars.site }}{% endcapture %}",
      "failed",
      1,
      16,
      "a map cannot be printed as text",
      undefined,
    ],
    [
      "{{ 'now' | date: '%Y' }}",
      "failed",
      1,
      1,
      "a template cannot ask for the time: it would render differently every time",
      undefined,
    ],
    [
      "{% for i in (1..99999999) %}x{% endfor %}",
      "failed",
      1,
      1,
      "memory alloc limit exceeded",
      undefined,
    ],
    [
      "{{ vars.site | shell_quote }}",
      "failed",
      1,
      1,
      "this filter takes a text, not a map",
      undefined,
    ],
    ["{{ vars.nothing | toml }}", "failed", 1, 1, "toml needs a map at the top", undefined],
  ])("%s", (...[source, reason, line, column, message, hint]) => {
    expect(render(source)).toMatchObject({ kind: "error", reason, line, column, message });
    if (hint !== undefined) expect(render(source)).toMatchObject({ hint });
  });
});

describe("cannot be parsed", () => {
  test.each([
    ["a\n {{ vars.x | sha255 }}", 2, 2, 'unknown filter "sha255", did you mean "sha256"?'],
    ["{{ vars.x", 1, 1, 'output "{{ vars.x" not closed'],
    ["\n{% if vars.x %}", 2, 1, "tag {% if vars.x %} not closed"],
    ["{% fro x in y %}", 1, 1, 'unknown tag "fro", did you mean "for"?'],
    ["{% include 'x' %}", 1, 1, 'the tag "include" is not part of the language'],
    ["{% render 'x' %}", 1, 1, 'the tag "render" is not part of the language'],
    ["{% layout 'x' %}", 1, 1, 'the tag "layout" is not part of the language'],
    ["{{ vars.list | sample }}", 1, 1, 'unknown filter "sample"'],
  ])("%s", (...[source, line, column, message]) => {
    expect(parseTemplate(source)).toMatchObject({
      kind: "error",
      reason: "syntax",
      line,
      column,
      message,
    });
  });

  test("one that is too long", () => {
    const long = parseTemplate(`{{ 1 }}${"x".repeat(1024 * 1024)}`);
    expect(long).toMatchObject({
      reason: "syntax",
      message: "a template may have 1048576 letters",
    });
  });

  test("blocks nested too deep", () => {
    const deep = `${"{% if a %}".repeat(60)}x${"{% endif %}".repeat(60)}`;
    expect(parseTemplate(deep)).toMatchObject({
      message: "tags nested more than 50 deep",
      column: 501,
    });
  });
});

describe("what it reads", () => {
  const reads = (source: string) =>
    good(source).reads.map((read) => [read.path.join("."), read.line, read.column]);

  test("paths with their places, in order", () => {
    expect(
      reads("{{ vars.site.name }}\n{% if traits.os.family == item.name %}{% endif %}"),
    ).toEqual([
      ["vars.site.name", 1, 4],
      ["traits.os.family", 2, 7],
      ["item.name", 2, 27],
    ]);
  });

  test("not what tags bring along", () => {
    expect(reads("{% for t in vars.tags %}{{ t }}{{ forloop.index }}{% endfor %}")).toEqual([
      ["vars.tags", 1, 13],
    ]);
    expect(reads("{% assign a = vars.x %}{{ a.b }}")).toEqual([["vars.x", 1, 15]]);
  });

  test("cut where a key is an expression", () => {
    expect(good("{{ vars.map[item.name].x }}").reads).toMatchObject([
      { path: ["vars", "map"], open: true },
      { path: ["item", "name"], open: false },
    ]);
  });

  test.each([
    ["{{ vars.x | default: 1 }}", true, ["default"]],
    ["{{ vars.x | append: 'a|b' | shell_quote }}", false, ["append", "shell_quote"]],
    ["{{- vars.x -}}", false, []],
    ["{% if vars.x %}{% endif %}", true, undefined],
    [
      "{% unless a %}{% elsif vars.x == 1 %}{% endunless %}".replace("a", "vars.x"),
      true,
      undefined,
    ],
    ["{% for i in vars.x %}{% endfor %}", false, undefined],
    ["{% assign y = vars.x %}", false, undefined],
  ])("%s: may be undefined %p, printed through %p", (...[source, lenient, printed]) => {
    expect(good(source).reads[0]).toMatchObject({ path: ["vars", "x"], lenient, printed });
  });

  test("lenient is what rendering lets pass, and nothing else", () => {
    for (const source of [
      "{{ vars.q | default: 1 }}",
      "{% if vars.q and vars.z == 1 %}{% endif %}",
      "{% unless vars.q %}{% endunless %}",
      "{% case vars.q %}{% when 1 %}{% endcase %}",
      "{{ vars.q }}",
      "{{ vars.q | append: 'x' }}",
      "{% for i in vars.q %}{% endfor %}",
      "{{ 'x' | append: vars.q }}",
    ]) {
      const template = good(source);
      const passes = template.render(scope).kind === "rendered";
      expect([source, template.reads.every(({ lenient }) => lenient)]).toEqual([source, passes]);
    }
  });
});

test("knows one expression from a text", () => {
  expect(good("{{ vars.port }}")).toMatchObject({ single: true, literal: false });
  expect(good(" {{ vars.port }}")).toMatchObject({ single: false });
  expect(good("x")).toMatchObject({ single: false, literal: true, reads: [] });
  expect(isTemplate("a {{ b")).toBe(true);
  expect(parseTemplate("{{ vars.port }}")).toBe(parseTemplate("{{ vars.port }}"));
});
