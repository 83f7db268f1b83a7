/** What a running server shows to who connects, and how it shows a newer certificate without a restart. Must not know when. */
import type { Settings } from "./config/read.ts";
import type { GrpcServer } from "./grpc/server.ts";
import type { Listener } from "./http/listen.ts";
import { grpcTls, type Parts } from "./parts.ts";
import { type ServerCertificate, serverCertificate } from "./trust/server-certificate.ts";

/** What may change while the server runs. */
export interface Shown {
  certificate: ServerCertificate;
  /** The CAs of which port 1530 takes certificates. */
  trusts: string;
  readonly settings: Settings;
}

export async function renewCertificate(
  { prepared, log }: Parts,
  { grpc, listener }: { readonly grpc: GrpcServer; readonly listener: Listener },
  shown: Shown,
): Promise<void> {
  const next = await serverCertificate(shown.settings, prepared.authority, new Date());
  const { trusts } = prepared.authority;
  const isSame = next.certificate === shown.certificate.certificate;
  if (isSame && trusts === shown.trusts) return;
  grpc.rotate(grpcTls(prepared, next));
  shown.trusts = trusts;
  if (isSame) return;
  shown.certificate = next;
  listener.rotate(next);
  log.info("server certificate renewed");
}
