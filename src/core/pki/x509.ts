/**
 * `@peculiar/x509`, loaded when it is first needed: it costs 20 ms and 17 MB. It wants a polyfill that has run before it, and
 * Bun promises no order between CommonJS modules that are imported side by side, neither from source nor compiled; hence one
 * after the other. Must not know what is done with it.
 */
import type * as X509 from "@peculiar/x509";

export type { X509 };

let loading: Promise<typeof X509> | undefined;

export function loadX509(): Promise<typeof X509> {
  loading ??= import("reflect-metadata").then(() => import("@peculiar/x509"));
  return loading;
}
