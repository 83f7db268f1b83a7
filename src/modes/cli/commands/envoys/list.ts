/** `vigo cli envoys list` */
import { type Envoy, listEnvoys } from "../../../../core/api/envoys.ts";
import { statuses } from "../../../../core/status.ts";
import { command } from "../../command.ts";
import { type Column, type Columns, columnNames, listFlags, printList } from "../../listing.ts";
import { everyPage } from "../../pages.ts";
import { relative } from "../../print/moment.ts";
import { stood, visible } from "../../print/text.ts";

export default command({
  args: {
    status: { type: "enum", description: "Only those that stand so.", options: statuses },
    hostname: {
      type: "string",
      description: "Only those whose name matches.",
      valueHint: "web-*",
    },
    text: {
      type: "string",
      description: "Only those that have this in a name: hostname, id, machine id, agent.",
      valueHint: "TEXT",
    },
    tag: { type: "string", description: "Only those that have this tag.", valueHint: "TAG" },
    where: {
      type: "string",
      description: "Only those for which this condition over traits holds.",
      valueHint: "CEL",
    },
    package: {
      type: "string",
      description: "Only those that have this package installed.",
      valueHint: "NAME[@VERSION]",
    },
    revoked: { type: "boolean", description: "Revoked ones too." },
    ...listFlags,
  },
  examples: [
    "vigo cli envoys list --status failed",
    "vigo cli envoys list --where 'traits.os.distro == \"debian\"' --columns hostname,traits.os.version",
    "vigo cli envoys list --hostname 'web-*' --csv",
  ],
  run: async (
    { status, hostname, text, tag, where, package: installed, revoked, columns },
    { call },
  ) => {
    const traits = columnNames(columns).flatMap((name) => traitOf(name) ?? []);
    let undecided = 0;
    const filters = given({ status, hostname, text, tag, where, package: installed });
    const envoys = await everyPage<Envoy>(async (cursor) => {
      const query = {
        limit: 1000,
        revoked,
        ...filters,
        ...(traits.length === 0 ? {} : { traits: traits.join(",") }),
        ...(cursor === undefined ? {} : { cursor }),
      };
      const page = await call(listEnvoys, { params: {}, query });
      undecided += page.undecided ?? 0;
      return { rows: page.envoys, cursor: page.cursor };
    });
    return { envoys, ...(where === undefined ? {} : { undecided }) };
  },
  print: ({ envoys, undecided = 0 }, screen, args) => {
    const { status, hostname, text, tag, where, package: name } = args;
    const isChosen = Object.keys(given({ status, hostname, text, tag, where, name })).length > 0;
    const empty = isChosen ? "No such envoys." : list.empty;
    const shown = printList(screen, { ...list, empty, rows: envoys }, args, new Date());
    if (undecided === 0 || args.csv) return shown;
    return `${shown}\n${undecided} more have not told what the condition reads; \`has(traits.x)\` asks whether they have.`;
  },
});

/** Those that were. */
const given = <T extends object>(flags: T) =>
  Object.fromEntries(Object.entries(flags).filter(([, value]) => value !== undefined)) as {
    readonly [K in keyof T]?: Exclude<T[K], undefined>;
  };

const traitOf = (column: string): string | undefined =>
  column.startsWith("traits.") ? column.slice("traits.".length) : undefined;

const columns: Columns<Envoy> = {
  hostname: { value: ({ hostname }) => hostname },
  status: {
    value: ({ revoked_at, status }) => (revoked_at === undefined ? status : "revoked"),
    shown: (envoy, screen) =>
      envoy.revoked_at === undefined
        ? `${stood(screen, envoy.status)}${besides(envoy)}`
        : "revoked",
  },
  tags: { value: ({ tags = [] }) => tags.join(" "), extra: true },
  maintenance: {
    value: ({ maintenance_until }) => maintenance_until ?? "",
    extra: true,
  },
  seen: {
    value: ({ last_seen_at = "" }) => last_seen_at,
    shown: ({ last_seen_at }, _, now) => relative(last_seen_at, now),
  },
  policy: {
    value: ({ policy_version }) => String(policy_version),
    shown: ({ policy_version }) => (policy_version === 0 ? "none" : String(policy_version)),
  },
  pending: { value: ({ pending }) => String(pending) },
  platform: { value: ({ platform, arch }) => `${platform}/${arch}` },
  agent: { value: ({ agent_version = "unknown" }) => agent_version },
  id: { value: ({ id }) => id },
  enrolled: {
    value: ({ enrolled_at }) => enrolled_at,
    shown: ({ enrolled_at }, _, now) => relative(enrolled_at, now),
    extra: true,
  },
};

/** What else there is to know of it at a glance. */
const besides = ({ maintenance_until, orphaned }: Envoy): string =>
  `${maintenance_until === undefined ? "" : ", maintenance"}${orphaned ? ", orphaned" : ""}`;

const list = {
  columns,
  empty: "No envoys yet. Make a token by `vigo cli tokens create`, then enrol a machine with it.",
  more: (name: string): Column<Envoy> | undefined => {
    const path = traitOf(name);
    if (path === undefined) return undefined;
    const value = ({ chosen_traits: traits = {} }: Envoy) => printed(traits[path]);
    return { value, shown: (envoy) => visible(value(envoy)) };
  },
};

const printed = (value: unknown): string =>
  value === undefined ? "" : typeof value === "string" ? value : JSON.stringify(value);
