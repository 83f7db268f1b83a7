/**
 * The proxy that led to the server at enrolment, for the service, which does not inherit the environment of whoever installed it.
 * Must not know how settings are read.
 */
import * as files from "node:fs/promises";
import { ifThere } from "../../core/publish/errno.ts";
import { writeAtomically } from "../../core/write-file.ts";
import type { ProxySettings } from "./proxy.ts";

/** In the agent's settings, in place of the one that is there; all else in the file stays. */
export async function keepProxy(path: string, { https, except }: ProxySettings): Promise<void> {
  const before = (await ifThere(files.readFile(path, "utf8"))) ?? "";
  const others = before.split("\n").filter((line) => !/^(?:https_proxy|no_proxy)\s*:/.test(line));
  const kept = others.join("\n").trimEnd();
  const said = [
    ...(kept === "" ? [] : [kept]),
    `https_proxy: ${JSON.stringify(https)}`,
    ...(except === undefined ? [] : [`no_proxy: ${JSON.stringify(except)}`]),
  ];
  const text = `${said.join("\n")}\n`;
  // A password is for root alone.
  if (text !== before)
    await writeAtomically(files, path, text, https.includes("@") ? 0o600 : 0o644);
}
