/** The calls behind the router. What this version does not serve is answered "unimplemented" by the router itself. */
import type { ConnectRouter } from "@connectrpc/connect";
import { AgentService } from "../../../core/wire/gen/vigo/v1/agent_pb.ts";
import type { Store } from "../store/store.ts";
import { type RenewOptions, renewCertificate } from "./renew-certificate.ts";
import { resolveSecrets, type SecretOptions } from "./resolve-secrets.ts";
import { serving } from "./router.ts";

export interface RoutesOptions extends RenewOptions, SecretOptions {
  readonly store: Pick<Store, "audit">;
  /** Whatever made a call fail. */
  readonly failed: (caught: unknown) => void;
}

export const routes = (options: RoutesOptions) => {
  const { failed } = options;
  return (router: ConnectRouter): void => {
    router.service(AgentService, {
      resolveSecrets: ({ signed }, context) =>
        serving(context, failed, (peer) => resolveSecrets(options, signed, peer)),
      renewCertificate: ({ signed }, context) =>
        serving(context, failed, (peer) => renewCertificate(options, signed, peer)),
    });
  };
};
