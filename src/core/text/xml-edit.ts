/**
 * Edits of an XML text that leave every other byte, at places that a small part of XPath names: `/a/b[2]/c[@id='x']`. Must not
 * know files.
 */
import { VigoError } from "../errors.ts";
import { indentAt, lineEndAt, lineEndOf, lineStart, nextLine, splice } from "./splice.ts";
import { readXml, type XmlElement } from "./xml-read.ts";

/** Absolute, by names; each step may have one position, or attributes and their values. */
export const xpathPattern =
  /^(?:\/[\p{L}_:][\p{L}\p{N}_:.-]*(?:\[[1-9]\d{0,5}\]|(?:\[@[\p{L}_:][\p{L}\p{N}_:.-]*=(?:'[^'<&]*'|"[^"<&]*")\])*))+$/u;

interface Step {
  readonly name: string;
  readonly position?: number;
  readonly attributes: readonly (readonly [name: string, value: string])[];
}

function parseXpath(xpath: string): readonly Step[] {
  const steps = xpath.matchAll(/\/([^/[\]]+)((?:\[(?:\d+|@[^=\]]+=(?:'[^']*'|"[^"]*"))\])*)/g);
  return [...steps].map(([, name = "", predicates = ""]) => {
    const position = /^\[(\d+)\]$/.exec(predicates)?.[1];
    const attributes = [...predicates.matchAll(/\[@([^=]+)=(?:'([^']*)'|"([^"]*)")\]/g)].map(
      ([, key = "", single, double]) => [key, single ?? double ?? ""] as const,
    );
    return { name, attributes, ...(position !== undefined && { position: Number(position) }) };
  });
}

const attributeOf = (element: XmlElement, name: string) =>
  element.attributes.find((one) => one.name === name);

function fitting(elements: readonly XmlElement[], { name, position, attributes }: Step) {
  const found = elements.filter(
    (one) =>
      one.name === name &&
      attributes.every(([key, value]) => attributeOf(one, key)?.value === value),
  );
  return position === undefined ? found : found.slice(position - 1, position);
}

const elementsAt = (root: XmlElement, steps: readonly Step[]) =>
  steps.reduce<readonly XmlElement[]>(
    (found, step, depth) =>
      fitting(depth === 0 ? [root] : found.flatMap(({ children }) => children), step),
    [],
  );

/** The text of each element at a place, or of its attribute, blanks around left out. */
export const xmlValues = (text: string, xpath: string, attribute?: string): readonly string[] =>
  elementsAt(readXml(text), parseXpath(xpath)).flatMap((element) => {
    const value =
      attribute === undefined ? element.text.trim() : attributeOf(element, attribute)?.value;
    return value === undefined ? [] : [value];
  });

/** The text with a value at one place; elements that are missing on the way are made, with the attributes that were asked for. */
export function setXml(text: string, xpath: string, value: string, attribute?: string): string {
  const steps = parseXpath(xpath);
  const root = readXml(text);
  const found = elementsAt(root, steps);
  if (found.length > 1)
    throw new VigoError("failed", `${xpath} is ${found.length} elements`, {
      hint: "name one of them: by position [1], or by an attribute [@name='…']",
    });
  const [element] = found;
  if (element === undefined) return addElement(text, root, steps, value, attribute);
  return attribute === undefined
    ? setText(text, element, value)
    : setAttribute(text, element, attribute, value);
}

function setText(text: string, element: XmlElement, value: string): string {
  if (element.text.trim() === value && element.children.length === 0) return text;
  if (element.children.length > 0 || element.isMixed)
    throw new VigoError("failed", `<${element.name}> holds more than a text`, {
      hint: "name the element that holds the text, or change it by hand once",
    });
  const put = escaped(text, value);
  if (element.isEmptyTag) {
    const slash = element.inside - 2;
    const kept = text.slice(element.start, slash).trimEnd();
    return splice(text, element.start, element.end, `${kept}>${put}</${element.name}>`);
  }
  const inner = text.slice(element.inside, element.close);
  const lead = inner.trim() === "" ? 0 : inner.length - inner.trimStart().length;
  const tail = inner.trim() === "" ? 0 : inner.length - inner.trimEnd().length;
  return splice(text, element.inside + lead, element.close - tail, put);
}

function setAttribute(text: string, element: XmlElement, name: string, value: string): string {
  const there = attributeOf(element, name);
  if (there !== undefined)
    return there.value === value
      ? text
      : splice(text, there.start, there.end, escaped(text, value, there.quote));
  const last = element.attributes.at(-1);
  const at = last === undefined ? element.start + 1 + element.name.length : last.end + 1;
  return splice(text, at, at, ` ${name}="${escaped(text, value, '"')}"`);
}

/** Letters that a declared encoding other than UTF-8 may not have are numbers. */
function escaped(text: string, value: string, quote = ""): string {
  const encoding = /^\s*<\?xml[^>]*\sencoding\s*=\s*["']([^"']+)["']/.exec(text)?.[1] ?? "utf-8";
  const plain = value
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll(quote === '"' ? '"' : "\0", "&quot;")
    .replaceAll(quote === "'" ? "'" : "\0", "&apos;")
    .replace(quote === "" ? /\r/g : /[\r\n\t]/g, (sign) => `&#${sign.charCodeAt(0)};`);
  if (/^utf-?8$/i.test(encoding)) return plain;
  return plain.replace(/[^\0-\x7f]/gu, (sign) => `&#${sign.codePointAt(0)};`);
}

function addElement(
  text: string,
  root: XmlElement,
  steps: readonly Step[],
  value: string,
  attribute?: string,
): string {
  const depth = steps.findIndex((_, at) => elementsAt(root, steps.slice(0, at + 1)).length === 0);
  const parents = elementsAt(root, steps.slice(0, depth));
  const [parent] = parents;
  if (parent === undefined || parents.length > 1)
    throw new VigoError("failed", `there is no one element to make ${steps[depth]?.name} in`, {
      hint: `the root is <${root.name}>; name each step so that it is one element`,
    });
  const missing = steps.slice(depth);
  const wrong = missing.find(
    (step, at) =>
      step.position !== undefined &&
      step.position !==
        (at > 0 ? 1 : fitting(parent.children, { name: step.name, attributes: [] }).length + 1),
  );
  if (wrong !== undefined)
    throw new VigoError(
      "failed",
      `there is no ${wrong.name}[${wrong.position}], and not one less either`,
      {
        hint: "positions are made one after another",
      },
    );
  return insert(text, parent, built(text, missing, value, attribute));
}

function built(text: string, steps: readonly Step[], value: string, attribute?: string): string {
  return steps.reduceRight(
    (inner, { name, attributes }, at) => {
      const isLast = at === steps.length - 1;
      const own =
        isLast && attribute !== undefined
          ? [...attributes.filter(([key]) => key !== attribute), [attribute, value] as const]
          : attributes;
      const tag = `<${name}${own.map(([key, one]) => ` ${key}="${escaped(text, one, '"')}"`).join("")}`;
      return inner === "" ? `${tag}/>` : `${tag}>${inner}</${name}>`;
    },
    attribute === undefined ? escaped(text, value) : "",
  );
}

/** On a line of its own where its brothers, or the end tag of its parent, have one. */
function insert(text: string, parent: XmlElement, put: string): string {
  if (parent.text.trim() !== "")
    throw new VigoError("failed", `<${parent.name}> holds a text, and no elements can be added`, {
      hint: "correct the xpath, or change it by hand once",
    });
  const end = lineEndOf(text);
  const outer = indentAt(text, parent.start);
  const last = parent.children.at(-1);
  if (last !== undefined) {
    const isAlone =
      text.slice(lineStart(text, last.start), last.start).trim() === "" &&
      lineStart(text, last.start) > 0;
    return splice(
      text,
      last.end,
      last.end,
      isAlone ? `${lineEndAt(text, last.end)}${indentAt(text, last.start)}${put}` : put,
    );
  }
  const unit = outer.startsWith("\t") ? "\t" : "  ";
  const line = `${end}${outer}${unit}${put}${end}${outer}`;
  if (!parent.isEmptyTag) {
    const isBlank = text.slice(parent.inside, parent.close).trim() === "";
    if (isBlank) return splice(text, parent.inside, parent.close, line);
    return splice(text, parent.close, parent.close, `${unit}${put}${end}${outer}`);
  }
  const kept = text.slice(parent.start, parent.inside - 2).trimEnd();
  return splice(text, parent.start, parent.end, `${kept}>${line}</${parent.name}>`);
}

/** The text without the elements at a place, or without their attribute. */
export function removeXml(text: string, xpath: string, attribute?: string): string {
  const root = readXml(text);
  const found = elementsAt(root, parseXpath(xpath));
  if (attribute === undefined && found.includes(root))
    throw new VigoError("failed", "the root of an XML file cannot be removed", {
      hint: "remove the file",
    });
  return [...found].reverse().reduce((now, element) => {
    if (attribute === undefined) return cut(now, element.start, element.end);
    const there = attributeOf(element, attribute);
    return there === undefined ? now : splice(now, there.before, there.end + 1, "");
  }, text);
}

/** With its line where it stands alone on it. */
function cut(text: string, start: number, end: number): string {
  const [from, to] = [lineStart(text, start), nextLine(text, end)];
  const isAlone =
    text.slice(from, start).trim() === "" &&
    text.slice(end, to).trim() === "" &&
    from > 0 &&
    to > end;
  return isAlone ? splice(text, from, to, "") : splice(text, start, end, "");
}
