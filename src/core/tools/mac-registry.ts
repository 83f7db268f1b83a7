/** The platform expert in the I/O registry of macOS, by ioreg(8): what this Mac is called. Must not know why anybody asks. */
import type { ReadHost } from "../host.ts";
import { type Asking, printed } from "./once.ts";

const argv = ["ioreg", "-rd1", "-c", "IOPlatformExpertDevice"];

/** Empty: it does not tell. */
export async function platformExpert(
  host: ReadHost,
  asking: Asking,
): Promise<(name: string) => string> {
  const values = parseRegistry(await printed(host, asking, argv));
  return (name) => values.get(name) ?? "";
}

/** Lines `"name" = "text"`, or `<"text">` where it is bytes that are a text. */
export const parseRegistry = (text: string): ReadonlyMap<string, string> =>
  new Map(
    [...text.matchAll(/^[ |]*"([^"]+)" = <?"([^"]*)">?$/gm)].map(([, name = "", value = ""]) => [
      name,
      value,
    ]),
  );
