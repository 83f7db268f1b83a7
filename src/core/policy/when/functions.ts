/**
 * The functions and names that conditions have besides CEL's own (language.md, "Conditions"), as data: what each is given,
 * which traits it needs, whether it asks the machine. One whose trait the registry does not have yet is refused at publish
 * and works from the day the trait is there. Must not know CEL, nor where the values come from.
 */
import type { ReadHost } from "../../host.ts";
import type { Json } from "../../json.ts";
import { dayOf, minutesOf, within } from "./clock.ts";
import { CannotDecide } from "./condition.ts";
import { isRunning, isThere, notAbsolute } from "./machine.ts";
import { inPercent } from "./percent.ts";
import { isAtLeast } from "./release.ts";

/** What can be asked while deciding. Anything missing throws `CannotDecide`. */
export interface Facts {
  /** A trait field, as `os.family`. */
  trait(path: string): Json;
  readonly environment: string;
  readonly roles: readonly string[];
  readonly envoyId: string;
  readonly host: ReadHost;
  /** Has another resource notified this one? */
  readonly notified: boolean;
  /** How the server sees the envoy; absent where it is not asked. */
  readonly sight: Sight | undefined;
}

/** What workflows may ask besides. */
export interface Sight {
  /** One of `core/status.ts`. */
  readonly status: string;
  /** It enforces the policy that it should have by what is published. */
  readonly upToDate: boolean;
}

export type Argument = string | number;
export type ArgumentType = "string" | "int" | "number";

interface Common {
  readonly name: string;
  /** Trait fields it reads. */
  readonly needs?: readonly string[];
  /** It asks the machine or its clock, so only the envoy can tell. */
  readonly asks?: true;
}

/** Written with or without `()`. */
export interface Name extends Common {
  readonly type: "bool" | "int" | "string";
  value(facts: Facts): boolean | number | string;
}

export interface Call extends Common {
  readonly takes: readonly ArgumentType[];
  /** How many of the last arguments may be left out. */
  readonly optional?: number;
  /** Why these arguments make no sense; asked at publish when all are literals. */
  refuses?(...given: readonly Argument[]): string | undefined;
  call(facts: Facts, ...given: readonly Argument[]): boolean | Promise<boolean>;
}

const same =
  (field: string) =>
  (facts: Facts, wanted?: Argument): boolean =>
    facts.trait(field) === wanted;

const isTrue =
  (field: string) =>
  (facts: Facts): boolean =>
    facts.trait(field) === true;

/** Stands alone where it is written; resolve joins it with the condition of a configcrate. */
export const changed: Name = {
  name: "changed",
  type: "bool",
  asks: true,
  value: (facts) => facts.notified,
};

/** Names that only conditions of workflows may have. */
export const sights: readonly Name[] = [
  { name: "status", type: "string", value: (facts) => seen(facts).status },
  { name: "up_to_date", type: "bool", value: (facts) => seen(facts).upToDate },
];

function seen({ sight }: Facts): Sight {
  if (sight !== undefined) return sight;
  throw new CannotDecide("only the server knows how an envoy stands");
}

export const names: readonly Name[] = [
  changed,
  ...sights,
  { name: "environment", type: "string", value: (facts) => facts.environment },
  {
    name: "is_container",
    type: "bool",
    needs: ["virtualization.is_container"],
    value: isTrue("virtualization.is_container"),
  },
  {
    name: "is_vm",
    type: "bool",
    needs: ["virtualization.is_vm"],
    value: isTrue("virtualization.is_vm"),
  },
  {
    name: "has_systemd",
    type: "bool",
    needs: ["os.init"],
    value: (facts) => facts.trait("os.init") === "systemd",
  },
  {
    name: "has_display",
    type: "bool",
    needs: ["display.outputs"],
    value: (facts) => listOf(facts, "display.outputs").length > 0,
  },
  {
    name: "cpu_count",
    type: "int",
    needs: ["hardware.cpu_count"],
    value: (facts) => Number(facts.trait("hardware.cpu_count")),
  },
  {
    name: "ram_mb",
    type: "int",
    needs: ["hardware.memory_mb"],
    value: (facts) => Number(facts.trait("hardware.memory_mb")),
  },
];

export const calls: readonly Call[] = [
  { name: "os_family", takes: ["string"], needs: ["os.family"], call: same("os.family") },
  { name: "distro", takes: ["string"], needs: ["os.distro"], call: same("os.distro") },
  { name: "arch", takes: ["string"], needs: ["os.arch"], call: same("os.arch") },
  {
    name: "version_ge",
    takes: ["string"],
    needs: ["os.version"],
    call: (facts, least) => isAtLeast(String(facts.trait("os.version")), String(least)),
  },
  {
    name: "has_enough_ram",
    takes: ["int"],
    needs: ["hardware.memory_mb"],
    call: (facts, least) => Number(facts.trait("hardware.memory_mb")) >= Number(least),
  },
  {
    name: "role",
    takes: ["string"],
    call: (facts, name) => facts.roles.includes(String(name)),
  },
  {
    name: "in_percent",
    takes: ["number", "string"],
    optional: 1,
    refuses: (percent) =>
      Number(percent) >= 0 && Number(percent) <= 100 ? undefined : "a percentage is 0 to 100",
    call: (facts, percent, salt = "") => inPercent(Number(percent), String(salt), facts.envoyId),
  },
  {
    name: "hour_range",
    takes: ["int", "int"],
    asks: true,
    refuses: (from, to) => span("hours", 24, Number(from), Number(to)),
    call: ({ host }, from, to) => within(host.now().getHours(), Number(from), Number(to)),
  },
  {
    name: "minute_range",
    takes: ["int", "int"],
    asks: true,
    refuses: (from, to) => span("minutes", 60, Number(from), Number(to)),
    call: ({ host }, from, to) => within(host.now().getMinutes(), Number(from), Number(to)),
  },
  {
    name: "local_time",
    takes: ["string", "string"],
    asks: true,
    refuses: (from, to) => {
      const [start, end] = [minutesOf(String(from)), minutesOf(String(to))];
      if (start === undefined || end === undefined) return 'a time is written "HH:MM"';
      return start === end ? "a span from a time to itself is never" : undefined;
    },
    call: ({ host }, from, to) => {
      const now = host.now();
      return within(now.getHours() * 60 + now.getMinutes(), timeOf(from), timeOf(to));
    },
  },
  {
    name: "day_of_week",
    takes: ["string"],
    asks: true,
    refuses: (day) =>
      dayOf(String(day)) === undefined ? "a day is monday to sunday, or mon to sun" : undefined,
    call: ({ host }, day) => {
      const wanted = dayOf(String(day));
      if (wanted === undefined) throw new CannotDecide(`"${day}" is no day of the week`);
      return host.now().getDay() === wanted;
    },
  },
  {
    name: "day_of_month",
    takes: ["int"],
    asks: true,
    refuses: (day) =>
      Number(day) >= 1 && Number(day) <= 31 ? undefined : "a day of the month is 1 to 31",
    call: ({ host }, day) => host.now().getDate() === Number(day),
  },
  {
    name: "file_exists",
    takes: ["string"],
    asks: true,
    refuses: (path) => notAbsolute(path),
    call: ({ host }, path) => isThere(host, path, "file"),
  },
  {
    name: "dir_exists",
    takes: ["string"],
    asks: true,
    refuses: (path) => notAbsolute(path),
    call: ({ host }, path) => isThere(host, path, "directory"),
  },
  {
    name: "command_succeeds",
    takes: ["string"],
    asks: true,
    call: async ({ host }, command) => {
      const { code } = await host.query({ argv: { shell: String(command) }, timeoutMs: 30_000 });
      return code === 0;
    },
  },
  {
    name: "process_running",
    takes: ["string"],
    asks: true,
    call: ({ host }, name) => isRunning(host, String(name)),
  },
  {
    name: "port_listening",
    takes: ["int"],
    needs: ["ports.listening"],
    refuses: (port) =>
      Number(port) >= 1 && Number(port) <= 65_535 ? undefined : "a port is 1 to 65535",
    call: (facts, port) => listOf(facts, "ports.listening").includes(Number(port)),
  },
  {
    name: "package_installed",
    takes: ["string"],
    needs: ["packages.installed"],
    call: (facts, name) => Object.hasOwn(Object(facts.trait("packages.installed")), String(name)),
  },
  {
    name: "service_running",
    takes: ["string"],
    needs: ["services.running"],
    call: (facts, name) => {
      const running = listOf(facts, "services.running");
      return running.includes(String(name)) || running.includes(`${name}.service`);
    },
  },
];

const listOf = (facts: Facts, field: string): readonly Json[] => {
  const value = facts.trait(field);
  if (Array.isArray(value)) return value;
  throw new CannotDecide(`traits.${field} is not a list`);
};

function span(units: string, count: number, from: number, to: number): string | undefined {
  if (from < 0 || to < 0 || from > count || to > count) return `${units} are 0 to ${count}`;
  return from === to ? `a span from ${from} to ${to} is never` : undefined;
}

function timeOf(written: Argument | undefined): number {
  const minutes = minutesOf(String(written));
  if (minutes === undefined) throw new CannotDecide(`"${written}" is not a time like "02:30"`);
  return minutes;
}
