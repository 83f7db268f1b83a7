/** Addresses of servers as people write them. Must not know which port they are for. */
import { VigoError } from "../../core/errors.ts";

/** As sockets take it: an IPv6 address stands in brackets in an address, and without them here. */
export function endOf(server: string): { readonly host: string; readonly port: number } {
  const { hostname, port } = new URL(`https://${server}`);
  return { host: hostname.replace(/^\[|\]$/g, ""), port: port === "" ? 443 : Number(port) };
}

/** Several have commas between them. Throws `invalid` for what is no `host:port`. */
export function addressesIn(servers: string): readonly string[] {
  const addresses = servers
    .split(",")
    .map((one) => one.trim())
    .filter((one) => one !== "");
  for (const one of addresses)
    if (!/^[^\s/@?#]+$/.test(one) || !URL.canParse(`https://${one}`))
      throw new VigoError("invalid", `${one} is no address of a server`, {
        hint: "it is HOST:PORT, like vigo.example.org:8443",
      });
  return addresses;
}
