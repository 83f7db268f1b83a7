/** The endpoints about the licence, handled. Must not know HTTP. */
import { installLicense, showLicense } from "../../../core/api/license.ts";
import { implement } from "../http/implement.ts";
import type { Store } from "../store/store.ts";
import type { LicenseKeeper } from "./keeper.ts";

interface Deps {
  readonly license: LicenseKeeper;
  readonly store: Pick<Store, "audit">;
  readonly now: () => number;
}

export const licenseRoutes = [
  implement(showLicense, async (_, { license }: Deps) => {
    await license.look();
    return shown(license);
  }),
  implement(installLicense, async ({ body }, { license, store, now }: Deps, caller) => {
    const { id, customer } = await license.install(body.license);
    await store.audit.append({
      at: now(),
      actor: caller.name,
      action: "license.install",
      subject: id,
      detail: { customer },
    });
    return shown(license);
  }),
];

function shown(keeper: LicenseKeeper) {
  const { license, state, says, envoys } = keeper;
  return { state, message: says, envoys, ...(license === undefined ? {} : { license }) };
}
