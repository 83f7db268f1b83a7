/** A machine that enrols with a server of another process. */
import { newCertificateRequest } from "../../../src/core/pki/csr.ts";
import { connectLink, type Link } from "../../../src/modes/agent/link.ts";
import type { Home } from "../../../src/modes/server/home.ts";
import { callChild } from "./child.ts";
import { enrolBody, envoyKey } from "./world.ts";

export async function joined(
  home: Home,
  { api, grpc }: { readonly api: number; readonly grpc: number },
  hostname: string,
): Promise<Link> {
  const { body } = await callChild(home, api, "POST", "/tokens", { uses: 1 });
  const keys = envoyKey();
  const { csr, key } = await newCertificateRequest("x");
  const asked = await enrolBody(String(body["token"]), hostname, keys, csr);
  const made = (await callChild(home, api, "POST", "/enroll", asked)).body;
  return connectLink({
    envoyId: String(made["envoy_id"]),
    serverId: String(made["server_id"]),
    servers: [`127.0.0.1:${grpc}`],
    certificate: String(made["certificate"]),
    key,
    ca: String(made["ca"]),
    seed: keys.seed,
  });
}
