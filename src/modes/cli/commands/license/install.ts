/** `vigo cli license install FILE` */
import { installLicense } from "../../../../core/api/license.ts";
import { command } from "../../command.ts";
import { readNamed } from "../../named-file.ts";
import { visible } from "../../print/text.ts";

export default command({
  args: { file: { type: "positional", description: "The file that the vendor gave." } },
  examples: ["vigo cli license install vigo.license"],
  run: async ({ file }, { call }) => {
    const license = await readNamed(file);
    return call(installLicense, { params: {}, body: { license } });
  },
  print: ({ state, message }) => `${state}: ${visible(message)}`,
});
