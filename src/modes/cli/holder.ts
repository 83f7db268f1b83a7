/** This process as the holder of a publish's lock. Must not know what is locked. */
import { readFileSync } from "node:fs";
import { holderOfThisProcess } from "../../core/publish/holder.ts";

export const thisProcess = holderOfThisProcess((path) => readFileSync(path, "utf8"));
