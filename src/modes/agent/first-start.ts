/**
 * The first start of a machine whose image said where to enrol: tries until it is an envoy, however long the server or a person
 * takes. Must not know what an envoy does.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { VigoError } from "../../core/errors.ts";
import { backoff } from "./backoff.ts";
import type { AgentContext } from "./command.ts";
import { deferred, undefer } from "./deferred.ts";
import { untilEnrolled } from "./enrol-patiently.ts";
import { thisOs } from "./machine/os.ts";

/** Between two tries, at first. */
const firstMs = 5_000;
const dayMs = 86_400_000;

/** Returns at once on a machine that has nothing put off; without an identity when it is to stop. */
export async function enrolIfDeferred(
  { home, log, settings }: Pick<AgentContext, "home" | "log" | "settings">,
  stop: AbortSignal,
): Promise<void> {
  const invitation = await deferred(home);
  if (invitation === undefined) return;
  log.info("enrols for the first time", { server: invitation.api });
  const waits = (text: string) => log.warn(text);
  const patience = {
    home,
    os: thisOs(),
    waitMs: dayMs,
    renew: false,
    waits,
    stop,
    proxy: settings.proxy,
  };
  for (let failures = 1; !stop.aborted; failures++) {
    try {
      const { identity } = await untilEnrolled(invitation, patience);
      await undefer(home);
      const { envoy_id: envoy, hostname } = identity.about;
      log.info("enrolled", { envoy, hostname });
      return;
    } catch (error) {
      if (stop.aborted) return;
      if (!(error instanceof VigoError)) throw error;
      const delay = backoff(error, failures, firstMs, Math.random());
      const again_in_s = Math.round(delay / 1000);
      log.warn("cannot enrol", { reason: error.message, hint: error.hint, again_in_s });
      await sleep(delay, undefined, { signal: stop }).catch(() => "it is to stop");
    }
  }
}
