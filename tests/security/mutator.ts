/** Chance that can be repeated, and what it does to good requests. Must not know what they are sent to. */
import { z } from "zod";
import { random } from "../support/random.ts";

/** The same seed gives the same choices. */
export class Chance {
  /** In [0, 1). */
  readonly next: () => number;

  constructor(readonly seed: number) {
    this.next = random(seed);
  }

  below(limit: number): number {
    return Math.floor(this.next() * limit);
  }

  of<T>(all: readonly T[]): T {
    return all[this.below(all.length)] as T;
  }

  is(share: number): boolean {
    return this.next() < share;
  }
}

/** One to four of: a bit turned, a byte made extreme, a piece cut out, doubled or put in, the end cut off. */
export function mutatedBytes(chance: Chance, good: Uint8Array): Uint8Array {
  let bytes = Buffer.from(good);
  for (let left = 1 + chance.below(4); left > 0; left--) bytes = mutateOnce(chance, bytes);
  return bytes;
}

function mutateOnce(chance: Chance, bytes: Buffer<ArrayBuffer>): Buffer<ArrayBuffer> {
  const at = chance.below(bytes.length + 1);
  const [head, tail] = [bytes.subarray(0, at), bytes.subarray(at)];
  const some = Math.min(tail.length, 1 + chance.below(8));
  const noise = () => Buffer.from(Array.from({ length: some + 1 }, () => chance.below(256)));
  const changed = (byte: (old: number) => number) => {
    const copy = Buffer.from(bytes);
    if (at < copy.length) copy[at] = byte(copy[at] ?? 0);
    return copy;
  };
  const ways = [
    () => changed((old) => old ^ (1 << chance.below(8))),
    () => changed(() => chance.of([0, 1, 0x7f, 0x80, 0xff])),
    () => Buffer.concat([head, tail.subarray(some)]),
    () => Buffer.concat([head, tail.subarray(0, some), tail]),
    () => Buffer.concat([head, noise(), tail]),
    () => Buffer.from(head),
  ];
  return chance.of(ways)();
}

/** Texts that somebody, somewhere, has taken for more than a text. */
export const nastyTexts: readonly string[] = [
  "",
  " ",
  "nobody",
  "..",
  "../../../../etc/passwd",
  "..\\..\\windows",
  "%2e%2e%2f",
  "\0",
  "a\0b",
  "a\r\nset-cookie: x=1",
  "\u001b[2J\u001b]0;x\u0007",
  "\u202eevil",
  "\ud800",
  "__proto__",
  "constructor",
  "toString",
  "' OR 1=1 --",
  '"; DROP TABLE envoys; --',
  "{{ 7 | times: 7 }}",
  "$" + "{7*7}",
  "$(id)",
  "`id`",
  "secret:top",
  "<script>alert(1)</script>",
  "%s%n%x",
  "9".repeat(400),
  "x".repeat(5_000),
  "😀".repeat(300),
  "vgt_000000000000_000000000000000000000000000000000000000000000000_0",
  "2026-01-01T00:00:00Z",
  "-1",
  "1e309",
];

const nastyValues = (chance: Chance): unknown =>
  chance.of<() => unknown>([
    () => chance.of(nastyTexts),
    () => null,
    () => true,
    () => chance.of([0, -1, 1, 2 ** 31, 2 ** 53, -(2 ** 63), 1e308, 0.1]),
    () => [],
    () => ({}),
    () => nested(200),
    () => ({ ["__proto__"]: { admin: true }, constructor: 1 }),
    () => Array.from({ length: 300 }, () => chance.of(nastyTexts)),
  ])();

function nested(depth: number): unknown {
  let value: unknown = 1;
  for (let at = 0; at < depth; at++) value = at % 2 === 0 ? [value] : { a: value };
  return value;
}

/** Some of its values are others, are gone, or have company. */
export function mutatedJson(chance: Chance, value: unknown): unknown {
  if (chance.is(0.15)) return nastyValues(chance);
  if (Array.isArray(value)) return value.map((one) => mutatedJson(chance, one));
  if (typeof value !== "object" || value === null) return value;
  const kept = Object.entries(value)
    .filter(() => !chance.is(0.08))
    .map(([key, one]) => [key, mutatedJson(chance, one)] as const);
  if (chance.is(0.08)) kept.push([chance.of(nastyTexts), nastyValues(chance)]);
  return Object.fromEntries(kept);
}

interface Shape {
  readonly type?: string;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly default?: unknown;
  readonly anyOf?: readonly Shape[];
  readonly oneOf?: readonly Shape[];
  readonly properties?: Readonly<Record<string, Shape>>;
  readonly items?: Shape;
  readonly minimum?: number;
}

/** Something that a schema may like: how far a request gets decides what it can find. */
export function sample(chance: Chance, schema: z.ZodType): unknown {
  const shape = z.toJSONSchema(schema, { io: "input", unrepresentable: "any" });
  return sampleOf(chance, shape as Shape);
}

function sampleOf(chance: Chance, shape: Shape): unknown {
  if (shape.const !== undefined) return shape.const;
  if (shape.enum !== undefined) return chance.of(shape.enum);
  if (shape.default !== undefined && chance.is(0.5)) return shape.default;
  const choices = shape.anyOf ?? shape.oneOf;
  if (choices !== undefined) return sampleOf(chance, chance.of(choices));
  switch (shape.type) {
    case "object":
      return Object.fromEntries(
        Object.entries(shape.properties ?? {})
          .filter(() => chance.is(0.9))
          .map(([key, one]) => [key, sampleOf(chance, one)]),
      );
    case "array":
      return Array.from({ length: chance.below(3) }, () => sampleOf(chance, shape.items ?? {}));
    case "integer":
    case "number":
      return (shape.minimum ?? 0) + chance.below(5);
    case "boolean":
      return chance.is(0.5);
    default:
      return chance.of([
        "web-1",
        "24h",
        "a/b",
        "admin",
        "aGVsbG8=",
        "viewer",
        "web-*",
        "long enough password",
      ]);
  }
}
