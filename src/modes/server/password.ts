/** Passwords: argon2id, at most two at a time, because each takes 64 MiB. Must not know whose they are. */
import { VigoError } from "../../core/errors.ts";

const most = 2;
let running = 0;
const waiting: (() => void)[] = [];
/** More than would ever wait in good faith. */
const longestQueue = 200;

/** PHC form. */
export const hashPassword = (password: string): Promise<string> =>
  inTurn(() => Bun.password.hash(password, { algorithm: "argon2id" }));

export const isPassword = (password: string, hash: string): Promise<boolean> =>
  inTurn(() => Bun.password.verify(password, hash));

async function inTurn<T>(work: () => Promise<T>): Promise<T> {
  if (waiting.length >= longestQueue)
    throw new VigoError("limited", "too many people log in at once", { hint: "try again" });
  if (running >= most) await new Promise<void>((resolve) => waiting.push(resolve));
  else running++;
  try {
    return await work();
  } finally {
    const next = waiting.shift();
    if (next === undefined) running--;
    else next();
  }
}
