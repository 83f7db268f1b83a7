/**
 * Which request is being answered, for whatever is done on its behalf: each line of the log and each entry of the audit log names it,
 * and so does the answer. Must not know HTTP routes, nor what is done.
 */
import { AsyncLocalStorage } from "node:async_hooks";
import { randomBytes } from "node:crypto";
import type { Log, LogFields } from "../../core/log.ts";

interface Request {
  readonly id: string;
  /** Who asks, once that is proven. */
  actor?: string;
  /** Nobody was there to answer it: strangers could fill the log with such. */
  isLost?: true;
}

const requests = new AsyncLocalStorage<Request>();

/** What a caller calls its request, if that is plain and short; else a word of our own. */
export const requestId = (asked: string | undefined): string =>
  asked !== undefined && /^[A-Za-z0-9][A-Za-z0-9._:-]{0,63}$/.test(asked)
    ? asked
    : randomBytes(8).toString("hex");

export const inRequest = <T>(id: string, work: () => T): T => requests.run({ id }, work);

/** Undefined outside of any, as for what a timer does. */
export const currentRequest = (): Request | undefined => requests.getStore();

/** The same log; what is said while a request is answered says which one. */
export function requestLog(log: Log): Log {
  const naming = (fields: LogFields = {}): LogFields => {
    const id = requests.getStore()?.id;
    return id === undefined ? fields : { ...fields, request_id: id };
  };
  return {
    info: (event, fields) => log.info(event, naming(fields)),
    warn: (event, fields) => log.warn(event, naming(fields)),
    error: (event, fields) => log.error(event, naming(fields)),
  };
}
