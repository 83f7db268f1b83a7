/** Says in the log when callers had to wait for this process: who looks into an incident finds the moment. Must not know why. */
import type { Log } from "../../../core/log.ts";
import { LoopLag } from "./loop-lag.ts";

/** What the log calls it. */
export const lagEvent = "callers had to wait";

/** Where people begin to notice it. */
const tellMs = 150;

export const loggedLag = (log: Log): LoopLag =>
  new LoopLag({
    tellMs,
    tell: ({ lateMs, cpuMs }) =>
      log.warn(lagEvent, {
        ms: Math.round(lateMs),
        cpu_ms: Math.round(cpuMs),
      }),
  });
