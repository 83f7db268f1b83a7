/** Opens the secrets where `server.yaml` says they are. Must not know how any backend works. */
import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { VigoError } from "../../../core/errors.ts";
import type { Log } from "../../../core/log.ts";
import type { Settings } from "../config/read.ts";
import type { Fleet } from "../envoys/fleet.ts";
import type { Home } from "../home.ts";
import type { Store } from "../store/store.ts";
import type { SecretKeeper } from "./keeper.ts";
import type { RemoteOptions } from "./remote.ts";

/** An envoy that uses a secret with a new value turns dirty. */
export async function openSecrets(
  home: Home,
  settings: Settings,
  fleet: Fleet,
  { log, store }: { readonly log: Log; readonly store: Pick<Store, "audit"> },
): Promise<SecretKeeper> {
  const used = () => new Set([...fleet.list()].flatMap(({ intended }) => intended?.secrets ?? []));
  const { backend, url } = settings.secrets;
  const noticed: Notice = (action, detail) =>
    void store.audit
      .append({ at: Date.now(), actor: "server", action, subject: backend, detail })
      .catch((error: unknown) => log.error("not in the audit log", { action, error: `${error}` }));
  const secrets = await openKeeper(home, settings, { used, log, noticed });
  if (url !== undefined)
    log.info("secrets backend", { backend, url, secrets: secrets.list().length });
  secrets.onChange((path) => {
    for (const envoy of fleet.list())
      if (envoy.intended?.secrets.includes(path) === true) envoy.dirty();
  });
  return secrets;
}

type Notice = RemoteOptions["noticed"];

/** `used` are those whose versions matter now. */
export async function openKeeper(
  home: Home,
  { secrets: written, secretsKey }: Pick<Settings, "secrets" | "secretsKey">,
  { used, log, noticed }: Omit<RemoteOptions, "refreshMs">,
): Promise<SecretKeeper> {
  const { backend, url, token_file: token, ca_file: ca, mount, refresh: refreshMs } = written;
  if (backend === "local") {
    const { Secrets } = await import("./secrets.ts");
    return Secrets.open(home.secrets, secretsKey, ({ message }) =>
      log.error("secret left out", { error: message }),
    );
  }
  if (url === undefined || token === undefined)
    throw new VigoError("invalid", `secrets.backend ${backend} needs secrets.url and token_file`);
  const address = {
    name: backend,
    url: url.replace(/\/+$/, ""),
    tokenFile: resolve(home.folder, token),
    ...(ca !== undefined && { ca: await readFile(resolve(home.folder, ca), "utf8") }),
  };
  const { RemoteSecrets } = await import("./remote.ts");
  const source =
    backend === "vault"
      ? (await import("./vault.ts")).vault(address, mount)
      : (await import("./isopass.ts")).isopass(address);
  return RemoteSecrets.open(source, { refreshMs, used, log, noticed });
}
