/** Which spellings of a version of a Python package are one, by PEP 440. Must not know pip, nor which comes first. */

const words: Readonly<Record<string, string>> = {
  alpha: "a",
  beta: "b",
  c: "rc",
  pre: "rc",
  preview: "rc",
  rev: "post",
  r: "post",
};

const part = (names: string) => `(?:[-_.]?(${names})[-_.]?(\\d*))?`;

const pattern = new RegExp(
  [
    "^v?(?:(\\d+)!)?(\\d+(?:\\.\\d+)*)",
    part("alpha|beta|a|b|preview|pre|rc|c"),
    `(?:-(\\d+)|[-_.]?(post|rev|r)[-_.]?(\\d*))?`,
    part("dev"),
    "(?:\\+([a-z0-9]+(?:[-_.][a-z0-9]+)*))?$",
  ].join(""),
);

const number = (digits: string | undefined) => (digits ?? "").replace(/^0+(?=\d)/, "") || "0";

interface Version {
  readonly published: string;
  /** Of whoever built it, behind a plus. */
  readonly local: string | undefined;
}

/** What is no version by PEP 440 is told by its letters alone. */
function versionOf(text: string): Version {
  const found = pattern.exec(text.trim().toLowerCase());
  if (found === null) return { published: text, local: undefined };
  const [, epoch, release = "", pre, preNumber, dash, post, postNumber, dev, devNumber, local] =
    found;
  const named = (word: string | undefined, digits: string | undefined) =>
    word === undefined ? "" : `.${words[word] ?? word}${number(digits)}`;
  const numbers = release
    .split(".")
    .map(number)
    .join(".")
    .replace(/(?:\.0)+$/, "");
  const later = dash === undefined ? named(post, postNumber) : named("post", dash);
  return {
    published: `${number(epoch)}!${numbers}${named(pre, preNumber)}${later}${named(dev, devNumber)}`,
    local: local
      ?.split(/[-_.]/)
      .map((word) => word.replace(/^0+(?=\d+$)/, ""))
      .join("."),
  };
}

/** As pip's `==` has it: a wish that says nothing of who built it takes any. */
export function isPipVersion(is: string, wish: string): boolean {
  const [there, wanted] = [versionOf(is), versionOf(wish)];
  if (there.published !== wanted.published) return false;
  return wanted.local === undefined || wanted.local === there.local;
}
