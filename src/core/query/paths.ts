/**
 * Holds the paths of a query to what traits are: does it exist, what stands there, and what was meant when it does not. Must not know
 * values.
 */
import { didYouMean } from "../did-you-mean.ts";
import type { Sections, Shape } from "../policy/when/shape.ts";

export interface PathProblem {
  readonly message: string;
  readonly hint: string;
}

/** What stands at `os.distro`, or why nothing can. */
export function shapeAt(path: string, sections: Sections): Shape | PathProblem {
  const [name = "", ...keys] = steps(path);
  const section = sections.get(name);
  if (section === undefined)
    return { message: `there is no trait ${name}`, hint: near(path, sections) };
  let shape: Shape = section;
  let at = name;
  for (const key of keys) {
    if (shape.kind === "any" || shape.kind === "map") return beyond(shape);
    const next = inside(shape, key);
    if (next === undefined) return nothing(at, key, shape, path, sections);
    at += key.startsWith("[") ? key : `.${key}`;
    shape = next;
  }
  return shape;
}

/** A key of a map may have dots, so that nobody can say where it ends. */
const beyond = (shape: Shape): Shape =>
  shape.kind === "map" && isScalar(shape.value) ? shape.value : { kind: "any" };

const isScalar = ({ kind }: Shape) => kind !== "list" && kind !== "map" && kind !== "object";

function inside(shape: Shape, key: string): Shape | undefined {
  if (shape.kind === "object") return shape.fields.get(key);
  return shape.kind === "list" && /^\[\d{1,9}\]$/.test(key) ? shape.item : undefined;
}

function nothing(
  at: string,
  key: string,
  shape: Shape,
  path: string,
  sections: Sections,
): PathProblem {
  if (shape.kind === "list")
    return { message: `${at} is a list`, hint: `write ${at}[0] for its first, or ${at} for all` };
  if (shape.kind !== "object") return { message: `${at} has nothing in it`, hint: `write ${at}` };
  return { message: `there is no ${at}.${key}`, hint: near(path, sections, at, shape) };
}

/** `a.b[0]` → `a`, `b`, `[0]` */
const steps = (path: string): readonly string[] => path.match(/\[[^\]]*\]?|[^.[]+/g) ?? [];

function near(path: string, sections: Sections, at?: string, shape?: Shape): string {
  const known = [...everyPath(sections)];
  const guess =
    didYouMean(path, known) ??
    didYouMean(path, [...sections.keys()]) ??
    known.find((one) => one.endsWith(`.${path}`)) ??
    sameField(path, sections);
  if (guess !== undefined) return `did you mean ${guess}?`;
  if (shape?.kind === "object") return `${at} has ${[...shape.fields.keys()].join(", ")}`;
  return "`vigo cli explain traits` lists them";
}

/** The section is mistyped, and its field is right. */
function sameField(path: string, sections: Sections): string | undefined {
  const [name = "", ...rest] = path.split(".");
  const section = didYouMean(name, [...sections.keys()]);
  if (section === undefined || section === name) return undefined;
  const meant = [section, ...rest].join(".");
  return "message" in shapeAt(meant, sections) ? undefined : meant;
}

function* everyPath(sections: Sections): Iterable<string> {
  for (const [name, shape] of sections) yield* within(name, shape);
}

function* within(at: string, shape: Shape): Iterable<string> {
  if (shape.kind !== "object") return void (yield at);
  for (const [name, field] of shape.fields) yield* within(`${at}.${name}`, field);
}
