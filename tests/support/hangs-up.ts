/** Whether a server ends the connection of whoever shows this certificate. Must not know any test. */
import { isRefused } from "../../src/modes/agent/renew-by-key.ts";
import { type Identity, linkIdentity } from "../../src/modes/agent/identity.ts";

export const hangsUpOn = (port: number, identity: Identity): Promise<boolean> =>
  isRefused({ ...linkIdentity(identity), servers: [`127.0.0.1:${port}`] });
