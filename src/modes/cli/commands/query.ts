/** `vigo cli query 'where … select … group by …'` */
import { command } from "../command.ts";
import { askFleet, queryFlags } from "../query.ts";

export default command({
  args: {
    query: {
      type: "positional",
      description:
        "`where CONDITION select PATHS group by PATHS`, each where it is needed; count, sum, avg, min, max.",
    },
    target: {
      type: "string",
      description:
        "Who is asked: hostname, UUID, pattern, @role, @environment, tag:NAME, note:TEXT, or `where: CONDITION`; may be given again (d: all).",
      valueHint: "WHO",
      many: true,
    },
    ...queryFlags,
  },
  examples: [
    `vigo cli query 'where traits.os.distro == "debian" select network.hostname, memory.used_pct'`,
    "vigo cli query 'count(), avg(memory.used_pct) group by os.distro' --target @webserver",
    "vigo cli query 'packages.installed.openssl' --cached --csv",
  ],
  run: ({ query, target, ...rest }, cli) =>
    askFleet(cli, { query, targets: target.length === 0 ? ["*"] : target }, rest),
  exit: (code) => code,
});
