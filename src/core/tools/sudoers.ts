/**
 * One file per account in `/etc/sudoers.d` (sudoers(5)), proven by visudo(8). Must not know who may do what. Names with a dot are
 * not read there, so that dots become `_`.
 */
import type { Host, ReadHost } from "../host.ts";

export const sudoersPath = (name: string): string =>
  `/etc/sudoers.d/vigo-${name.replaceAll(".", "_")}`;

const line = (name: string) => `${name} ALL=(ALL:ALL) NOPASSWD: ALL\n`;

/** `true` when the account may do everything, `something else` when its file says otherwise; undefined without a file. */
export async function sudoersState(host: ReadHost, name: string): Promise<string | undefined> {
  const bytes = await host.read(sudoersPath(name));
  if (bytes === undefined) return undefined;
  return new TextDecoder().decode(bytes) === line(name) ? "true" : "something else";
}

export async function allowEverything(host: Host, name: string): Promise<void> {
  const bytes = new TextEncoder().encode(line(name));
  await host.write(sudoersPath(name), bytes, { mode: 0o440, validate: "visudo -cf %" });
}
