/**
 * Which port to listen on. 0 means any free one, by preference the one of last time: agents and people who know a server
 * should find it again after a restart. Must not know what listens.
 */
import { VigoError } from "../../core/errors.ts";
import { errno } from "../../core/publish/errno.ts";
import type { Listen } from "./config/fields.ts";
import type { MetaStore } from "./store/store.ts";

/** What is listening, for what it is told apart in the store. */
export interface Purpose {
  readonly name: "grpc" | "api";
  /** For people: `agents`. */
  readonly for: string;
  /** Where it is set: `server.grpc_listen`. */
  readonly setting: string;
}

/** Rejects with `unavailable` when the address is taken, or not this host's. */
export async function listenOn<T extends { readonly port: number }>(
  meta: MetaStore,
  { name, for: whom, setting }: Purpose,
  wanted: Listen,
  listen: (at: Listen) => Promise<T>,
): Promise<T> {
  const open = async (at: Listen): Promise<T> => {
    try {
      return await listen(at);
    } catch (cause) {
      if (!refusals.includes(errno(cause) ?? "")) throw cause;
      throw new VigoError(
        "unavailable",
        `cannot listen on ${at.host ?? ""}:${at.port} for ${whom}`,
        {
          hint: `another program has the port, or the address is not this host's: see ${setting}`,
          cause,
        },
      );
    }
  };
  if (wanted.port !== 0) return open(wanted);
  const last = Number((await meta.get(`port.${name}`)) ?? 0);
  const opened = await open({ ...wanted, port: last }).catch((caught: unknown) => {
    if (last === 0 || !(caught instanceof VigoError)) throw caught;
    return open(wanted);
  });
  await meta.set(`port.${name}`, String(opened.port));
  return opened;
}

const refusals: readonly string[] = ["EADDRINUSE", "EADDRNOTAVAIL", "EACCES", "ENOTFOUND"];
