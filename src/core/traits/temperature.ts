/**
 * The `temperature` trait: how warm it is in there, from the kernel's sensors (Documentation/hwmon/sysfs-interface.rst,
 * driver-api/thermal/sysfs-api.rst). Must not know how warm it may be.
 */
import { z } from "zod";
import type { ReadHost } from "../host.ts";
import { fileLine } from "../tools/file-text.ts";
import { unlessCode } from "../tools/refusal.ts";
import { defineTrait } from "../trait.ts";

const most = 200;

export const temperature = defineTrait({
  name: "temperature",
  summary: "What the temperature sensors say.",
  platforms: ["linux"],
  keep: "run",
  value: () =>
    z.strictObject({
      sensors: z.record(z.string(), z.number()).meta({
        description: `Degrees Celsius by sensor, \`coretemp/Core 0\` or the kind of a thermal zone; ${most} at most.`,
      }),
      max_celsius: z.number().meta({ description: "The warmest of them, degrees Celsius." }),
    }),
  async collect(host) {
    const monitored = await readChips(host);
    const found = monitored.length > 0 ? monitored : await readZones(host);
    const sensors = named(found.slice(0, most));
    if (found.length === 0) return undefined;
    return { sensors, max_celsius: Math.max(...Object.values(sensors)) };
  },
  example: { sensors: { "coretemp/Package id 0": 47, "nvme/Composite": 38.9 }, max_celsius: 47 },
});

interface Sensor {
  readonly name: string;
  /** Where two have the same name, this tells them apart. */
  readonly place: string;
  readonly celsius: number;
}

export const named = (sensors: readonly Sensor[]): Record<string, number> => {
  const by = Map.groupBy(sensors, ({ name }) => name);
  const unique = ({ name, place }: Sensor) =>
    (by.get(name)?.length ?? 0) > 1 ? `${name} (${place})` : name;
  return Object.fromEntries(sensors.map((sensor) => [unique(sensor), sensor.celsius]));
};

async function readChips(host: ReadHost): Promise<readonly Sensor[]> {
  const root = "/sys/class/hwmon";
  const chips = (await host.list(root)) ?? [];
  const found = await Promise.all(chips.map((chip) => readChip(host, `${root}/${chip}`, chip)));
  return found.flat();
}

async function readChip(host: ReadHost, folder: string, chip: string): Promise<readonly Sensor[]> {
  const inputs = ((await host.list(folder)) ?? []).filter((name) => /^temp\d+_input$/.test(name));
  if (inputs.length === 0) return [];
  const kind = (await fileLine(host, `${folder}/name`)) || chip;
  const sensors = await Promise.all(
    inputs.map(async (input) => {
      const number = input.replace("_input", "");
      const label = await fileLine(host, `${folder}/${number}_label`);
      const name = `${kind}/${label || number}`;
      return sensorAt(host, `${folder}/${input}`, name, label === "" ? chip : `${chip} ${number}`);
    }),
  );
  return sensors.filter((sensor) => sensor !== undefined);
}

async function readZones(host: ReadHost): Promise<readonly Sensor[]> {
  const root = "/sys/class/thermal";
  const zones = ((await host.list(root)) ?? []).filter((name) => name.startsWith("thermal_zone"));
  const sensors = await Promise.all(
    zones.map(async (zone) => {
      const kind = (await fileLine(host, `${root}/${zone}/type`)) || zone;
      return sensorAt(host, `${root}/${zone}/temp`, kind, zone);
    }),
  );
  return sensors.filter((sensor) => sensor !== undefined);
}

/** Millidegrees. A sensor that is asleep or broken refuses to be read. */
async function sensorAt(
  host: ReadHost,
  path: string,
  name: string,
  place: string,
): Promise<Sensor | undefined> {
  const asleep = ["ENODATA", "EAGAIN", "EIO", "ENXIO", "EINVAL", "ENODEV", "ETIMEDOUT"];
  const line = (await unlessCode(asleep, fileLine(host, path))) ?? "";
  if (!/^-?\d+$/.test(line)) return undefined;
  return { name, place, celsius: Math.round(Number(line) / 100) / 10 };
}
