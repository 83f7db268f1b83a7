/** `vigo agent traits`. */
import { command } from "../command.ts";
import { printTraits } from "../print-traits.ts";

export default command({
  args: {
    name: {
      type: "positional",
      required: false,
      description: "One trait (`os`), or a field of it (`os.distro`); all when left out.",
    },
  },
  examples: ["vigo traits", "vigo traits os.distro", "vigo traits network --json"],
  async run({ name }, context) {
    const { showTraits } = await import("../show-traits.ts");
    return showTraits(context, name);
  },
  print: (value, _, { name }) => printTraits(value, name === undefined ? [] : name.split(".")),
});
