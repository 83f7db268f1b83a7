/**
 * Services of Windows: asked through sc.exe, whose numbers mean the same in every language; started and stopped through PowerShell,
 * which waits for it. Must not know what is wanted. Masked is what Windows calls disabled, enabled what it calls automatic.
 */
import { VigoError } from "../errors.ts";
import type { Host } from "../host.ts";
import { mustSucceed } from "./exit.ts";
import type { ServiceManager, ServiceState, ServiceVerb } from "./service-manager.ts";

/** ERROR_SERVICE_DOES_NOT_EXIST. */
const unknown = 1060;

export const windowsServices: ServiceManager = {
  name: "Windows",
  masks: true,

  async standing(host, service) {
    const now = await host.query({ argv: ["sc.exe", "query", service] });
    if (now.code === unknown)
      return { known: false, active: false, failed: false, masked: false, enabled: false };
    const settings = await host.query({ argv: ["sc.exe", "qc", service] });
    if (now.code !== 0 || settings.code !== 0) return undefined;
    return parseService(now.stdout, settings.stdout);
  },

  async act(host, verb, service) {
    const argv = wordsFor(verb, service);
    if (argv === undefined)
      throw new VigoError("failed", `services of Windows cannot ${verb}`, {
        hint: "give a reload_command, or let it restart",
      });
    await told(host, argv);
  },
};

/** From `sc query` and `sc qc`: numbers of STATE, WIN32_EXIT_CODE and START_TYPE. */
export function parseService(query: string, settings: string): ServiceState {
  const number = (text: string, name: string) =>
    Number(new RegExp(`^\\s*${name}\\s*:\\s*(\\d+)`, "m").exec(text)?.[1]);
  const [state, exit] = [number(query, "STATE"), number(query, "WIN32_EXIT_CODE")];
  const start = number(settings, "START_TYPE");
  return {
    known: true,
    active: state === running || state === paused,
    failed: state === stopped && exit !== 0 && exit !== neverStarted,
    masked: start === disabled,
    enabled: start < onDemand,
  };
}

const [stopped, running, paused] = [1, 4, 7];
/** Boot, system and automatic are below it. */
const onDemand = 3;
const disabled = 4;
const neverStarted = 1077;

function wordsFor(verb: ServiceVerb, service: string): readonly string[] | undefined {
  const start = { enable: "auto", disable: "demand", mask: "disabled", unmask: "demand" };
  if (verb in start)
    return ["sc.exe", "config", service, "start=", start[verb as keyof typeof start]];
  const command = { start: "Start", stop: "Stop", restart: "Restart" };
  if (!(verb in command)) return undefined;
  const order = `${command[verb as keyof typeof command]}-Service -Name '${service}' -ErrorAction Stop`;
  return ["powershell.exe", "-NoProfile", "-NonInteractive", "-Command", order];
}

async function told(host: Host, argv: readonly string[]): Promise<void> {
  await mustSucceed(argv.join(" "), host.run({ argv }));
}
