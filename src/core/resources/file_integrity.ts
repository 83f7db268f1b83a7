/**
 * The `file_integrity` type: files that must be what they were made as, by their digests or by the package they came in. Must not know
 * what they are for. What is altered is told as a failure, or comes back out of its package.
 */
import { z } from "zod";
import { VigoError } from "../errors.ts";
import type { Host, ReadHost } from "../host.ts";
import { choice, list, parameters, path, text } from "../params.ts";
import { defineResource, differing } from "../resource.ts";
import { alteredFiles, ownerOf, reinstall } from "../tools/package-files.ts";

/** Files named in a report, of however many. */
const mostNamed = 20;
const mostFiles = 10_000;

const params = () =>
  parameters({
    integrity: text("What the files are, in a word or two: the name of this resource."),
    manifest: z
      .record(
        path("A file."),
        text("A digest.", { pattern: /^[0-9a-fA-F]{64}$/, wanted: "a sha256, 64 hex digits" }),
        "must be a map of absolute paths and their sha256",
      )
      .describe("Files by their paths, each with its sha256.")
      .default({}),
    packages: list(
      "Packages whose files must be as they came; configuration is left out.",
      text("A package.", { pattern: /^[A-Za-z0-9][A-Za-z0-9+._:-]*$/, wanted: "a package" }),
    ).default([]),
    action: choice(
      "What becomes of altered files: report names them as a failure, restore installs their packages again.",
      ["report", "restore"],
    ).default("report"),
  })
    .refine((p) => Object.keys(p.manifest).length + p.packages.length > 0, {
      path: ["manifest"],
      message: "write manifest, or packages, or both",
    })
    .refine((p) => Object.keys(p.manifest).length <= mostFiles, {
      path: ["manifest"],
      message: `has room for ${mostFiles} files; make it several resources`,
    });

type Params = z.output<ReturnType<typeof params>>;

export const fileIntegrity = defineResource<Params>({
  name: "file_integrity",
  summary: "Finds files that are not what they were made as, and on request brings them back.",
  platforms: ["linux"],
  params,
  main: "integrity",
  lane: "package",
  claims: (p) => [{ id: claimOf(p) }],
  after: (p) => [
    ...p.packages.map((name) => `package:${name}`),
    ...Object.keys(p.manifest).map((file) => `file:${file}`),
  ],

  async check(p, host) {
    const wrong = await altered(p, host);
    if (wrong.length > 0 && p.action === "report") throw told(wrong);
    const left = p.action === "restore" ? await host.noted?.(claimOf(p)) : undefined;
    return [
      ...wrong.flatMap(({ file, is, wanted }) => differing(file, is, wanted)),
      ...differing("packages", left && `${left}: left half installed`, left),
    ];
  },

  async apply(p, host, changes) {
    const files = changes.flatMap(({ field }) => (field === "packages" ? [] : [field]));
    await restore(host, claimOf(p), files);
  },

  examples: [
    {
      title: "The tools that an intruder would change",
      params: { integrity: "login", packages: ["openssh-server", "sudo", "login"] },
    },
    {
      title: "A program by its digest, brought back when it is another",
      params: {
        integrity: "ls",
        manifest: {
          "/usr/bin/ls": "f3fc1e8b2a1c8b6d0f2b5e0d1c7a9e4b6d8f0a2c4e6b8d0f1a3c5e7b9d1f3a5c",
        },
        action: "restore",
      },
    },
  ],
});

const claimOf = (p: Params) => `file_integrity:${p.integrity}`;

interface Altered {
  readonly file: string;
  readonly is: string;
  readonly wanted: string;
}

async function altered(p: Params, host: ReadHost): Promise<readonly Altered[]> {
  const found: Altered[] = [];
  for (const [file, wanted] of Object.entries(p.manifest)) {
    const there = await host.stat(file, { follow: true });
    const is = there?.kind === "file" ? await host.digest(file) : undefined;
    if (is !== wanted.toLowerCase())
      found.push({ file, is: is === undefined ? "missing" : short(is), wanted: short(wanted) });
  }
  for (const file of await alteredFiles(host, p.packages))
    if (!(file in p.manifest)) {
      const is = (await host.stat(file)) === undefined ? "missing" : "altered";
      found.push({ file, is, wanted: "as packaged" });
    }
  return found;
}

const short = (digest: string) => `sha256 ${digest.toLowerCase().slice(0, 12)}`;

function told(wrong: readonly Altered[]): VigoError {
  const named = wrong.slice(0, mostNamed).map(({ file, is }) => `${file} (${is})`);
  const more = wrong.length > mostNamed ? ` and ${wrong.length - mostNamed} more` : "";
  return new VigoError("failed", `not as they were made: ${named.join(", ")}${more}`, {
    hint: "if that was meant, write the new digests; if not, action: restore, and find out who it was",
  });
}

/**
 * All packages at a time. A file of none can only come back by hand. The packages are noted until they are whole: one that a killed run
 * has unpacked has its files already.
 */
async function restore(host: Host, claim: string, files: readonly string[]): Promise<void> {
  const left = await host.noted?.(claim);
  const packages = new Set(left?.split(" "));
  const homeless: string[] = [];
  for (const file of files) {
    const owner = await ownerOf(host, file);
    if (owner === undefined) homeless.push(file);
    else packages.add(owner);
  }
  if (packages.size > 0) {
    const names = [...packages].sort();
    await host.note?.(claim, names.join(" "));
    await reinstall(host, names);
    await host.note?.(claim, undefined);
  }
  if (homeless.length > 0)
    throw new VigoError("failed", `of no package: ${homeless.slice(0, mostNamed).join(", ")}`, {
      hint: "declare such files as type file, which brings them back by itself",
    });
}
