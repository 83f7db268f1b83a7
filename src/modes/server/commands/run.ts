/** `vigo server run`: until SIGTERM or SIGINT; SIGHUP reads settings, certificate and policy again. */
import { VigoError } from "../../../core/errors.ts";
import { version } from "../../../core/version.ts";
import { command } from "../command.ts";
import { logTo } from "../../../core/log.ts";
import { runServer, type Running } from "../run.ts";

export default command({
  args: {
    "log-format": {
      type: "enum",
      description: "How log lines look (d: text on a terminal, json elsewhere).",
      options: ["text", "json"],
    },
  },
  examples: ["vigo server run --home /srv/vigo", "kill -HUP PID    # read server.yaml again"],
  run: async (args, { home, screen }) => {
    const watched = process.stderr.isTTY === true;
    const json = (args["log-format"] ?? (watched ? "text" : "json")) === "json";
    const log = logTo({
      json,
      write: (line) => void process.stderr.write(line),
      now: () => new Date(),
    });
    const stopped = untilStopped();
    // From the first moment on: a server that starts is not ended by somebody's reload, and reads again once it serves.
    const started = Promise.withResolvers<Running>();
    const reload = async () => reloadOrSay(await started.promise, log);
    process.on("SIGHUP", reload);
    const began = performance.now();
    const running = await runServer(home, log);
    if (running.password !== undefined && watched)
      screen.err(`password of the user admin, shown this once: ${running.password}`);
    log.info("server ready", {
      home: home.folder,
      grpc: running.ports.grpc,
      api: running.ports.api,
      version: version.version,
      ms: Math.round(performance.now() - began),
    });
    started.resolve(running);
    const signal = await stopped;
    log.info("server stopping", { signal });
    process.off("SIGHUP", reload);
    await running.close();
    log.info("server stopped");
  },
});

/** A second signal ends the process at once: somebody does not want to wait. */
const untilStopped = () =>
  new Promise<string>((resolve) => {
    for (const signal of ["SIGTERM", "SIGINT"] as const)
      process.on(signal, () => {
        resolve(signal);
        process.once(signal, () => process.exit(1));
      });
  });

async function reloadOrSay(running: Running, log: ReturnType<typeof logTo>): Promise<void> {
  try {
    await running.reload();
    log.info("reloaded");
  } catch (caught) {
    const known = caught instanceof VigoError;
    log.error("not reloaded; what was in force stays", {
      error: known ? caught.message : String(caught),
    });
  }
}
