/** What Windows is and runs on: `os`, `hardware`, `uptime`, `virtualization`, `hypervisor`, `locale`, `cloud`. Must not know what is installed. */
import type { ReadHost } from "../../host.ts";
import { countOf, flagOf, textOf } from "../../tools/answer.ts";
import { providerOf } from "../../tools/cloud-provider.ts";
import type { Asking } from "../../tools/once.ts";
import { isHyperv, namedBy } from "../../tools/virtualization.ts";
import { factsOf } from "../../tools/windows-facts.ts";
import { guestOf, machineOf } from "../../tools/virtualization.ts";

export async function os(host: ReadHost, asking: Asking) {
  const told = await factsOf(host, asking, "machine");
  const [system] = told("system");
  const [release] = told("release");
  const [ids] = told("ids");
  const { family, distro, init, arch } = host.os;
  const kernel = textOf(system, "Version");
  const revision = textOf(release, "UBR");
  const codename = textOf(release, "DisplayVersion") || textOf(release, "ReleaseId");
  const waiting = told("restart").filter((reason) => typeof reason === "string");
  return {
    family,
    distro,
    version: revision === "" ? kernel : `${kernel}.${revision}`,
    codename,
    kernel,
    arch,
    arch_raw: textOf(ids, "processor") || arch,
    upstream_id: distro,
    upstream_codename: codename,
    init,
    pretty_name: [textOf(system, "Caption").trim(), codename]
      .filter((word) => word !== "")
      .join(" "),
    machine_id: textOf(ids, "machine"),
    boot_id: textOf(ids, "boot"),
    reboot_required: waiting.length > 0,
    reboot_reasons: waiting,
  };
}

export async function hardware(host: ReadHost, asking: Asking) {
  const told = await factsOf(host, asking, "machine");
  const processors = told("processors");
  const threads = processors.reduce<number>(
    (sum, one) => sum + countOf(one, "NumberOfLogicalProcessors"),
    0,
  );
  return {
    cpu_count: Math.max(1, threads),
    cpu_model: textOf(processors[0], "Name").trim(),
    cpu_vendor: textOf(processors[0], "Manufacturer").trim(),
    memory_mb: Math.floor(countOf(told("system")[0], "TotalVisibleMemorySize") / 1024),
    architecture_bits: flagOf(told("ids")[0], "wide") === false ? 32 : 64,
  };
}

export async function uptime(host: ReadHost, asking: Asking) {
  const started = Date.parse(textOf((await factsOf(host, asking, "now"))("memory")[0], "Booted"));
  if (Number.isNaN(started)) return undefined;
  return {
    seconds: Math.max(0, Math.floor((host.now().getTime() - started) / 1000)),
    boot_time: new Date(started).toISOString(),
  };
}

async function technologyOf(host: ReadHost, asking: Asking) {
  const told = await factsOf(host, asking, "machine");
  const [computer] = told("computer");
  const product = textOf(computer, "Model");
  const maker = textOf(computer, "Manufacturer");
  return (
    namedBy([product, maker, textOf(told("firmware")[0], "Manufacturer")]) ??
    isHyperv([product, maker])
  );
}

export async function virtualization(host: ReadHost, asking: Asking) {
  return machineOf(await technologyOf(host, asking));
}

/** A real machine that says that a hypervisor is there has started Windows on top of its own. */
export async function hypervisor(host: ReadHost, asking: Asking) {
  const technology = await technologyOf(host, asking);
  if (technology !== undefined) return guestOf(technology);
  const [computer] = (await factsOf(host, asking, "machine"))("computer");
  return flagOf(computer, "HypervisorPresent") === true
    ? { kind: "hyperv" as const, role: "host" as const }
    : { kind: "none" as const, role: "none" as const };
}

/** A keyboard is a number there: `00000407`. */
export async function locale(host: ReadHost, asking: Asking) {
  const [language] = (await factsOf(host, asking, "machine"))("language");
  return { lang: textOf(language, "lang"), keymap: textOf(language, "keyboard") };
}

/** What only cloud-init would know is left out. */
export async function cloud(host: ReadHost, asking: Asking) {
  const [told] = (await factsOf(host, asking, "software"))("owner");
  const of = (field: string) => textOf(told, field).trim();
  const firmware = {
    vendor: of("vendor"),
    product: of("product"),
    asset: of("asset"),
    bios: of("bios"),
  };
  return { provider: providerOf(firmware) ?? "none" };
}
