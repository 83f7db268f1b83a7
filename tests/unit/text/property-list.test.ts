import { expect, test } from "bun:test";
import { VigoError } from "../../../src/core/errors.ts";
import { propertyList } from "../../../src/core/text/property-list.ts";

const list = (body: string) =>
  `<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">\n<plist version="1.0">\n${body}\n</plist>\n`;

test("every kind of value", () => {
  const body = `<dict>
    <key>text</key><string>Tom &amp; &lt;Jerry&gt; &#228;&#x1F42D; &quot;&apos;</string>
    <key>empty</key><string/>
    <key>whole</key><integer>-12</integer>
    <key>part</key><real>1.5</real>
    <key>when</key><date>2025-11-20T08:00:00Z</date>
    <key>bytes</key><data>AAEC</data>
    <key>list</key><array><true/><false/><array/></array>
    <!-- a note -->
    <key>inner &amp; outer</key><dict/>
  </dict>`;
  expect(propertyList(list(body))).toEqual({
    text: "Tom & <Jerry> ä🐭 \"'",
    empty: "",
    whole: -12,
    part: 1.5,
    when: "2025-11-20T08:00:00Z",
    bytes: "AAEC",
    list: [true, false, []],
    "inner & outer": {},
  });
});

test.each([
  "",
  "not a list",
  "<plist><dict></plist>",
  list("<string>open"),
  list("<dict><string>no key</string></dict>"),
  list("<odd/>"),
  `${list("<true/>")}<true/>`,
])("refuses %j", (text) => {
  expect(() => propertyList(text)).toThrow(VigoError);
});
