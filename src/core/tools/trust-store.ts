/**
 * The certificates that all programs of a machine trust: a folder for those an administrator adds, and the tool that makes the
 * bundle from them. Must not know what is in a certificate. Sources: update-ca-certificates(8), update-ca-trust(8).
 */
import { VigoError } from "../errors.ts";
import type { Host, ReadHost } from "../host.ts";
import { mustSucceed } from "./exit.ts";

interface Store {
  readonly folder: string;
  readonly suffix: string;
  readonly update: readonly string[];
  /** Where `update` leaves links to what is gone. */
  readonly forget?: readonly string[];
  /** What programs read, where its form is known. */
  readonly bundle?: string;
}

const debianLike: Store = {
  folder: "/usr/local/share/ca-certificates",
  suffix: ".crt",
  update: ["update-ca-certificates"],
  forget: ["update-ca-certificates", "--fresh"],
  bundle: "/etc/ssl/certs/ca-certificates.crt",
};

const stores: ReadonlyMap<string, Store> = new Map([
  ["debian", debianLike],
  ["alpine", debianLike],
  [
    "rhel",
    {
      folder: "/etc/pki/ca-trust/source/anchors",
      suffix: ".pem",
      update: ["update-ca-trust", "extract"],
    },
  ],
  [
    "suse",
    { folder: "/etc/pki/trust/anchors", suffix: ".pem", update: ["update-ca-certificates"] },
  ],
  [
    "arch",
    {
      folder: "/etc/ca-certificates/trust-source/anchors",
      suffix: ".pem",
      update: ["update-ca-trust"],
    },
  ],
]);

function storeOf({ os }: ReadHost): Store {
  const store = stores.get(os.family);
  if (store === undefined)
    throw new VigoError("failed", `trust: not for ${os.distro}`, {
      hint: "leave out trust, and add the certificate to its store by hand",
    });
  return store;
}

const anchor = ({ folder, suffix }: Store, name: string) => `${folder}/${name}${suffix}`;

/** The name in the store of the certificate in a file: the file's, without an ending. */
export const anchorName = (path: string): string =>
  (path.split("/").at(-1) ?? "").replace(/\.(?:pem|crt|cer)$/, "");

/**
 * What is trusted under this name, and what is to be: just this certificate, "new" one that is made first, or "none". The same
 * when it is as wanted; undefined: nothing.
 */
export async function trustDifference(
  host: ReadHost,
  name: string,
  wanted: { readonly pem: string } | "new" | "none",
): Promise<{ readonly from: string | undefined; readonly to: string | undefined }> {
  const has = (await host.stat(anchor(storeOf(host), name))) !== undefined;
  if (wanted === "none") return { from: has ? "yes" : undefined, to: undefined };
  const isRight = has && wanted !== "new" && (await isTrusted(host, name, wanted.pem));
  return { from: isRight ? "yes" : has ? "not as it is" : undefined, to: "yes" };
}

async function isTrusted(host: ReadHost, name: string, pem: string): Promise<boolean> {
  const store = storeOf(host);
  const kept = await host.read(anchor(store, name));
  if (kept === undefined || new TextDecoder().decode(kept) !== pem) return false;
  if (store.bundle === undefined) return true;
  const bundle = await host.read(store.bundle);
  const body = /-----BEGIN CERTIFICATE-----[^-]+/.exec(pem)?.[0] ?? pem;
  return bundle !== undefined && new TextDecoder().decode(bundle).includes(body.trim());
}

/** `pem` undefined: trusted no more. */
export async function trust(host: Host, name: string, pem: string | undefined): Promise<void> {
  const store = storeOf(host);
  const path = anchor(store, name);
  if (pem === undefined) await host.remove(path);
  else if ((await host.stat(store.folder)) === undefined)
    throw new VigoError("failed", `${store.folder} is not there`, {
      hint: "declare the package ca-certificates, and depend on it",
    });
  else await host.write(path, new TextEncoder().encode(pem), { mode: 0o644, uid: 0, gid: 0 });
  const argv = pem === undefined ? (store.forget ?? store.update) : store.update;
  await mustSucceed(argv.join(" "), host.run({ argv }));
}
