/** The main routing table through ip-route(8), in its JSON. Must not know what is wanted, nor the next boot. */
import { VigoError } from "../errors.ts";
import type { Host, ReadHost } from "../host.ts";
import { parseNetwork } from "../text/ip-network.ts";
import { mustSucceed } from "./exit.ts";

export interface Route {
  /** A network, or `default`. */
  readonly destination: string;
  readonly family: 4 | 6;
  readonly gateway?: string;
  readonly interface?: string;
  /** What the kernel takes when it is not said: 0, or 1024 for IPv6. */
  readonly metric: number;
}

const usual = { 4: 0, 6: 1024 } as const;

export const metricOf = (family: 4 | 6, metric: number | undefined): number =>
  metric ?? usual[family];

/** The route to just this destination of just this metric; undefined where there is none. */
export async function kernelRoute(host: ReadHost, wish: Route): Promise<Route | undefined> {
  const { destination, family, metric } = wish;
  const argv = ["ip", "-j", `-${family}`, "route", "show", "exact", destination];
  const { stdout } = await mustSucceed(argv.join(" "), host.query({ argv }));
  return parseRoutes(stdout, destination, family).find((route) => route.metric === metric);
}

/** Of several next hops the first is told: one gateway is all that is ever wished for. */
export function parseRoutes(json: string, destination: string, family: 4 | 6): readonly Route[] {
  const routes: unknown = JSON.parse(json.trim() || "[]");
  if (!Array.isArray(routes)) throw new VigoError("failed", "ip route prints what is no list");
  return routes.map((route: Readonly<Record<string, unknown>>) => ({
    destination,
    family,
    metric: metricOf(family, number(route["metric"])),
    ...(typeof route["gateway"] === "string" && { gateway: route["gateway"] }),
    ...(typeof route["dev"] === "string" && { interface: route["dev"] }),
  }));
}

const number = (value: unknown) => (typeof value === "number" ? value : undefined);

/** `via 10.0.0.1 dev eth0 metric 50` */
export function toldRoute(route: Route): string {
  const { gateway, interface: device, metric, family } = route;
  return [
    ...(gateway === undefined ? [] : [`via ${gateway}`]),
    ...(device === undefined ? [] : [`dev ${device}`]),
    ...(metric === usual[family] ? [] : [`metric ${metric}`]),
  ].join(" ");
}

/** Words of ip(8): `route replace 10.0.0.0/8 via …`. */
export const routeWords = (verb: "replace" | "delete", route: Route): readonly string[] => [
  ...["ip", `-${route.family}`, "route", verb, route.destination],
  ...(route.gateway === undefined ? [] : ["via", route.gateway]),
  ...(route.interface === undefined ? [] : ["dev", route.interface]),
  ...["metric", `${route.metric}`],
];

export async function changeRoute(
  host: Host,
  verb: "replace" | "delete",
  route: Route,
): Promise<void> {
  const argv = routeWords(verb, route);
  await mustSucceed(argv.join(" "), host.run({ argv }));
}

/** `10.1.2.3/8` is `10.0.0.0/8`; undefined for what is no network and no `default`. */
export function destinationOf(
  written: string,
  gateway: string | undefined,
): Pick<Route, "destination" | "family"> | undefined {
  const via = gateway === undefined ? undefined : parseNetwork(gateway);
  if (written === "default" || /^(?:0\.0\.0\.0|::)\/0$/.test(written))
    return { destination: "default", family: via?.family ?? (written.startsWith(":") ? 6 : 4) };
  const network = parseNetwork(written);
  return network && { destination: network.text, family: network.family };
}
