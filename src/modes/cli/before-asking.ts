/**
 * What is looked at before a person types anything secret: that there is a server, and that it knows who calls. Nobody types a password
 * twice to hear afterwards that no server is known. Must not know what is asked for.
 */
import { noUser } from "../../core/api/account.ts";
import { me } from "../../core/api/auth.ts";
import type { Call } from "./client.ts";

interface Asker {
  readonly call: Call;
}

/** Rejects where a call would get nowhere. */
export const known = ({ call }: Asker) => call(me, { params: {} });

/** The same for what only a user has: a password, codes. */
export async function knownUser(asker: Asker): Promise<void> {
  const { via } = await known(asker);
  if (via === "local-token") throw noUser();
}
