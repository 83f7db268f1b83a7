/** The `timezone` type: the time zone of the machine. Must not know the clock. Formats: localtime(5), Debian's /etc/timezone. */
import type { z } from "zod";
import { VigoError } from "../errors.ts";
import type { Host, ReadHost, Stat } from "../host.ts";
import { parameters, text } from "../params.ts";
import { defineResource, differing } from "../resource.ts";
import { fileLine } from "../tools/file-text.ts";

const params = () =>
  parameters({
    timezone: text("Name of the zone, as in `/usr/share/zoneinfo`.", {
      pattern: /^[A-Za-z0-9_+-]+(?:\/[A-Za-z0-9_+-]+){0,2}$/,
      wanted: "a time zone like Europe/Vienna or UTC",
    }),
  });

type Params = z.output<ReturnType<typeof params>>;

const link = "/etc/localtime";
/** Debian's programs read the name here; other distributions have no such file. */
const named = "/etc/timezone";
const zones = "/usr/share/zoneinfo";

export const timezone = defineResource<Params>({
  name: "timezone",
  summary: "Sets the time zone.",
  platforms: ["linux"],
  params,
  main: "timezone",
  claims: () => [{ id: "timezone" }, { id: `file:${link}` }, { id: `file:${named}` }],
  after: () => ["package:tzdata"],

  async check(p, host) {
    const there = await host.stat(link);
    const zone = linkedZone(there) ?? (there && `a ${there.kind}`);
    const written = (await hasName(host)) ? await fileLine(host, named) : p.timezone;
    return [
      ...differing("zone", zone, p.timezone),
      ...differing("name", written === "" ? undefined : written, p.timezone),
    ];
  },

  async apply(p, host, changes) {
    const fields = new Set(changes.map(({ field }) => field));
    if (fields.has("zone")) await turn(p, host);
    if (fields.has("name"))
      await host.write(named, new TextEncoder().encode(`${p.timezone}\n`), { mode: 0o644 });
  },

  reversal: {
    kind: "value",
    async now(_, host) {
      const there = await host.stat(link);
      // Without a link the machine goes by UTC, localtime(5); what a copied file says cannot be named.
      const zone = there === undefined ? "UTC" : linkedZone(there);
      return zone === undefined ? undefined : { timezone: zone };
    },
  },

  examples: [{ title: "Vienna", params: { timezone: "Europe/Vienna" } }],
});

const linkedZone = (there: Stat | undefined): string | undefined =>
  there?.kind === "symlink" ? zoneOf(there.target ?? "") : undefined;

const zoneOf = (target: string) =>
  /(?:^|\/)zoneinfo\/(?:posix\/)?(.+)$/.exec(target)?.[1] ?? target;

const hasName = async (host: ReadHost) =>
  host.os.family === "debian" || (await host.stat(named)) !== undefined;

/** Made beside it and renamed over, so that there is no moment without a zone. */
async function turn({ timezone: zone }: Params, host: Host): Promise<void> {
  const found = await host.stat(`${zones}/${zone}`, { follow: true });
  if (found?.kind !== "file")
    throw new VigoError("failed", `no time zone ${zone} in ${zones}`, {
      hint: "is the name right (timedatectl list-timezones), and is the package tzdata installed?",
    });
  const there = await host.stat(link);
  if (there?.kind === "directory")
    throw new VigoError("failed", `${link} is a folder, not a time zone`, {
      hint: "remove it by hand",
    });
  const beside = "/etc/.vigo-new.localtime";
  await host.remove(beside);
  await host.symlink(beside, `${zones}/${zone}`);
  await host.rename(beside, link);
}
