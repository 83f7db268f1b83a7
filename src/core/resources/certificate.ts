/**
 * The `certificate` type: a certificate brought by the policy, one that signs itself and is renewed in time, or a request that others
 * sign; its key, and whether the machine trusts it. Must not know who reads them: notify the services that do.
 */
import type { z } from "zod";
import type { Host, ReadHost } from "../host.ts";
import {
  choice,
  flag,
  group,
  list,
  mode,
  owner,
  parameters,
  path,
  text,
  whole,
} from "../params.ts";
import { type Change, defineResource, differing } from "../resource.ts";
import { creation } from "../tools/attributes.ts";
import {
  certificateChanges,
  keyChanges,
  keyKinds,
  newCertificate,
  newKey,
  newRequest,
  requestChanges,
} from "../tools/key-and-certificate.ts";
import { type FileRights, mendRights, rightsDifferences } from "../tools/file-rights.ts";
import { fileText } from "../tools/file-text.ts";
import { placeFollows } from "../tools/place.ts";
import { anchorName, trust, trustDifference } from "../tools/trust-store.ts";

const ownFields = [
  "common_name",
  "names",
  "organization",
  "days",
  "renew_before",
  "is_ca",
  "request",
  "key_kind",
] as const;

/** What a certificate that is made says. */
const making = () => ({
  organization: text("Organization in the certificate that is made.", {
    pattern: /^[^\0\r\n]{1,64}$/,
    wanted: "a name of at most 64 letters",
  }).exactOptional(),
  names: list(
    "Host names and addresses that the certificate which is made holds for.",
    text("A host name, `*.example.com`, or an address.", {
      pattern: /^[A-Za-z0-9*._:-]{1,253}$/,
      wanted: "a host name or an address",
    }),
  ).exactOptional(),
  days: whole("Life of a certificate that signs itself (d: 365).", {
    min: 1,
    max: 36_500,
  }).exactOptional(),
  renew_before: whole(
    "Days before its end when one that signs itself is made anew (d: 30, or a third of a shorter life).",
    { max: 36_499 },
  ).exactOptional(),
  is_ca: flag("The certificate that is made may sign others.").exactOptional(),
  request: path(
    "Keeps a request here (PKCS #10 in PEM) for somebody else to sign, and leaves the certificate to them.",
  ).exactOptional(),
});

const params = () =>
  parameters({
    path: path("Where the certificate is, in PEM."),
    state: choice("Absent removes the certificate, and its key and request where they are named.", [
      "present",
      "absent",
    ]).default("present"),
    content: text("The certificate in PEM, perhaps with its chain behind it.").exactOptional(),
    common_name: text(
      "Makes a certificate of this name that signs itself, or with `request` asks for one.",
      { pattern: /^[^\0\r\n]{1,64}$/, wanted: "a name of at most 64 letters" },
    ).exactOptional(),
    ...making(),
    key: path(
      "Where its private key is, for its owner alone. Made when it is missing, unless `content` is given.",
    ).exactOptional(),
    key_content: text("The private key of `content`, in PEM; from a secret.").exactOptional(),
    key_kind: choice(
      "Kind of a key that is made; another than there is makes a new one (d: ecdsa-p256).",
      keyKinds,
    ).exactOptional(),
    mode: mode(
      "Permissions of the certificate. A new one gets 0644 when not said.",
    ).exactOptional(),
    owner: owner("Owner of the certificate and the key.").exactOptional(),
    group: group("Group of the certificate and the key.").exactOptional(),
    trust: flag("Trusted by the machine or not, left alone when not said.").exactOptional(),
  })
    .refine(
      (p) => p.state === "absent" || (p.content === undefined) !== (p.common_name === undefined),
      {
        path: ["content"],
        message: "write content for a certificate that is there, or common_name for one to be made",
      },
    )
    .refine((p) => p.content === undefined || ownFields.every((name) => p[name] === undefined), {
      path: ["content"],
      message: `is a finished certificate: leave out ${ownFields.join(", ")}`,
    })
    .refine((p) => p.state === "absent" || p.common_name === undefined || p.key !== undefined, {
      path: ["key"],
      message: "is required with common_name: where to keep the private key",
    })
    .refine(
      (p) => p.key_content === undefined || (p.key !== undefined && p.content !== undefined),
      {
        path: ["key_content"],
        message: "goes with content, and needs key: where to keep it",
      },
    )
    .refine((p) => p.request === undefined || (p.days ?? p.renew_before) === undefined, {
      path: ["request"],
      message:
        "leaves the life of the certificate to who signs it: leave out days and renew_before",
    })
    .refine((p) => (p.renew_before ?? 0) < (p.days ?? 365), {
      path: ["renew_before"],
      message: "must be shorter than the life of the certificate",
    });

type Params = z.output<ReturnType<typeof params>>;

export const certificate = defineResource<Params>({
  name: "certificate",
  summary:
    "Keeps a certificate and its key: brought, self-signed and renewed in time, or asked for.",
  platforms: ["linux"],
  params,
  main: "path",
  lane: "certificate",
  claims: (p) => [
    ...files(p).map((at) => ({ id: `file:${at}` })),
    ...(p.trust === undefined ? [] : [{ id: `trusted:${anchorName(p.path)}` }]),
  ],
  after: (p) => [...files(p).flatMap((at) => placeFollows(at, p)), "package:ca-certificates"],

  async check(p, host) {
    if (p.state === "absent") return await leftOvers(p, host);
    const wish = wishOf(p);
    const anew = await certificateChanges(host, wish);
    return [
      ...(await keyChanges(host, wish)),
      ...(await requestChanges(host, wish)),
      ...anew,
      ...(await rightsDifferences(host, rights(p))).flatMap(({ field, from, to }) =>
        differing(field, from, to),
      ),
      ...(await trustChange(p, host, anew.length > 0)),
    ];
  },

  async readBack(p, host) {
    const key = p.key === undefined ? undefined : await fileText(host, p.key);
    return { content: await fileText(host, p.path), key_content: key };
  },

  async apply(p, host, changes) {
    const fields = new Set(changes.map(({ field }) => field));
    if (p.state === "absent") return await remove(p, host, fields);
    const wish = wishOf(p);
    if (fields.has("key") && p.key !== undefined)
      await write(p, host, p.key, await newKey(wish), { mode: "0600", snapshot: false });
    if (fields.has("request") && p.request !== undefined)
      await write(p, host, p.request, await newRequest(host, wish), { mode: "0644" });
    if (fields.has("certificate") || fields.has("expires"))
      await write(p, host, p.path, await newCertificate(host, wish), p);
    await mendRights(host, rights(p));
    if (fields.has("trusted"))
      await trust(
        host,
        anchorName(p.path),
        p.trust === true ? await fileText(host, p.path) : undefined,
      );
  },

  examples: [
    {
      title: "One that signs itself, and the service that reads it anew",
      params: {
        path: "/etc/ssl/certs/web.pem",
        key: "/etc/ssl/private/web.key",
        common_name: "web.example.com",
        names: ["web.example.com", "10.0.0.5"],
      },
    },
    {
      title: "Brought by the policy",
      params: {
        path: "/etc/nginx/tls.pem",
        content: "{{ vars.tls_certificate }}",
        key: "/etc/nginx/tls.key",
        key_content: "secret:tls/key",
      },
    },
    {
      title: "A request for somebody else to sign",
      params: {
        path: "/etc/ssl/certs/db.pem",
        request: "/etc/ssl/db.csr",
        key: "/etc/ssl/private/db.key",
        common_name: "db.example.com",
        key_kind: "rsa-3072",
      },
    },
    {
      title: "An authority that the machine trusts",
      params: { path: "/etc/ssl/our-ca.pem", content: "{{ vars.our_ca }}", trust: true },
    },
  ],
});

const files = (p: Params) => [p.path, p.key, p.request].filter((at) => at !== undefined);

const wishOf = (p: Params) => {
  const days = p.days ?? 365;
  return {
    ...p,
    days,
    renewBefore: p.renew_before ?? Math.min(30, Math.floor(days / 3)),
    isCa: p.is_ca ?? false,
    names: p.names ?? [],
    commonName: p.common_name,
    keyKind: p.key_kind,
    keyContent: p.key_content,
  };
};

const fresh = { mode: 0o644, isFolder: false };
type Rights = Pick<Params, "mode"> & { readonly snapshot?: boolean };

async function write(
  p: Params,
  host: Host,
  at: string,
  content: string,
  { mode, snapshot }: Rights,
) {
  const there = await host.stat(at, { follow: true });
  const wanted = { ...p, ...(mode !== undefined && { mode }) };
  const made = await creation(host, wanted, { ...fresh, mode: there?.mode ?? fresh.mode });
  const secret = content.includes("PRIVATE KEY");
  await host.write(at, new TextEncoder().encode(content), {
    ...made,
    ...(secret && p.mode === undefined && { mode: 0o600 }),
    ...((secret || snapshot === false) && { snapshot: false }),
  });
}

/** What each file is to be like; a key is nobody else's. */
function rights(p: Params): readonly FileRights[] {
  const own = {
    ...(p.owner !== undefined && { owner: p.owner }),
    ...(p.group !== undefined && { group: p.group }),
  };
  const shared = { ...own, ...(p.mode !== undefined && { mode: p.mode }) };
  return [
    { path: p.path, label: "", wanted: shared },
    ...(p.key === undefined
      ? []
      : [{ path: p.key, label: "key ", wanted: { ...own, mode: "0600" } }]),
    ...(p.request === undefined ? [] : [{ path: p.request, label: "request ", wanted: own }]),
  ];
}

/** One that is made anew is trusted anew. */
async function trustChange(p: Params, host: ReadHost, isAnew: boolean): Promise<readonly Change[]> {
  if (p.trust === undefined) return [];
  const pem = p.content ?? (await fileText(host, p.path));
  if (p.trust && pem === undefined && p.request !== undefined) return [];
  const made = pem !== undefined && (p.content !== undefined || !isAnew) ? { pem } : "new";
  const { from, to } = await trustDifference(host, anchorName(p.path), p.trust ? made : "none");
  return differing("trusted", from, to);
}

async function leftOvers(p: Params, host: ReadHost): Promise<readonly Change[]> {
  const changes: Change[] = [];
  const places = { certificate: p.path, key: p.key, request: p.request };
  for (const [field, at] of Object.entries(places))
    if (at !== undefined && (await host.stat(at)) !== undefined)
      changes.push(...differing(field, "present", undefined));
  const distrust = p.trust === undefined ? p : { ...p, trust: false };
  return [...changes, ...(await trustChange(distrust, host, false))];
}

async function remove(p: Params, host: Host, fields: ReadonlySet<string>): Promise<void> {
  if (fields.has("trusted")) await trust(host, anchorName(p.path), undefined);
  for (const at of files(p)) await host.remove(at);
}
