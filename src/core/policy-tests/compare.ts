/** One expectation held against what a host must be. Must not know how that came about. */
import type { Body, BodyResource } from "../bundle/body.ts";
import { didYouMean, unknownWord } from "../did-you-mean.ts";
import type { Json } from "../json.ts";
import type { Expectation, Ref } from "../policy/declared.ts";
import { problemAt, type Words } from "../policy/findings.ts";
import type { Place, Registries } from "../policy/model.ts";
import { clip, type MapNode, writtenOf } from "../policy/node.ts";
import { parameterNames } from "../policy/parameters.ts";
import { isMap } from "../policy/vars.ts";
import type { Problem } from "../problem.ts";
import { groupOf, isNamed } from "../resource-key.ts";

type Resource = Expectation & { readonly kind: "resource" };

/** Of everything but `error`. Empty when it holds. */
export function failuresOf(
  expected: Exclude<Expectation, { readonly kind: "error" }>,
  body: Body,
  registries: Registries,
): readonly Problem[] {
  if (expected.kind === "order") return orderFailures(expected.refs, body);
  if (expected.kind === "resource") return resourceFailures(expected, body, registries);
  const { text } = expected;
  const there = named(text.value, body);
  const [first] = there;
  if (first === undefined) return [];
  return [fail(text.place, text.value, { message: `${first.key} is there` })];
}

const fail = (place: Place, text: string, words: Words): Problem =>
  problemAt("VG907", place, clip(text), words);

/** A resource, all expansions of one, or a whole configcrate. */
const named = (name: string, { resources }: Body): readonly BodyResource[] =>
  resources.filter(({ key }) => isNamed(name, key));

function missing({ value, place }: Ref, { resources }: Body): Problem {
  const keys = resources.map(({ key }) => key);
  const groups = new Set(keys.map(groupOf));
  const guess = didYouMean(value, [...groups, ...keys]);
  return fail(place, value, {
    message: `the host has no ${value}`,
    hint:
      guess === undefined
        ? `it has ${clip(keys.join(", ")) || "no resources at all"}`
        : `did you mean ${guess}?`,
  });
}

function resourceFailures(
  { text, attributes, content }: Resource,
  body: Body,
  registries: Registries,
): readonly Problem[] {
  const there = named(text.value, body);
  if (there.length === 0) return [missing(text, body)];
  return there.flatMap((resource) => [
    ...(attributes === undefined ? [] : attributeFailures(attributes, resource, registries)),
    ...(content === undefined ? [] : contentFailures(content, resource)),
  ]);
}

function contentFailures(
  content: NonNullable<Resource["content"]>,
  { key, params }: BodyResource,
): readonly Problem[] {
  const text = params["content"];
  if (text !== undefined && content.test(String(text))) return [];
  return [
    fail(content.place, content.value, {
      message:
        text === undefined
          ? `${key} has no content`
          : `the content of ${key} does not match /${clip(content.value)}/`,
      ...(text === undefined ? {} : { hint: `it begins ${JSON.stringify(clip(String(text)))}` }),
    }),
  ];
}

function attributeFailures(
  attributes: MapNode,
  { key, type: name, params }: BodyResource,
  { resources }: Registries,
): readonly Problem[] {
  const type = resources.find((one) => one.name === name);
  const read = type?.params.safeParse(params);
  const known = type === undefined ? [] : parameterNames(type);
  const whole = read?.success === true ? (read.data as Readonly<Record<string, unknown>>) : {};
  return [...attributes.entries].flatMap(([attribute, { place, value }]) => {
    if (!known.includes(attribute))
      return fail(place, attribute, {
        message: unknownWord("parameter", attribute, known, ` of ${name}`),
      });
    const wanted = writtenOf(value);
    const there = params[attribute] ?? (whole[attribute] as Json | undefined);
    if (there !== undefined && agrees(wanted, there)) return [];
    const shown = there === undefined ? "not set" : JSON.stringify(there);
    return fail(place, attribute, {
      message: `${attribute} of ${key} is ${clip(shown)}, not ${clip(JSON.stringify(wanted))}`,
    });
  });
}

/** As it is written, letter by letter: whether it is a number or a text is for the type to say. Of a map the keys that are named. */
function agrees(wanted: Json, there: Json): boolean {
  if (Array.isArray(wanted))
    return (
      Array.isArray(there) &&
      wanted.length === there.length &&
      wanted.every((one: Json, index) => agrees(one, there[index] ?? null))
    );
  if (!isMap(wanted)) return !isMap(there) && String(wanted) === String(there);
  return (
    isMap(there) &&
    Object.entries(wanted).every(([key, one]) => {
      const other = there[key];
      return other !== undefined && agrees(one, other);
    })
  );
}

/** Held by edges, not by luck: the next must wait for the one before, straight or through others. */
function orderFailures(refs: readonly Ref[], body: Body): readonly Problem[] {
  const lost = refs.filter(({ value }) => named(value, body).length === 0);
  if (lost.length > 0) return lost.map((ref) => missing(ref, body));
  return refs.slice(1).flatMap((after, index) => {
    const before = refs[index];
    return before === undefined || waits(after, before, body)
      ? []
      : fail(after.place, after.value, {
          message: `nothing makes ${after.value} wait for ${before.value}`,
          hint: "depends_on, before or notify says so",
        });
  });
}

function waits(after: Ref, before: Ref, body: Body): boolean {
  const earlier = new Set(named(before.value, body).map(({ key }) => key));
  return named(after.value, body).every(({ key }) => {
    const behind = reached(key, body);
    return [...earlier].every((one) => behind.has(one));
  });
}

/** Keys of all that comes before a resource. */
function reached(key: string, { resources }: Body): ReadonlySet<string> {
  const start = resources.findIndex((resource) => resource.key === key);
  const seen = new Set<number>([start]);
  // An edge points backwards, so one walk from the end finds everything.
  for (let at = start; at >= 0; at--) {
    if (!seen.has(at)) continue;
    for (const need of resources[at]?.needs ?? []) seen.add(need);
    for (const [index, { notifies = [] }] of resources.entries())
      if (notifies.includes(at)) seen.add(index);
  }
  seen.delete(start);
  return new Set([...seen].map((index) => resources[index]?.key ?? ""));
}
