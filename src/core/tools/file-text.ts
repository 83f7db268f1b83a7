/** Small files as text. Must not know what is in them. */
import type { ReadHost } from "../host.ts";

/** Kernel tables of a big machine stay far below it; whatever is larger is cut. */
const most = 4 * 1024 * 1024;

/** Undefined where there is no such file. */
export async function fileText(host: ReadHost, path: string): Promise<string | undefined> {
  const bytes = await host.read(path, { limit: most });
  return bytes && new TextDecoder().decode(bytes);
}

/** One line without its end; empty where there is no such file. */
export const fileLine = async (host: ReadHost, path: string): Promise<string> =>
  ((await fileText(host, path)) ?? "").trim();
