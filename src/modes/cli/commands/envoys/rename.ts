/** `vigo cli envoys rename ID HOSTNAME` */
import { renameEnvoy } from "../../../../core/api/envoys.ts";
import { command } from "../../command.ts";
import { visible } from "../../print/text.ts";

export default command({
  args: {
    id: { type: "positional", description: "Identity or hostname of the envoy." },
    hostname: { type: "positional", description: "The new name." },
  },
  examples: ["vigo cli envoys rename web-1 web-01.example.com"],
  run: ({ id, hostname }, { call }) => call(renameEnvoy, { params: { id }, body: { hostname } }),
  print: ({ hostname, id }) =>
    `${id} is ${visible(hostname)} now; its next check-in brings what that name gets.`,
});
