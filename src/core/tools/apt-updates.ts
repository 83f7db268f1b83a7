/**
 * Newer versions that apt would take, worked out from its lists as apt_preferences(5) says: several times faster than apt, which
 * may first put all lists together anew. Where pins, settings or phased updates have a say, it is left to apt itself.
 * Must not know who asks.
 */
import type { ReadHost } from "../host.ts";
import { type AptList, aptLists, eachParagraph } from "./apt-lists.ts";
import { aptPins, type Pins } from "./apt-pins.ts";
import { compareVersions, dpkgDatabase } from "./dpkg.ts";
import { packageSources } from "./package-sources.ts";

export interface AptUpdate {
  readonly name: string;
  readonly version: string;
  readonly security: boolean;
}

/** A version that is installed, or newer than that. */
interface Offer {
  readonly version: string;
  readonly priority: number;
  readonly archives: readonly string[];
}

interface Candidate {
  readonly name: string;
  readonly installed: string;
  readonly offers: Offer[];
}

/** apt_preferences(5). */
const installedPriority = 100;

/** By name and architecture. Undefined where only apt can tell. */
export async function updatesFromLists(host: ReadHost): Promise<AptUpdate[] | undefined> {
  const installed = await installedPackages(host);
  const names = new Set([...installed.values()].map(({ name }) => name));
  const [sources, pins] = await Promise.all([packageSources(host), aptPins(host, names)]);
  const inUse = (sources ?? []).filter(({ enabled, kind }) => enabled && kind === "deb");
  if (pins === undefined || inUse.length === 0 || !installed.has(`dpkg:${host.os.arch}`))
    return undefined;
  const architectures = new Set([...installed.keys()].map((key) => key.split(":")[1] ?? ""));
  const lists = await aptLists(host, inUse, architectures);
  if (lists === undefined) return undefined;
  for (const list of lists) if (!(await readOffers(host, list, installed, pins))) return undefined;
  return [...installed.keys()].sort().flatMap((key) => updateOf(installed.get(key)));
}

/** By `name:architecture`; what is for all is the machine's own. */
async function installedPackages(host: ReadHost): Promise<ReadonlyMap<string, Candidate>> {
  const found = new Map<string, Candidate>();
  for (const [key, { version, status }] of await dpkgDatabase(host)) {
    const [name = "", arch] = key.split(":");
    if (arch === undefined || status === "config-files") continue;
    const offers = [{ version, priority: installedPriority, archives: [] }];
    found.set(keyOf(host, name, arch), { name, installed: version, offers });
  }
  return found;
}

const keyOf = ({ os }: ReadHost, name: string, arch: string) =>
  `${name}:${arch === "all" ? os.arch : arch}`;

/** False when an update is for some machines only: apt draws lots. */
async function readOffers(
  host: ReadHost,
  list: AptList,
  installed: ReadonlyMap<string, Candidate>,
  pins: Pins,
): Promise<boolean> {
  const names = new Set([...installed.values()].map(({ name }) => name));
  let isForAll = true;
  await eachParagraph(host, list, names, (name, paragraph) => {
    const key = keyOf(host, name, field(paragraph, "Architecture"));
    const candidate = installed.get(key);
    const version = field(paragraph, "Version");
    const newer = candidate === undefined ? -1 : compareVersions(version, candidate.installed);
    if (candidate === undefined || newer < 0) return;
    if (newer > 0) isForAll &&= field(paragraph, "Phased-Update-Percentage") === "";
    const pinned = pins.get(candidate.name)?.get(list.server);
    addOffer(candidate.offers, version, { ...list, priority: pinned ?? list.priority });
  });
  return isForAll;
}

function field(paragraph: string, name: string): string {
  const at = paragraph.indexOf(`\n${name}: `);
  if (at < 0) return "";
  const start = at + name.length + 3;
  const end = paragraph.indexOf("\n", start);
  return paragraph.slice(start, end < 0 ? undefined : end).trim();
}

/** The same version from several lists counts with the highest of their priorities. */
function addOffer(offers: Offer[], version: string, { priority, archive }: AptList): void {
  const at = offers.findIndex((offer) => offer.version === version);
  const known = at < 0 ? { priority: 0, archives: [] } : offers[at];
  const offer = {
    version,
    priority: Math.max(known?.priority ?? 0, priority),
    archives: [...(known?.archives ?? []), archive],
  };
  if (at < 0) offers.push(offer);
  else offers[at] = offer;
}

/** Highest priority first, then the newest; never what is older than what is installed. */
function updateOf(candidate: Candidate | undefined): AptUpdate[] {
  if (candidate === undefined) return [];
  const { name, installed, offers } = candidate;
  const { version, archives } = offers.reduce((best, offer) => {
    const above = offer.priority - best.priority;
    const isBetter = above > 0 || (above === 0 && compareVersions(offer.version, best.version) > 0);
    return isBetter ? offer : best;
  });
  if (compareVersions(version, installed) <= 0) return [];
  return [{ name, version, security: archives.some((archive) => /security/i.test(archive)) }];
}
