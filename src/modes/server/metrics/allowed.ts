/** Who may read `/metrics`. Must not know what is in it. */
import { networks } from "../../../core/network.ts";
import { hashOf, isSecret } from "../secret.ts";

export interface MetricsAccess {
  readonly token?: string | undefined;
  /** `loopback`, addresses, or networks. */
  readonly allow: readonly string[];
}

export function metricsAllowed({ token, allow }: MetricsAccess) {
  const hash = token === undefined ? undefined : hashOf(token);
  const isListed = networks(allow);
  return (address: string, authorization: string | undefined): boolean => {
    const [, bearer] = /^Bearer (\S{1,512})$/i.exec(authorization ?? "") ?? [];
    if (hash !== undefined && bearer !== undefined && isSecret(bearer, hash)) return true;
    return isListed(address);
  };
}
