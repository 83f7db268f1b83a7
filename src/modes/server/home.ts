/** Where the server keeps what: everything is below one folder, `--home`. Names only; must not know what is in the files. */
import { join, resolve } from "node:path";

/** Beside these, publish keeps `.live` and `versions/` (core/publish/home.ts). */
export interface Home {
  readonly folder: string;
  /** `server.yaml`, or what `VIGO_CONFIG_FILE` names. */
  readonly config: string;
  readonly stacks: string;
  readonly tls: string;
  /** Seed of the key that signs bundles, 32 raw bytes. */
  readonly bundleKey: string;
  /** Seed of the key that signs heads of the audit log, 32 raw bytes … */
  readonly auditKey: string;
  /** … and the newest of them, outside the database that it is about. */
  readonly auditHead: string;
  /** What secrets of second factors are encrypted with, 32 raw bytes; outside the database, so that a copy of it tells nothing. */
  readonly factorKey: string;
  readonly database: string;
  readonly downloads: string;
  /** A folder for each backup. */
  readonly backups: string;
  /** Says that a restore has begun and is not done: nothing must start on half of a home. */
  readonly restoring: string;
  /** The licence, unless `license.file` names another. */
  readonly license: string;
  readonly secrets: string;
  /** What they are encrypted with, unless `secrets.key_file` names another; outside their folder, so that a copy of it tells nothing. */
  readonly secretsKey: string;
  /** Lets whoever can read it call the API as an admin: the CLI on this host. */
  readonly localToken: string;
  readonly initialPassword: string;
  /** Of the process that runs now. */
  readonly run: string;
  /** `{"grpc":1530,"api":8443,"pid":1}`, while it runs. */
  readonly ports: string;
  readonly lock: string;
}

const defaultHome = "/srv/vigo";

export function homeAt(
  folder: string | undefined,
  environment: Readonly<Record<string, string | undefined>>,
): Home {
  const home = resolve(folder ?? defaultHome);
  const at = (...names: readonly string[]) => join(home, ...names);
  return {
    folder: home,
    config: resolve(environment["VIGO_CONFIG_FILE"] || at("server.yaml")),
    stacks: at("stacks"),
    tls: at("tls"),
    bundleKey: at("tls", "bundle_key"),
    auditKey: at("tls", "audit_key"),
    auditHead: at("audit-head"),
    factorKey: at("tls", "factor_key"),
    database: at("db", "vigo.db"),
    downloads: at("downloads"),
    backups: at("backups"),
    restoring: at("restoring.json"),
    license: at("license"),
    secrets: at("secrets"),
    secretsKey: at("secrets-master.key"),
    localToken: at("local-admin.token"),
    initialPassword: at("initial-admin-password"),
    run: at("run"),
    ports: at("run", "ports.json"),
    lock: at("run", "lock.db"),
  };
}
