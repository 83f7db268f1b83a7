/** Health checks that can never be well are refused before anybody begins. Pure; must not know how a check is made. */
import { VigoError } from "../../../core/errors.ts";
import { isUrl } from "./health.ts";

/** Throws `invalid`. A command is anybody's guess. */
export function assertSound(check: string): void {
  if (!isUrl(check)) {
    const [scheme] = /^[a-z][a-z0-9+.-]*:\/\//i.exec(check) ?? [];
    if (scheme !== undefined)
      throw unsound(`${scheme} is not asked, only http:// and https://`, "or give a command");
    return;
  }
  const url = URL.parse(check);
  if (url === null) throw unsound(`${check} is no address`, "https://www.example.com/health");
  if (url.username !== "" || url.password !== "")
    throw unsound(
      "an address with a name or a password in it would be in lists and in the audit log",
      "give one that needs none, or a command that reads it from a file",
    );
}

const unsound = (why: string, hint: string) =>
  new VigoError("invalid", `health_check: ${why}`, { hint });
