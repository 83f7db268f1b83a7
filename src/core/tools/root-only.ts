/** Is it only root who could have put something at a path (semantics §9)? Must not know what it is for. */
import type { ReadHost } from "../host.ts";

/** Undefined: it is there, of this kind, and nobody but root can write to it or to a folder above it. Else why not. */
export async function whyNotRoots(
  host: ReadHost,
  path: string,
  kind: "file" | "directory",
): Promise<string | undefined> {
  const real = host.os.platform === "darwin" ? path.replace(ofMac, "/private/") : path;
  const parts = real.split("/").slice(1);
  const places = ["/", ...parts.map((_, index) => `/${parts.slice(0, index + 1).join("/")}`)];
  for (const place of places) {
    const stat = await host.stat(place);
    const wanted = place === real ? kind : "directory";
    if (stat === undefined) return `${place} is not there`;
    if (stat.kind !== wanted) return `${place} is no ${wanted}`;
    if (stat.uid !== 0) return `${place} does not belong to root`;
    if ((stat.mode & 0o022) !== 0) return `others may write to ${place}`;
  }
  return undefined;
}

/** macOS has these three behind links of its own, which nobody can change while it runs. */
const ofMac = /^\/(?=(?:etc|tmp|var)\/)/;
