/** The example stacks that are in the executable. Must not know where they are copied to. */
import { unknownWord } from "../../../core/did-you-mean.ts";
import { VigoError } from "../../../core/errors.ts";
import { readExamples } from "./read.ts" with { type: "macro" };

export interface Example {
  readonly name: string;
  readonly title: string;
  /** For whom it is, one sentence. */
  readonly for: string;
  /** Texts by path. */
  readonly files: ReadonlyMap<string, string>;
}

const texts: Readonly<Record<string, Readonly<Record<string, string>>>> = readExamples();

export const examples: readonly Example[] = Object.entries(texts).map(([name, files]) => {
  const readme = files["README.md"] ?? "";
  const audience = /^For: (.*?)\n\n/ms.exec(readme)?.[1] ?? "";
  return {
    name,
    title: /^# (.*)/.exec(readme)?.[1] ?? name,
    for: audience.replaceAll("\n", " "),
    files: new Map(Object.entries(files)),
  };
});

/** Rejects with `missing` and a guess. */
export function exampleNamed(name: string): Example {
  const found = examples.find((example) => example.name === name);
  if (found !== undefined) return found;
  const known = examples.map((example) => example.name);
  throw new VigoError("missing", unknownWord("example", name, known), {
    hint: "vigo cli config examples list",
  });
}
