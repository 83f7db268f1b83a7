/**
 * The `language_package` type: a package of a programming language's own registry. Must not know how those are installed: each
 * language has a tool of its own. One that is there in any version is left alone unless a version is declared.
 */
import type { z } from "zod";
import { choice, pairs, parameters, path, text } from "../params.ts";
import { defineResource, differing } from "../resource.ts";
import { cargo } from "../tools/cargo.ts";
import { composer } from "../tools/composer.ts";
import type { Ecosystem } from "../tools/ecosystem.ts";
import { gem } from "../tools/gem.ts";
import { go } from "../tools/go.ts";
import { npm } from "../tools/npm.ts";
import { pip } from "../tools/pip.ts";

const ecosystems = { pip, npm, gem, cargo, go, composer } as const satisfies Readonly<
  Record<string, Ecosystem>
>;

const params = () =>
  parameters({
    ecosystem: choice("Whose package it is.", ["pip", "npm", "gem", "cargo", "go", "composer"]),
    package: text("Its name, as its registry spells it; of go the path of the program.", {
      pattern: /^@?[A-Za-z0-9][\w./@~-]*$/,
      wanted: "the name of a package",
    }),
    state: choice("Absent removes it.", ["present", "absent"]).default("present"),
    version: text("Exactly this version.", {
      pattern: /^[A-Za-z0-9][\w.+!-]*$/,
      wanted: "a version",
    }).exactOptional(),
    environment_path: path(
      "Where to, instead of for the whole machine: pip's virtualenv (made when it is not there), npm's prefix (d: /usr/local), gem's home, cargo's root (d: /usr/local), go's folder of programs (d: /usr/local/bin), composer's project (d: /usr/local/share/composer).",
    ).exactOptional(),
    environment: pairs(
      "Variables for the tool, as for a proxy or another registry.",
    ).exactOptional(),
  });

type Params = z.output<ReturnType<typeof params>>;

export const languagePackage = defineResource<Params>({
  name: "language_package",
  summary: "Keeps a package of pip, npm, gem, cargo, go or composer installed.",
  platforms: ["linux", "darwin"],
  params,
  main: "package",
  lane: "package",
  claims: (p) => [
    {
      id: `${p.ecosystem}:${p.environment_path ?? ""}`,
      part: `package:${p.package.toLowerCase()}`,
    },
  ],
  after: (p) => [
    ...(tools[p.ecosystem] ?? []).map((name) => `package:${name}`),
    ...(p.environment_path === undefined ? [] : [`file:${p.environment_path}`]),
  ],

  async check(p, host) {
    const { installed, same } = ecosystems[p.ecosystem];
    const is = await installed(host, p);
    const told = typeof is === "object" ? is.instead : is;
    if (p.state === "absent") return differing("version", told, undefined);
    const isRight = typeof is === "string" && (p.version === undefined || same(is, p.version));
    return isRight ? [] : differing("version", told, p.version ?? "installed");
  },

  async apply(p, host) {
    const { install, remove } = ecosystems[p.ecosystem];
    await (p.state === "absent" ? remove(host, p) : install(host, p));
  },

  examples: [
    {
      title: "A Python package in a virtualenv",
      params: {
        ecosystem: "pip",
        package: "httpie",
        version: "3.2.2",
        environment_path: "/opt/httpie",
      },
    },
    { title: "A program in JavaScript", params: { ecosystem: "npm", package: "@scope/tool" } },
    {
      title: "A program in Go",
      params: { ecosystem: "go", package: "example.net/cmd/tool", version: "1.4.0" },
    },
    { title: "No such gem", params: { ecosystem: "gem", package: "rake", state: "absent" } },
  ],
});

/** Packages that bring the tools, on the distributions that have them. */
const tools: Readonly<Record<Params["ecosystem"], readonly string[]>> = {
  pip: ["python3-pip", "python3-venv", "python3"],
  npm: ["npm", "nodejs"],
  gem: ["ruby", "rubygems"],
  cargo: ["cargo", "rust"],
  go: ["golang-go", "golang", "go"],
  composer: ["composer", "php-cli"],
};
