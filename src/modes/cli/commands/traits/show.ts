/** `vigo cli traits show ENVOY [PATH]` */
import { showTraits } from "../../../../core/api/traits.ts";
import { leaves } from "../../../../core/trait-path.ts";
import { command } from "../../command.ts";
import { relative } from "../../print/moment.ts";
import { facts } from "../../print/table.ts";
import { painted, visible } from "../../print/text.ts";

export default command({
  args: {
    envoy: { type: "positional", description: "Identity or hostname of the envoy." },
    path: {
      type: "positional",
      required: false,
      description: "A section, or a way into it: os, os.distro, disks[0].size_mb.",
    },
  },
  examples: ["vigo cli traits show web-1", "vigo cli traits show web-1 os.distro"],
  run: ({ envoy, path }, { call }) =>
    call(showTraits, { params: { id: envoy }, query: path === undefined ? {} : { path } }),
  print: ({ sections }, screen, { path }) => {
    const now = new Date();
    if (sections.length === 0) return "It has told nothing yet.";
    return sections
      .map(({ name, value, collected_at, stale }) => {
        const old = stale ? ", could not be collected since" : "";
        const about = painted(screen, "dim", `  ${relative(collected_at, now)}${old}`);
        const rows = leaves(value, path ?? name).map(
          ([at, leaf]) => [visible(at), said(leaf)] as const,
        );
        return `${painted(screen, "bold", visible(name))}${about}\n${facts(rows)}`;
      })
      .join("\n\n");
  },
});

const said = (leaf: unknown): string =>
  visible(typeof leaf === "string" ? leaf : JSON.stringify(leaf));
