/** `vigo server downloads add FILE` */
import { addDownload } from "../bootstrap/add-download.ts";
import { command } from "../command.ts";

export default command({
  args: {
    file: { type: "positional", description: "A program named vigo-TARGET, or vigo-TARGET.exe." },
  },
  examples: ["vigo server downloads add ./vigo-linux-arm64"],
  run: ({ file }, { home }) => addDownload(home, file),
  print: ({ target, file }) =>
    `${file} is what ${target} machines get from now on, from /bootstrap and /download/${target}`,
});
