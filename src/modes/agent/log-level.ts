/** Leaves out what is less than asked for. Must not know where lines go. */
import type { Log } from "../../core/log.ts";

const nothing = () => undefined;

export const leveled = (log: Log, least: "info" | "warn" | "error"): Log => ({
  info: least === "info" ? log.info : nothing,
  warn: least === "error" ? nothing : log.warn,
  error: log.error,
});
