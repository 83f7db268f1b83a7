/** `vigo cli config search TEXT` */
import files from "node:fs/promises";
import { loadTree } from "../../../../core/policy/load.ts";
import { textOfBytes } from "../../../../core/policy/parse.ts";
import { command } from "../../command.ts";
import { visible } from "../../print/text.ts";
import { stacksFlag, stacksFolder } from "../../stacks.ts";

/** More would be read by nobody. */
const most = 1_000;
const widest = 160;

export default command({
  args: {
    text: { type: "positional", description: "A part of a line; case does not count." },
    ...stacksFlag,
  },
  examples: ["vigo cli config search nginx", "vigo cli config search 'secret:web/'"],
  run: async ({ text, stacks }, { wanted }) => {
    const { tree } = await loadTree(files, stacksFolder(stacks, wanted));
    const hits: Hit[] = [];
    for (const [file, bytes] of tree.files) {
      if (hits.length >= most) break;
      hits.push(...hitsIn(file, textOfBytes(bytes) ?? "", text).slice(0, most - hits.length));
    }
    return { hits, more: hits.length >= most };
  },
  print: ({ hits, more }) => {
    if (hits.length === 0) return "Nothing found.";
    const lines = hits.map(
      ({ file, line, column, text }) => `${file}:${line}:${column}: ${visible(text)}`,
    );
    return [...lines, ...(more ? [`… and more than ${most} in all`] : [])].join("\n");
  },
  exit: ({ hits }) => (hits.length > 0 ? 0 : 1),
});

interface Hit {
  readonly file: string;
  readonly line: number;
  /** In UTF-16 units, from 1. */
  readonly column: number;
  readonly text: string;
}

function hitsIn(file: string, text: string, wanted: string): readonly Hit[] {
  const word = wanted.toLowerCase();
  return text.split(/\r?\n/).flatMap((line, index) => {
    const at = line.toLowerCase().indexOf(word);
    if (at < 0) return [];
    const start = Math.max(0, at - widest / 2);
    const shown = line.slice(start, start + widest).trim();
    return [{ file, line: index + 1, column: at + 1, text: shown }];
  });
}
