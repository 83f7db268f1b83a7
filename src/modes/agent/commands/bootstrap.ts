/** `vigo agent bootstrap`. */
import { command } from "../command.ts";
import { enrolAs, enrolFlags, printEnrolled } from "../enrol-command.ts";

export default command({
  args: {
    ...enrolFlags,
    service: {
      type: "boolean",
      default: true,
      description:
        "Install and start the service, where there is systemd, launchd or Windows, and root.",
    },
    defer: {
      type: "boolean",
      description:
        "Enrol when the machine next starts, not now: for an image that many machines are made of.",
    },
  },
  examples: [
    "vigo agent bootstrap --server vigo.example.org:8443 --token vgt_…",
    "vigo agent bootstrap --server vigo.example.org:8443 --token vgt_… --defer",
    "vigo agent bootstrap --server localhost:8443 --token vgt_… --home ~/vigo-agent --no-service",
  ],
  run: (flags, context) => enrolAs(flags, context, flags),
  print: printEnrolled,
});
