/** `vigo cli envoys note ID TEXT` */
import { noteEnvoy } from "../../../../core/api/envoys.ts";
import { command } from "../../command.ts";
import { visible } from "../../print/text.ts";

export default command({
  args: {
    id: { type: "positional", description: "Identity or hostname of the envoy." },
    note: { type: "positional", description: 'The whole note; "" takes it away.' },
  },
  examples: ['vigo cli envoys note web-1 "moves to rack 12 in May"'],
  run: ({ id, note }, { call }) => call(noteEnvoy, { params: { id }, body: { note } }),
  print: ({ hostname, note }) =>
    note === undefined
      ? `${visible(hostname)} has no note.`
      : `${visible(hostname)}: ${visible(note)}`,
});
