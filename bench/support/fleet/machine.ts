/**
 * What a simulated machine is made of: how it enrols, and what it tells of itself. Must not know connections.
 */
import { request } from "node:https";
import { checkServerIdentity } from "node:tls";
import { canonicalJson, type Json } from "../../../src/core/json.ts";
import { newCertificateRequest } from "../../../src/core/pki/csr.ts";
import { newKeyPair, sign, signingKey } from "../../../src/core/pki/keys.ts";
import { traits } from "../../../src/core/traits/index.ts";
import { serverName } from "../../../src/core/wire/service.ts";
import { keptTraits, sectionHash, traitsRoot } from "../../../src/core/wire/traits-root.ts";

/** Where machines enrol, and by what right. Plain data, so that it crosses to another process. */
export interface Door {
  readonly host: string;
  readonly port: number;
  /** PEM; the token has vouched for it. */
  readonly ca: string;
  readonly token: string;
  /** The server limits what comes from one address: where it is on this host, machines come from many. */
  readonly manyAddresses: boolean;
}

export interface Identity {
  readonly id: string;
  readonly hostname: string;
  readonly serverId: string;
  readonly grpcPort: number;
  readonly ca: string;
  readonly certificate: string;
  /** Of the certificate, PEM. */
  readonly key: string;
  readonly seed: Uint8Array;
}

interface Answered {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
}

/** Asks as often as the server wants to be asked. Rejects when it turns the machine away, or lets it wait for a person. */
export async function enrol(door: Door, hostname: string, number: number): Promise<Identity> {
  const { seed, publicKey } = newKeyPair();
  const { csr, key } = await newCertificateRequest(hostname);
  const proof = sign(Buffer.concat([Buffer.from("vigo.v1.enroll\0"), csr]), signingKey(seed));
  const words = {
    token: door.token,
    hostname,
    csr: base64(csr),
    public_key: base64(publicKey),
    proof: base64(proof),
    ...selfOf(number),
    agent_version: "0.1.0",
    platform: "linux",
    arch: "amd64",
  };
  for (;;) {
    const { status, body } = await post(door, number, JSON.stringify(words));
    if (status === 429) await Bun.sleep(1_000);
    else if (status !== 200 || body["status"] !== "enrolled")
      throw new Error(
        `enrolling ${hostname}: HTTP ${status} ${JSON.stringify(body).slice(0, 300)}`,
      );
    else return { ...given(body), hostname, key, seed };
  }
}

const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString("base64");

const given = (body: Answered["body"]) => ({
  id: String(body["envoy_id"]),
  serverId: String(body["server_id"]),
  grpcPort: Number(body["grpc_port"]),
  ca: String(body["ca"]),
  certificate: String(body["certificate"]),
});

/** By which it stays the same machine to the server. */
export const selfOf = (number: number) => ({
  machine_id: `bench-${number}`,
  boot_id: `boot-${number}`,
});

function post(door: Door, number: number, body: string): Promise<Answered> {
  const { host, port, ca, manyAddresses } = door;
  return new Promise((resolve, reject) => {
    const asked = request(
      {
        host,
        port,
        ca,
        path: "/api/v1/enroll",
        method: "POST",
        agent: false,
        timeout: 60_000,
        servername: serverName,
        checkServerIdentity: (_, peer) => checkServerIdentity(serverName, peer),
        ...(manyAddresses ? { localAddress: addressOf(number) } : {}),
      },
      (response) => {
        let text = "";
        response.setEncoding("utf8");
        response.on("data", (chunk: string) => (text += chunk));
        response.on("error", reject);
        response.on("end", () =>
          resolve({ status: response.statusCode ?? 0, body: JSON.parse(text) }),
        );
      },
    );
    asked.on("timeout", () => asked.destroy(new Error("no answer within 60 s")));
    asked.on("error", reject);
    asked.end(body);
  });
}

/** A hundred machines to an address of 127.0.0.0/8, all of which are this host. */
const addressOf = (number: number): string => {
  const at = Math.floor(number / 100);
  return `127.1.${Math.floor(at / 250)}.${1 + (at % 250)}`;
};

interface Section {
  readonly name: string;
  readonly value: Uint8Array;
  readonly hash: string;
}

const kept = keptTraits(traits);
const section = (name: string, value: Json): Section => {
  const bytes = Buffer.from(canonicalJson(value));
  return { name, value: bytes, hash: sectionHash(bytes) };
};

/** The examples of the manual, which all machines share until one changes. */
const common: readonly Section[] = traits
  .filter(({ name }) => kept.has(name))
  .map(({ name, example }) => section(name, example as Json));

/** The kept sections of one machine. */
export class Facts {
  /** Only what differs from all others. */
  readonly #own = new Map<number, Section>();
  #root: Uint8Array | undefined;
  #revision = 0;

  get all(): readonly Section[] {
    return common.map((one, at) => this.#own.get(at) ?? one);
  }

  /** What check-ins carry. */
  get root(): Uint8Array {
    this.#root ??= traitsRoot(this.all.map(({ name, hash }) => [name, hash]));
    return this.#root;
  }

  /** As when a package is updated or a disk fills up: another value in one section, which is given. */
  change(random: number): Section {
    const at = Math.floor(random * common.length);
    const { name, value } = common[at] as Section;
    const before = JSON.parse(Buffer.from(value).toString()) as Json;
    const next = section(name, revised(before, ++this.#revision));
    this.#own.set(at, next);
    this.#root = undefined;
    return next;
  }
}

const revised = (value: Json, revision: number): Json => {
  if (Array.isArray(value)) return [...(value as Json[]), revision];
  return typeof value === "object" ? { ...value, bench: revision } : revision;
};
