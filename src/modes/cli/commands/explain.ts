/** `vigo cli explain [NAME]` */
import { unknownWord } from "../../../core/did-you-mean.ts";
import { VigoError } from "../../../core/errors.ts";
import { codes } from "../../../core/policy/codes.ts";
import { resources } from "../../../core/resources/index.ts";
import { traits } from "../../../core/traits/index.ts";
import { command } from "../command.ts";
import { printTrait, printType } from "../print/explain.ts";
import { facts } from "../print/table.ts";
import { painted } from "../print/text.ts";
import { describeTrait, describeType } from "../reference/describe.ts";

export default command({
  args: {
    name: {
      type: "positional",
      description:
        "A resource type, a trait or the code of a problem; without it, or with `types` or `traits`, all are listed.",
      required: false,
    },
  },
  examples: ["vigo cli explain file", "vigo cli explain traits", "vigo cli explain VG103"],
  run: async ({ name }) =>
    name === undefined || lists.includes(name) ? listed(name) : explained(name),
  print: (explained, screen) =>
    explained
      .map((each) => {
        if (each.kind === "resource type") return printType(screen, each);
        if (each.kind === "trait") return printTrait(screen, each);
        if (each.kind === "problem")
          return `${painted(screen, "bold", `${each.code}: ${each.title}`)}\n${each.remedy}`;
        const pairs = each.items.map(({ name, summary }) => [`  ${name}`, summary] as const);
        return `${painted(screen, "bold", each.title)}\n${facts(pairs)}`;
      })
      .join("\n\n"),
});

const lists: readonly string[] = ["types", "traits"];

interface List {
  readonly kind: "list";
  readonly title: string;
  readonly items: readonly { readonly name: string; readonly summary: string }[];
}

function listed(which: string | undefined): readonly List[] {
  const items = (all: readonly List["items"][number][]) =>
    all.map(({ name, summary }) => ({ name, summary }));
  const types = { kind: "list", title: "Resource types", items: items(resources) } as const;
  const all = { kind: "list", title: "Traits", items: items(traits) } as const;
  if (which === undefined) return [types, all];
  return which === "types" ? [types] : [all];
}

interface Explained {
  readonly kind: "problem";
  readonly code: string;
  readonly title: string;
  readonly remedy: string;
}

/** As in docs/problems.md. */
function problemOf(name: string): readonly Explained[] {
  const code = name.toUpperCase();
  return Object.entries(codes)
    .filter(([known]) => known === code)
    .map(([, [title, remedy]]) => ({ kind: "problem", code, title, remedy }));
}

function explained(name: string) {
  const wanted = name.replace(/^traits\./, "").split(".")[0] ?? name;
  const found = [
    ...resources.filter((type) => type.name === name).map(describeType),
    ...traits.filter((trait) => trait.name === wanted).map(describeTrait),
    ...problemOf(name),
  ];
  if (found.length > 0) return found;
  const known = [...[...resources, ...traits].map((each) => each.name), ...Object.keys(codes)];
  throw new VigoError("missing", unknownWord("resource type, trait or code", name, known), {
    hint: "vigo cli explain lists them all",
  });
}
