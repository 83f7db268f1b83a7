/** A machine that enrols with a server of another process. */
import { newCertificateRequest } from "../../../src/core/pki/csr.ts";
import { connectLink, type Link } from "../../../src/modes/agent/link.ts";
import type { Home } from "../../../src/modes/server/home.ts";
import { callChild } from "./child.ts";
import { identityFrom } from "./join.ts";
import { enrolBody, envoyKey } from "./world.ts";

export async function joined(home: Home, api: number, hostname: string): Promise<Link> {
  const { body } = await callChild(home, api, "POST", "/tokens", { uses: 1 });
  const keys = envoyKey();
  const { csr, key } = await newCertificateRequest("x");
  const asked = await enrolBody(String(body["token"]), hostname, keys, csr);
  const made = (await callChild(home, api, "POST", "/enroll", asked)).body;
  return connectLink(identityFrom(made, key, keys.seed));
}
