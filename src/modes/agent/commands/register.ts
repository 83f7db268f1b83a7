/** `vigo agent register`: enrols, and leaves the service alone. */
import { command } from "../command.ts";
import { enrolAs, enrolFlags, printEnrolled } from "../enrol-command.ts";

export default command({
  args: enrolFlags,
  examples: ["vigo agent register --server vigo.example.org:8443 --token vgt_…"],
  run: (flags, context) => enrolAs(flags, context, { service: false, defer: false }),
  print: printEnrolled,
});
