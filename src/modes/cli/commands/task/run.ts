/** `vigo cli task run CMD --target WHO`, `vigo cli task run --task NAME --param k=v --target WHO` */
import { startTask } from "../../../../core/api/tasks.ts";
import { type Given, misused } from "../../../../core/command/args.ts";
import { command } from "../../command.ts";
import { orderAndWatch } from "../../task-order.ts";
import { orderFlags } from "./order-flags.ts";

const args = {
  command: { type: "positional", description: "For a shell, in quotes.", required: false },
  task: {
    type: "string",
    description: "A named task of the published policy, in place of a command.",
    valueHint: "NAME",
  },
  param: {
    type: "string",
    description: "A parameter of the named task; may be given again.",
    valueHint: "NAME=VALUE",
    many: true,
  },
  target: {
    type: "string",
    description:
      "Who runs it: hostname, UUID, pattern, @role, @environment, tag:NAME, note:TEXT, or `where: CONDITION`; may be given again.",
    valueHint: "WHO",
    many: true,
  },
  timeout: {
    type: "string",
    description: "How long it may take on one envoy; 60s, or what the named task says.",
    valueHint: "TIME",
  },
  "batch-size": {
    type: "string",
    description: "So many at once, the next when these have ended.",
    valueHint: "N|P%",
  },
  "max-failures": {
    type: "string",
    description: "When more have failed, no further one begins.",
    valueHint: "N|P%",
  },
  "health-check": {
    type: "string",
    description:
      "After each batch: an http(s) address that the server asks, or a command for the batch's envoys; what is not well stops the task.",
    valueHint: "URL|CMD",
  },
  nice: {
    type: "string",
    description: "Added to the niceness of the agent: 19 gives way to everything.",
    default: "0",
    valueHint: "-20..19",
  },
  ...orderFlags,
} as const;

export default command({
  args,
  examples: [
    "vigo cli task run 'systemctl restart nginx' --target @webserver --batch-size 10% --max-failures 2",
    `vigo cli task run uptime --target 'where: traits.os.distro == "debian"'`,
    "vigo cli task run --task restart-web --param unit=nginx --target 'web-*' --batch-size 5 --health-check https://www.example.com/health",
  ],
  run: async (given, cli) => {
    const body = wish(given);
    const order = async (dry_run: boolean) =>
      cli.call(startTask, { params: {}, body: { ...body, dry_run } });
    return orderAndWatch(cli, order, { ...given, dryRun: given["dry-run"] });
  },
  exit: (code) => code,
});

function wish(given: Given<typeof args>) {
  if (given.target.length === 0)
    throw misused(
      "--target is missing: a hostname, a pattern, @role, @environment, tag:NAME, note:TEXT or where: …",
    );
  const { command, task, expires, force, timeout, nice } = given;
  if ((command === undefined) === (task === undefined))
    throw misused("say what to run: a command in quotes, or --task NAME");
  const [batch_size, max_failures, health_check] = [
    given["batch-size"],
    given["max-failures"],
    given["health-check"],
  ];
  return {
    ...(command === undefined ? {} : { command }),
    ...(task === undefined ? {} : { task }),
    params: Object.fromEntries(given.param.map(pair)),
    expires,
    force,
    nice,
    targets: [...given.target],
    ...(timeout === undefined ? {} : { timeout }),
    ...(batch_size === undefined ? {} : { batch_size }),
    ...(max_failures === undefined ? {} : { max_failures }),
    ...(health_check === undefined ? {} : { health_check }),
  };
}

function pair(written: string): readonly [name: string, value: string] {
  const at = written.indexOf("=");
  if (at < 1) throw misused(`--param ${written}: write NAME=VALUE`);
  return [written.slice(0, at), written.slice(at + 1)];
}
