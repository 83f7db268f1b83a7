/** The endpoints about secrets, handled: each leaves its trace in the audit log, and none a value. Must not know HTTP, nor files. */
import {
  deleteSecret,
  getSecret,
  initSecrets,
  listSecrets,
  rotateSecrets,
  setSecret,
} from "../../../core/api/secrets.ts";
import { VigoError } from "../../../core/errors.ts";
import { longestSecret, shortSecret } from "../../../core/secret-path.ts";
import { implement } from "../http/implement.ts";
import type { Store } from "../store/store.ts";
import type { About } from "./sealed-file.ts";
import type { SecretKeeper } from "./keeper.ts";

interface Deps {
  readonly store: Pick<Store, "audit">;
  readonly secrets: SecretKeeper;
  /** Taught every value that passes, so that no log shows it. */
  readonly hide: (value: string) => void;
  readonly now: () => number;
}

export const secretRoutes = [
  implement(initSecrets, async (_, { secrets, ...deps }: Deps, { name }) => {
    const key = await secrets.init();
    await told(deps, name, "secret.init", key, {});
    return { key };
  }),
  implement(listSecrets, async (_, { secrets }: Deps) => ({
    secrets: secrets.list().map(([path, about]) => shown(path, about)),
  })),
  implement(setSecret, async ({ body: { path, value_base64 } }, deps: Deps, { name }) => {
    const value = new Uint8Array(Buffer.from(value_base64, "base64"));
    const text = textOf(value);
    deps.hide(text);
    await deps.secrets.mustTake();
    const { version } = deps.secrets.about(path) ?? { version: 0 };
    // Before the act: a value nobody is known to have set would be worse than an entry about one that was not.
    await told(deps, name, "secret.set", path, { after_version: version });
    const about = await deps.secrets.set(path, value, deps.now());
    return { ...shown(path, about), short: text.length < shortSecret };
  }),
  implement(getSecret, async ({ body: { path } }, deps: Deps, { name }) => {
    const { value, about } = await deps.secrets.get(path);
    await told(deps, name, "secret.get", path, { version: about.version });
    deps.hide(textOf(value));
    return { ...shown(path, about), value_base64: Buffer.from(value).toString("base64") };
  }),
  implement(deleteSecret, async ({ body: { path } }, deps: Deps, { name }) => {
    const about = await deps.secrets.delete(path);
    await told(deps, name, "secret.delete", path, { version: about.version });
    return shown(path, about);
  }),
  implement(rotateSecrets, async (_, deps: Deps, { name }) => {
    const done = await deps.secrets.rotate();
    await told(deps, name, "secret.rotate", done.key, { secrets: done.secrets });
    return done;
  }),
];

const told = (
  { store, now }: Pick<Deps, "store" | "now">,
  actor: string,
  action: string,
  subject: string,
  detail: { readonly [key: string]: number },
) => store.audit.append({ at: now(), actor, action, subject, detail });

function textOf(value: Uint8Array): string {
  if (value.length === 0) throw new VigoError("invalid", "a secret cannot be empty");
  if (value.length > longestSecret)
    throw new VigoError("invalid", `a secret may have ${longestSecret} bytes`);
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(value);
  } catch (cause) {
    if (!(cause instanceof TypeError)) throw cause;
    throw new VigoError("invalid", "a secret is text in UTF-8", {
      hint: "encode what is not, for example as base64",
    });
  }
}

const shown = (path: string, { version, changedAt }: About) => ({
  path,
  version,
  changed_at: new Date(changedAt).toISOString(),
});
