/** Log events as lines: JSON where a program reads, text where a person does. Must not know what happened. */
import { inertJson } from "./inert.ts";

export type LogFields = Readonly<Record<string, string | number | boolean | undefined>>;

export interface Log {
  info(event: string, fields?: LogFields): void;
  warn(event: string, fields?: LogFields): void;
  error(event: string, fields?: LogFields): void;
}

export interface Lines {
  readonly json: boolean;
  write(line: string): void;
  now(): Date;
}

export function logTo({ json, write, now }: Lines): Log {
  const say =
    (level: "info" | "warn" | "error") =>
    (event: string, fields: LogFields = {}) =>
      write((json ? jsonLine : textLine)(now().toISOString(), level, event, fields));
  return { info: say("info"), warn: say("warn"), error: say("error") };
}

type Line = (time: string, level: string, event: string, fields: LogFields) => string;

const jsonLine: Line = (time, level, event, fields) =>
  `${inertJson(JSON.stringify({ time, level, event, ...fields }))}\n`;

/** `2026-01-31T12:00:00.000Z info server ready grpc=1530 api=8443`; a text with blanks is quoted. */
const textLine: Line = (time, level, event, fields) => {
  const pairs = Object.entries(fields)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => ` ${key}=${plain(String(value))}`);
  return `${time} ${level} ${event}${pairs.join("")}\n`;
};

/** One event stays one line, whatever a stranger put into it. */
const plain = (value: string): string =>
  /^[^\s"=\p{Cc}\p{Cf}]+$/u.test(value) ? value : inertJson(JSON.stringify(value));
