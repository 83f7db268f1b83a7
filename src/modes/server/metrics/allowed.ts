/** Who may read `/metrics`. Must not know what is in it. */
import { BlockList, isIP } from "node:net";
import { hashOf, isSecret } from "../secret.ts";

export interface MetricsAccess {
  readonly token?: string | undefined;
  /** `loopback`, addresses, or networks. */
  readonly allow: readonly string[];
}

export function metricsAllowed({ token, allow }: MetricsAccess) {
  const hash = token === undefined ? undefined : hashOf(token);
  const listed = blockList(allow);
  return (address: string, authorization: string | undefined): boolean => {
    const [, bearer] = /^Bearer (\S{1,512})$/i.exec(authorization ?? "") ?? [];
    if (hash !== undefined && bearer !== undefined && isSecret(bearer, hash)) return true;
    const plain = address.replace(/^::ffff:(?=\d+\.)/i, "");
    const version = isIP(plain);
    return version !== 0 && listed.check(plain, version === 6 ? "ipv6" : "ipv4");
  };
}

function blockList(allow: readonly string[]): BlockList {
  const list = new BlockList();
  for (const entry of allow.flatMap((one) =>
    one === "loopback" ? ["127.0.0.0/8", "::1"] : [one],
  )) {
    const [address = "", bits] = entry.split("/");
    const family = isIP(address) === 6 ? "ipv6" : "ipv4";
    if (bits === undefined) list.addAddress(address, family);
    else list.addSubnet(address, Number(bits), family);
  }
  return list;
}
