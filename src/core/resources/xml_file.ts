/** The `xml_file` type: the text of one element in an XML file, or one attribute. Must not touch what stands beside it. */
import type { z } from "zod";
import { VigoError } from "../errors.ts";
import type { ReadHost } from "../host.ts";
import { choice, parameters, path, text, proving } from "../params.ts";
import { defineResource } from "../resource.ts";
import { unifiedDiff } from "../text/diff.ts";
import { removeXml, setXml, xmlValues, xpathPattern } from "../text/xml-edit.ts";
import { editing } from "../tools/edited-file.ts";
import { placeFollows } from "../tools/place.ts";
import { editableText } from "../tools/structured-file.ts";

const params = () =>
  parameters({
    target_path: path("The XML file, which must be there."),
    state: choice("Absent removes the elements, or the attribute.", ["present", "absent"]).default(
      "present",
    ),
    xpath: text(
      "The element: names from the root, `/a/b`, each with a position `[2]` or attributes `[@id='x']`. With present one element; what is missing is made.",
      { pattern: xpathPattern, wanted: "a path like /a/b[2] or /a/b[@id='x']" },
    ),
    attribute: text("An attribute of the element, in place of its text.", {
      pattern: /^[\p{L}_:][\p{L}\p{N}_:.-]*$/u,
      wanted: "the name of an attribute",
    }).exactOptional(),
    value: text("The text, or the attribute's value. Needed unless `state` is absent.", {
      pattern: /^(?!\s)\P{Cc}*(?<!\s)$/u,
      wanted: "a text that XML can hold, without blanks around it",
    }).exactOptional(),
    validate: proving().exactOptional(),
  }).refine((p) => p.state === "absent" || p.value !== undefined, {
    path: ["value"],
    message: "is required unless state is absent",
  });

type Params = z.output<ReturnType<typeof params>>;

export const xmlFile = defineResource<Params>({
  name: "xml_file",
  summary: "Keeps the text of one element in an XML file, or one attribute.",
  platforms: ["linux", "darwin"],
  params,
  lane: editing,
  claims: (p) => [{ id: `file:${p.target_path}`, part: place(p) }],
  after: (p) => placeFollows(p.target_path),

  judgedBy: (p) => [p.target_path],

  async check(p, host) {
    const { before, after } = await edited(p, host);
    if (before === after) return [];
    const diff = unifiedDiff(encoded(before ?? ""), encoded(after ?? ""));
    const from =
      before === undefined ? undefined : xmlValues(bare(before), p.xpath, p.attribute)[0];
    const to = p.state === "absent" ? undefined : p.value;
    return [{ field: place(p), from, to, cause: "intent", ...(diff !== undefined && { diff }) }];
  },

  async apply(p, host) {
    const { before, after } = await edited(p, host);
    if (before === undefined)
      throw new VigoError("failed", `${p.target_path} is not there`, {
        hint: "depend on what makes it, or declare the file",
      });
    await host.write(p.target_path, encoded(after ?? ""), {
      ...(p.validate !== undefined && { validate: p.validate }),
    });
  },

  examples: [
    {
      title: "An attribute",
      params: {
        target_path: "/etc/tomcat9/server.xml",
        xpath: "/Server/Service/Connector[@protocol='HTTP/1.1']",
        attribute: "port",
        value: "8081",
      },
    },
    {
      title: "No such element",
      params: {
        target_path: "/etc/tomcat9/server.xml",
        xpath: "/Server/Listener[@className='org.example.Old']",
        state: "absent",
      },
    },
  ],
});

const place = (p: Params) => (p.attribute === undefined ? p.xpath : `${p.xpath}/@${p.attribute}`);

const encoded = (text: string) => new TextEncoder().encode(text);

/** Without the mark that some files begin with. */
const bare = (text: string) => text.replace(/^\uFEFF/, "");

/** Where the file is missing, a wish makes something of nothing, so that a dry run shows it. */
async function edited(p: Params, host: ReadHost) {
  const before = await editableText(host, p.target_path);
  if (before === undefined) return { before, after: p.state === "absent" ? undefined : "" };
  const text = bare(before);
  const mark = before.slice(0, before.length - text.length);
  try {
    const after =
      p.state === "absent"
        ? removeXml(text, p.xpath, p.attribute)
        : setXml(text, p.xpath, p.value ?? "", p.attribute);
    return { before, after: mark + after };
  } catch (error) {
    if (!(error instanceof VigoError)) throw error;
    const { failure, hint, message } = error;
    throw new VigoError(failure, `${p.target_path}: ${message}`, { hint, cause: error });
  }
}
