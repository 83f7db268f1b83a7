/** `vigo cli explain [NAME]` */
import { listNamedTasks, type NamedTaskShown } from "../../../core/api/tasks.ts";
import { listWorkflows, type Workflow } from "../../../core/api/workflows.ts";
import { unknownWord } from "../../../core/did-you-mean.ts";
import { VigoError } from "../../../core/errors.ts";
import { codes } from "../../../core/policy/codes.ts";
import { resources } from "../../../core/resources/index.ts";
import { traits } from "../../../core/traits/index.ts";
import { type Cli, command } from "../command.ts";
import { describedTask, describedWorkflow } from "../print/declared.ts";
import { printTrait, printType } from "../print/explain.ts";
import { facts } from "../print/table.ts";
import { painted, visible } from "../print/text.ts";
import {
  type DescribedTrait,
  type DescribedType,
  describeTrait,
  describeType,
} from "../reference/describe.ts";

export default command({
  args: {
    name: {
      type: "positional",
      description:
        "A resource type, a trait, the code of a problem, or a named task or workflow of the published policy; without it all types and traits are listed, with `types`, `traits`, `tasks` or `workflows` all of these.",
      required: false,
    },
  },
  examples: ["vigo cli explain file", "vigo cli explain traits", "vigo cli explain VG103"],
  run: async ({ name }, { call }): Promise<readonly Shown[]> => {
    if (name === undefined || lists.includes(name)) return listed(name);
    if (name === "tasks" || name === "workflows") return [listOf(await published(call), name)];
    return explained(name) ?? publishedAs(name, call);
  },
  print: (explained, screen) =>
    explained
      .map((each) => {
        if (each.kind === "resource type") return printType(screen, each);
        if (each.kind === "trait") return printTrait(screen, each);
        if (each.kind === "problem")
          return `${painted(screen, "bold", `${each.code}: ${each.title}`)}\n${each.remedy}`;
        if (each.kind === "named task") return describedTask(each.task);
        if (each.kind === "workflow") return describedWorkflow(each.workflow);
        const pairs = each.items.map(({ name, summary }) => [`  ${name}`, summary] as const);
        return `${painted(screen, "bold", each.title)}\n${facts(pairs)}`;
      })
      .join("\n\n"),
});

const lists: readonly string[] = ["types", "traits"];

type Call = Cli["call"];

type Shown =
  | List
  | Explained
  | DescribedType
  | DescribedTrait
  | { readonly kind: "named task"; readonly name: string; readonly task: NamedTaskShown }
  | { readonly kind: "workflow"; readonly name: string; readonly workflow: Workflow };

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

/** Undefined for a name that is none of these. */
function explained(name: string): readonly Shown[] | undefined {
  const wanted = name.replace(/^traits\./, "").split(".")[0] ?? name;
  const found = [
    ...resources.filter((type) => type.name === name).map(describeType),
    ...traits.filter((trait) => trait.name === wanted).map(describeTrait),
    ...problemOf(name),
  ];
  return found.length > 0 ? found : undefined;
}

/** Of the live policy, as the server has it. */
async function published(call: Call) {
  const { tasks } = await call(listNamedTasks, { params: {} });
  const { workflows } = await call(listWorkflows, { params: {} });
  return { tasks, workflows };
}

type Published = Awaited<ReturnType<typeof published>>;

const listOf = (all: Published, which: keyof Published): List => ({
  kind: "list",
  title: which === "tasks" ? "Named tasks" : "Workflows",
  items: all[which].map(({ name, description }) => ({
    name: visible(name),
    summary: visible(description),
  })),
});

async function publishedAs(name: string, call: Call): Promise<readonly Shown[]> {
  const { all, why } = await asked(call);
  const found = [
    ...all.tasks.map((task) => ({ kind: "named task", task, name: task.name }) as const),
    ...all.workflows.map(
      (workflow) => ({ kind: "workflow", workflow, name: workflow.name }) as const,
    ),
  ];
  const wanted = found.filter((each) => each.name === name);
  if (wanted.length > 0) return wanted;
  const known = [...resources, ...traits, ...found].map((each) => each.name);
  throw new VigoError(
    "missing",
    unknownWord("resource type, trait, code, task or workflow", name, [
      ...known,
      ...Object.keys(codes),
    ]),
    { hint: `vigo cli explain lists types and traits${why}` },
  );
}

/** What this program knows itself is explained without a server too. */
async function asked(call: Call): Promise<{ readonly all: Published; readonly why: string }> {
  try {
    return { all: await published(call), why: ", explain tasks and explain workflows the others" };
  } catch (error) {
    if (!(error instanceof VigoError)) throw error;
    const why = `; tasks and workflows were not looked up: ${error.message}`;
    return { all: { tasks: [], workflows: [] }, why };
  }
}
