/** `vigo agent probe-state`: what a child does after an opening of the state that did not end. */
import { command } from "../command.ts";

export default command({
  args: {},
  async run(_, { home }) {
    const { probe } = await import("../cache-open.ts");
    await probe(home);
  },
});
