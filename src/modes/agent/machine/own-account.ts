/** Who this process is, by its number: a service is told no name, and Bun knows none but what the environment says. */
import fs from "node:fs";
import { userInfo } from "node:os";
import { parseUser } from "../../../core/text/account-lines.ts";
import { isAbsence } from "./failure.ts";

interface OwnAccount {
  readonly name: string;
  readonly home: string;
}

/** Accounts that are in no file of this machine are called by their number. */
export function ownAccount(uid: number | undefined = process.geteuid?.()): OwnAccount {
  const { username, homedir } = userInfo();
  if (uid === undefined) return { name: username, home: homedir };
  const accounts = passwd().split("\n").map(parseUser);
  return accounts.find((account) => account?.uid === uid) ?? { name: `${uid}`, home: homedir };
}

function passwd(): string {
  try {
    return fs.readFileSync("/etc/passwd", "utf8");
  } catch (error) {
    if (isAbsence(error)) return "";
    throw error;
  }
}
