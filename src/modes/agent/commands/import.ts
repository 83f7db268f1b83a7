/** `vigo agent import`. */
import { command } from "../command.ts";
import type { Imported } from "../import.ts";

export default command({
  args: {
    output: {
      type: "string",
      default: "imported",
      description: "Folder to write the stacks tree into; it must be empty or not be there.",
      valueHint: "DIR",
    },
    name: { type: "string", default: "imported", description: "Name of the configcrate." },
    only: {
      type: "string",
      many: true,
      description:
        "This part only: packages, services, groups, users, cron, sysctl, mounts, hosts, timezone or files. May be given again.",
      valueHint: "PART",
    },
    file: {
      type: "string",
      many: true,
      description: "A file to take with its content. May be given again.",
      valueHint: "PATH",
    },
  },
  examples: [
    "vigo agent import --output web-1",
    "vigo agent import --only packages --only services",
    "vigo agent import --file /etc/nginx/nginx.conf --name web",
  ],
  async run({ output, name, only, file }, context) {
    const { importMachine } = await import("../import.ts");
    return importMachine(context, { output, name, only, files: file });
  },
  print: (imported) => printImported(imported),
});

function printImported({ output, resources, left_out: leftOut }: Imported): string {
  const counts = Object.entries(resources).map(([part, count]) => `${part.padEnd(10)} ${count}`);
  const left = leftOut.map(({ what, why }) => `left out   ${what}: ${why}`);
  return [
    ...counts,
    ...left,
    `written to ${output}`,
    `see what it says: vigo agent apply ${output} --dry-run`,
  ].join("\n");
}
