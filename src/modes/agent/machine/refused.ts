/**
 * Asks the kernel, before anything is done, whether a change of an entry would be refused. To root, access(2) says no for what is
 * immutable (chattr(1)) and for what is mounted read-only, and changes nothing. Must not know who asks.
 */
import fs from "node:fs";
import { hasCode } from "./failure.ts";

const telling = ["EPERM", "EROFS", "EACCES"];

/** The errno; undefined where nothing is known against it, as nothing is there. */
export function refused(path: string): string | undefined {
  try {
    fs.accessSync(path, fs.constants.W_OK);
    return undefined;
  } catch (error) {
    return telling.find((code) => hasCode(error, code));
  }
}
