/** `vigo cli license install FILE` */
import { readFile } from "node:fs/promises";
import { installLicense } from "../../../../core/api/license.ts";
import { VigoError } from "../../../../core/errors.ts";
import { ifThere } from "../../../../core/publish/errno.ts";
import { command } from "../../command.ts";
import { visible } from "../../print/text.ts";

export default command({
  args: { file: { type: "positional", description: "The file that the vendor gave." } },
  examples: ["vigo cli license install vigo.license"],
  run: async ({ file }, { call }) => {
    const license = await ifThere(readFile(file, "utf8"));
    if (license === undefined) throw new VigoError("missing", `no file ${file}`);
    return call(installLicense, { params: {}, body: { license } });
  },
  print: ({ state, message }) => `${state}: ${visible(message)}`,
});
