/** `server.yaml` with every key, its default, its unit and a line about it, made from the schema. Loading it changes nothing. */
import { stringify } from "yaml";
import type { z } from "zod";
import { jsonSchema } from "../src/core/params-schema.ts";
import { inWords } from "../src/modes/cli/reference/fields.ts";
import { schema } from "../src/modes/server/config/schema.ts";

type Node = z.core.JSONSchema.BaseSchema;

const heading = [
  "Settings of the Vigo server, all of them. What is not behind a # is the default: this file says nothing that the server does",
  "not do without it. Any value but those of `secrets` may be `secret:PATH`, and is then taken from the secrets at start and SIGHUP.",
  "`vigo server check-config` says whether a server.yaml is right. Made by `bun run docs` from the schema.",
];

export const serverYaml = (): string =>
  [
    ...heading.map((line) => `# ${line}`),
    ...keysOf(jsonSchema(schema) as Node, schema.parse(undefined), ""),
    "",
  ].join("\n");

/** `defaults` is what the schema makes of nothing: a map that is not there then is off unless it is written. */
const keysOf = (node: Node, defaults: unknown, indent: string): readonly string[] =>
  Object.entries(node.properties ?? {}).flatMap(([key, field]) => {
    const there = (defaults as Readonly<Record<string, unknown>> | undefined)?.[key];
    const isNeeded = defaults === undefined && node.required?.includes(key) === true;
    const lines = linesOf(key, field as Node, there, isNeeded).map((line) => `${indent}${line}`);
    return indent === "" ? ["", ...lines] : lines;
  });

function linesOf(key: string, node: Node, there: unknown, isNeeded: boolean): readonly string[] {
  const { description = "" } = node;
  const about = description === "" ? [] : [`# ${`${description} ${unitOf(node)}`.trim()}`];
  const items = node.items as Node | undefined;
  if (node.properties !== undefined) {
    const lines = [`${key}:`, ...keysOf(node, there, "  ")];
    return [...about, ...(there === undefined ? lines.map(silent) : lines)];
  }
  if (items?.properties !== undefined) {
    const inner = ["-", ...keysOf(items, undefined, "  ")];
    return [...about, `${key}: []`, ...inner.map((line) => silent(`  ${line}`))];
  }
  if (node.default !== undefined) return [...about, `${key}: ${spelled(node.default)}`];
  return [...about, isNeeded ? `${key}:` : silent(`${key}:`)];
}

const spans = "ms|s|m|h|d|w";

/** `Duration.`, `Whole number, 1 to 64.`; nothing for a plain text, a map, or what has one value only. */
function unitOf(node: Node): string {
  const first = (node.anyOf?.[0] ?? {}) as Node;
  if (String(first.pattern ?? "").includes(spans)) return "Duration (ms, s, m, h, d, w).";
  if (node.not !== undefined || node.const !== undefined || node.properties !== undefined)
    return "";
  const words = (node.items as Node | undefined)?.properties ? "list" : inWords(node);
  return words === "text" ? "" : `${words.charAt(0).toUpperCase()}${words.slice(1)}.`;
}

const spelled = (value: unknown): string =>
  stringify(value, {
    collectionStyle: "flow",
    flowCollectionPadding: false,
    lineWidth: 0,
  }).trim();

const silent = (line: string): string => `# ${line}`;
