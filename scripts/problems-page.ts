/** Writes `docs/problems.md` from the codes. A test holds the page to it. */
import { codes } from "../src/core/policy/codes.ts";

const sections: readonly (readonly [digit: string, title: string])[] = [
  ["1", "Unknown words"],
  ["2", "Files and YAML"],
  ["3", "Layout and names"],
  ["4", "References"],
  ["5", "Values, conditions, templates"],
  ["6", "The graph"],
  ["7", "Idempotency"],
  ["8", "Safety"],
  ["9", "One host, and warnings"],
];

export function problemsPage(): string {
  const parts = sections.map(([digit, title]) => {
    const entries = Object.entries(codes)
      .filter(([code]) => code.startsWith(`VG${digit}`))
      .map(([code, [name, remedy]]) => `### ${code}\n\n**${name}.** ${remedy}\n`);
    return `## ${title}\n\n${entries.join("\n")}`;
  });
  return `${head}\n${parts.join("\n")}`;
}

const head = `# Problems and what to do about them

\`vigo cli config validate\` and \`publish\` print what is wrong with a stacks tree as

\`\`\`
configcrates/web.vgo:7:9: VG103 unknown parameter "contnet", did you mean "content"? of file
\`\`\`

file, line and column, then a code. A code means the same for ever; this page says what, and the way out. Problems stop a publish;
warnings (VG95x) do not. A problem that shows only for one host keeps that host on its last bundle and is shown beside it.

(Made by \`scripts/problems-page.ts\` from \`src/core/policy/codes.ts\`.)
`;

if (import.meta.main) await Bun.write(`${import.meta.dir}/../docs/problems.md`, problemsPage());
