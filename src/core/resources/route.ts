/**
 * The `route` type: one route of the main table, now and at every boot. Must not know what configures the interfaces: for the next
 * boot it keeps a unit of its own, which works beside all of them.
 */
import type { z } from "zod";
import { VigoError } from "../errors.ts";
import type { Host, ReadHost } from "../host.ts";
import { choice, flag, parameters, shell, text, whole } from "../params.ts";
import { type Change, defineResource, differing } from "../resource.ts";
import { addressPattern, parseNetwork } from "../text/ip-network.ts";
import {
  changeRoute,
  destinationOf,
  kernelRoute,
  metricOf,
  type Route,
  routeWords,
  toldRoute,
} from "../tools/ip-route.ts";
import { type OwnFile, ownFileDifferences, writeOwnFile } from "../tools/own-file.ts";
import { systemctl, unitState } from "../tools/systemctl.ts";
import { unproven, verified, verifyMeans } from "../tools/verified.ts";

const params = () =>
  parameters({
    destination: text("Where it leads: a network, an address, or `default`.", {
      pattern: new RegExp(`^default$|${addressPattern.source}`),
      wanted: "a network like 10.0.0.0/8, or default",
    }),
    gateway: text(
      "The next hop. One of gateway and interface is needed unless `state` is absent.",
      {
        pattern: /^[0-9A-Fa-f:.]{2,45}$/,
        wanted: "an address",
      },
    ).exactOptional(),
    interface: text("The interface it goes out at; found by the gateway when not said.", {
      pattern: /^[A-Za-z0-9_.-]{1,15}$/,
      wanted: "the name of an interface",
    }).exactOptional(),
    metric: whole("Of several routes to one destination the lowest counts.", {
      max: 4_294_967_295,
    }).exactOptional(),
    persist: flag("Also set at boot, by a unit of its own.").default(true),
    verify: shell(verifyMeans).exactOptional(),
    state: choice("Absent removes the route.", ["present", "absent"]).default("present"),
  })
    .refine((p) => destinationOf(p.destination, p.gateway) !== undefined, {
      path: ["destination"],
      message: "must be a network like 10.0.0.0/8, an address, or default",
    })
    .refine((p) => p.gateway === undefined || parseNetwork(p.gateway) !== undefined, {
      path: ["gateway"],
      message: "must be an address like 10.0.0.1",
    })
    .refine((p) => p.state === "absent" || (p.gateway ?? p.interface) !== undefined, {
      path: ["gateway"],
      message: "is required, or else interface, unless state is absent",
    })
    .refine(
      (p) =>
        p.gateway === undefined ||
        destinationOf(p.destination, p.gateway)?.family === parseNetwork(p.gateway)?.family,
      { path: ["gateway"], message: "must be of the family of the destination" },
    );

type Params = z.output<ReturnType<typeof params>>;

export const route = defineResource<Params>({
  name: "route",
  summary: "Keeps a route, now and at every boot.",
  platforms: ["linux"],
  params,
  main: "destination",
  lane: "systemd",
  claims: (p) => [{ id: claimOf(p) }, ...(p.persist ? [{ id: `file:${ownFile(p).path}` }] : [])],
  after: (p) => (p.interface === undefined ? [] : [`network_interface:${p.interface}`]),

  async check(p, host) {
    return [
      ...(await running(p, host)),
      ...(await unproven(host, claimOf(p), p.verify)),
      ...(p.persist ? await stored(p, host) : []),
    ];
  },

  async apply(p, host, changes) {
    const fields = new Set(changes.map(({ field }) => field));
    const now = () => kernelRoute(host, routeOf(p));
    if (fields.has("route") || fields.has("verify"))
      await verified<Route | null>(host, {
        claim: claimOf(p),
        verify: p.verify,
        isNeeded: fields.has("route"),
        former: async (kept) => (kept === undefined ? ((await now()) ?? null) : kept),
        work: async () => move(host, await now(), wished(p)),
        back: async (former) => move(host, await now(), former ?? undefined),
      });
    if (p.persist) await store(p, host, fields);
  },

  examples: [
    {
      title: "Another network",
      params: { destination: "10.8.0.0/16", gateway: "10.0.0.254", interface: "eth0" },
    },
    {
      title: "The way out, unless the server is then out of reach",
      params: {
        destination: "default",
        gateway: "10.0.0.1",
        verify: "timeout 5 bash -c '</dev/tcp/vigo.example.com/1530'",
      },
    },
    { title: "No such route", params: { destination: "10.9.0.0/16", state: "absent" } },
  ],
});

function routeOf(p: Params): Route {
  const place = destinationOf(p.destination, p.gateway);
  if (place === undefined) throw new Error(`${p.destination} is no destination`);
  const gateway = p.gateway === undefined ? undefined : parseNetwork(p.gateway)?.text;
  return {
    ...place,
    metric: metricOf(place.family, p.metric),
    ...(gateway !== undefined && { gateway }),
    ...(p.interface !== undefined && { interface: p.interface }),
  };
}

const wished = (p: Params) => (p.state === "present" ? routeOf(p) : undefined);

async function running(p: Params, host: ReadHost): Promise<readonly Change[]> {
  const is = await kernelRoute(host, routeOf(p));
  const wanted = wished(p);
  if (wanted === undefined) return differing("route", is && toldRoute(is), undefined);
  const isRight =
    is !== undefined &&
    is.gateway === wanted.gateway &&
    (wanted.interface === undefined || is.interface === wanted.interface);
  return isRight ? [] : differing("route", is && toldRoute(is), toldRoute(wanted));
}

async function move(host: Host, from: Route | undefined, to: Route | undefined): Promise<void> {
  if (to !== undefined) await changeRoute(host, "replace", to);
  else if (from !== undefined) await changeRoute(host, "delete", from);
}

const claimOf = (p: Params) => `route:${unitName(p)}`;

const unitName = (p: Params) => {
  const { destination, family, metric } = routeOf(p);
  const place = destination === "default" ? `default${family}` : destination;
  return `vigo-route-${place.replace(/[^0-9a-z]/g, "-")}-${metric}.service`;
};

const ownFile = (p: Params): OwnFile => ({
  path: `/etc/systemd/system/${unitName(p)}`,
  text: p.state === "present" ? unit(routeOf(p)) : undefined,
  mode: "0644",
});

const unit = (it: Route) => `# Kept by Vigo.
[Unit]
Description=Route to ${it.destination}
After=network-online.target
Wants=network-online.target

[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=${routeWords("replace", it).join(" ")}

[Install]
WantedBy=multi-user.target
`;

async function stored(p: Params, host: ReadHost): Promise<readonly Change[]> {
  if (host.os.init !== "systemd")
    throw new VigoError("failed", `persist: not for ${host.os.distro}`, {
      hint: "say persist: false, and have it set at boot by other means",
    });
  const file = await ownFileDifferences(host, "stored", ownFile(p));
  const link = `/etc/systemd/system/multi-user.target.wants/${unitName(p)}`;
  const isEnabled = (await host.stat(link)) !== undefined;
  const wanted = p.state === "present" ? "yes" : undefined;
  return [...file, ...differing("at boot", isEnabled ? "yes" : undefined, wanted)];
}

async function store(p: Params, host: Host, fields: ReadonlySet<string>): Promise<void> {
  const name = unitName(p);
  if (p.state === "absent" && (await unitState(host, name))?.known === true)
    await systemctl(host, "disable", name);
  if (["stored", "mode", "owner", "group"].some((field) => fields.has(field)))
    await writeOwnFile(host, ownFile(p));
  if (fields.has("at boot") && p.state === "present") await systemctl(host, "enable", name);
}
