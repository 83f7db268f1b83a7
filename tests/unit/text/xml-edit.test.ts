import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { removeXml, setXml, xmlValues, xpathPattern } from "../../../src/core/text/xml-edit.ts";

const doc = `<?xml version="1.0"?>\r\n<!-- head -->\r\n<a>\r\n\t<b id='1'> x </b><!-- one -->\r\n\t<b id="2" />\r\n\t<c><d/></c>\r\n</a>\r\n`;

describe("an edit of XML", () => {
  test.each<[string, string, string | undefined, string, string]>([
    ["/a/b[1]", "y", undefined, "> x <", "> y <"],
    ["/a/b[@id='2']", "y & <z>", undefined, '<b id="2" />', '<b id="2">y &amp; &lt;z&gt;</b>'],
    ["/a/b[1]", "9'", "id", "id='1'", "id='9&apos;'"],
    ["/a/c", "v", "k", "<c>", '<c k="v">'],
    ["/a/c/d[2]", "new", undefined, "<d/>", "<d/><d>new</d>"],
    ["/a/b[@id='3']", "z", undefined, "\t<c><d/></c>", '\t<c><d/></c>\r\n\t<b id="3">z</b>'],
    ["/a/e/f[@k='1']", "v", "w", "\t<c><d/></c>", '\t<c><d/></c>\r\n\t<e><f k="1" w="v"/></e>'],
    ["/a/b[@id='2']/x", "v", undefined, '<b id="2" />', '<b id="2">\r\n\t\t<x>v</x>\r\n\t</b>'],
  ])("%s is %s (%s)", (xpath, value, attribute, from, to) => {
    expect(xpath).toMatch(xpathPattern);
    const after = setXml(doc, xpath, value, attribute);
    expect(after).toBe(doc.replace(from, () => to));
    expect(xmlValues(after, xpath, attribute)).toEqual([value]);
    expect(setXml(after, xpath, value, attribute)).toBe(after);
  });

  test.each<[string, string | undefined, string, string]>([
    ["/a/c", undefined, "\t<c><d/></c>\r\n", ""],
    ["/a/c/d", undefined, "<d/>", ""],
    ["/a/b[@id='1']", "id", " id='1'", ""],
    ["/a/x", undefined, "", ""],
  ])("without %s (%s)", (xpath, attribute, from, to) =>
    expect(removeXml(doc, xpath, attribute)).toBe(doc.replace(from, to)),
  );

  test.each([
    ["<a>", "it ends too early, line 1 column 4"],
    ["<a></b>", "no </a>, line 1 column 4"],
    ["<a x='1' x='2'/>", "the attribute x is there twice"],
    ["<a>&foo;</a>", "&foo; is not known"],
    ["<a/><b/>", "something follows the root"],
    ["text", "no element"],
  ])("refuses %j", (text, why) => expect(() => setXml(text, "/a/b", "x")).toThrow(why));

  test.each([
    ["/a/b", "/a/b is 2 elements"],
    ["/x/y", "there is no one element to make x in (the root"],
    ["/a/c", "<c> holds more than a text"],
    ["/a/b[1]/x", "<b> holds a text"],
    ["/a/b[4]", "there is no b[4]"],
  ])("cannot set %s", (xpath, why) =>
    expect(() => setXml(doc, xpath, "v")).toThrow(why.split(" (")[0] ?? ""),
  );

  test.each(["a/b", "//a", "/a[1][2]", "/a/@b", "/a[b='1']", "/a[text()]"])(
    "does not know %s",
    (xpath) => expect(xpathPattern.test(xpath)).toBe(false),
  );

  test("writes numbers for letters that a declared encoding may lack", () =>
    expect(setXml("<?xml version='1.0' encoding='ISO-8859-1'?><a/>", "/a", "é")).toEndWith(
      "<a>&#233;</a>",
    ));

  const word = fc
    .string({ unit: "grapheme", maxLength: 12 })
    .filter((text) => text === text.trim() && !/[\p{Cc}\p{Cn}]/u.test(text));
  test("keeps all else, for any text", () =>
    fc.assert(
      fc.property(word, word, (value, other) => {
        const text = setXml(setXml("<r>\n  <a/>\n  <b/>\n</r>", "/r/b", other), "/r/b", other, "k");
        const after = setXml(setXml(text, "/r/a", value), "/r/a", value, "k");
        expect([xmlValues(after, "/r/a"), xmlValues(after, "/r/a", "k")]).toEqual([
          [value],
          [value],
        ]);
        expect([xmlValues(after, "/r/b"), xmlValues(after, "/r/b", "k")]).toEqual([
          [other],
          [other],
        ]);
        expect(setXml(after, "/r/a", value)).toBe(after);
        expect(removeXml(setXml(text, "/r/n", value || "v"), "/r/n")).toBe(text);
      }),
    ));
});
