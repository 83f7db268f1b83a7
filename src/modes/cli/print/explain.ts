/** A resource type or a trait, explained to a person. Must not know where the description comes from. */
import type { Screen } from "../../../core/command/screen.ts";
import { type DescribedTrait, type DescribedType, keepInWords } from "../reference/describe.ts";
import type { Field } from "../reference/fields.ts";
import { painted } from "./text.ts";

type Paints = Pick<Screen, "colour">;

export function printType(screen: Paints, type: DescribedType): string {
  const named =
    type.main === undefined
      ? []
      : [`Named ${type.name}:${type.main.toUpperCase()} unless \`name\` is given.`];
  const notified = type.notifiable ? ["It may be notified."] : [];
  const reverted = type.reverted === undefined ? [] : [type.reverted];
  return [
    `${painted(screen, "bold", type.name)}  resource type, for ${type.platforms.join(", ")}`,
    [
      type.summary,
      ...named,
      ...notified,
      ...reverted,
      `Proven on: ${type.proven.join(", ")}.`,
    ].join("\n"),
    painted(screen, "bold", "Parameters"),
    type.parameters.map((field) => printField(screen, field)).join("\n"),
    ...type.examples.map(({ title, vgo }) => `${painted(screen, "bold", title)}\n${indented(vgo)}`),
  ].join("\n\n");
}

export function printTrait(screen: Paints, trait: DescribedTrait): string {
  return [
    `${painted(screen, "bold", `traits.${trait.name}`)}  trait, for ${trait.platforms.join(", ")}; ${keepInWords[trait.keep] ?? trait.keep}`,
    `${trait.summary}\n${trait.proven}`,
    painted(screen, "bold", "Fields"),
    trait.fields.map((field) => printField(screen, field)).join("\n"),
    `${painted(screen, "bold", "For example")}\n${indented(JSON.stringify(trait.example, undefined, 2))}`,
  ].join("\n\n");
}

function printField(screen: Paints, field: Field & { readonly stable?: boolean }): string {
  const marks = [
    ...(field.required && field.stable === undefined ? ["required"] : []),
    ...(field.default === undefined ? [] : [`default ${field.default}`]),
    ...(field.stable === true ? ["stable"] : []),
  ];
  const more = marks.length === 0 ? "" : ` (${marks.join(", ")})`;
  return `  ${painted(screen, "cyan", field.name)}: ${field.type}${more}\n      ${field.description}`;
}

const indented = (text: string): string => text.replace(/^/gm, "  ");
