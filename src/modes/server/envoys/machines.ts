/**
 * Two machines with one identity (semantics §5): a copied disk, a template that was enrolled before it was copied. The one
 * that was there first goes on, the newcomer waits until the first has been silent for long enough to count as offline.
 * Must not know requests, nor what becomes of a refusal.
 */
import type { Envoy } from "./envoy.ts";

/** Both may be empty where an agent cannot tell; then they prove nothing. */
export interface Machine {
  readonly machineId: string;
  readonly bootId: string;
}

/** own: the machine that was there, perhaps after a reboot · cloned: it has to wait · moved: it takes over. */
export interface Admission {
  readonly as: "own" | "cloned" | "moved";
  /** The second machine, where one has shown itself. */
  readonly newcomer?: Machine;
}

/** Of an id that an agent tells; kept for each. */
const longestId = 253;

export function admit(envoy: Envoy, said: Machine, silent: boolean): Admission {
  const told = {
    machineId: said.machineId.slice(0, longestId),
    bootId: said.bootId.slice(0, longestId),
  };
  if (isNewcomer(envoy, told)) {
    if (silent) moveTo(envoy, told);
    return { as: silent ? "moved" : "cloned", newcomer: told };
  }
  const { bootId: before, row } = envoy;
  if (told.bootId === "" || told.bootId === before) return { as: "own" };
  // Boots never come back. When one does, another machine has been calling in between, and that one is the newcomer.
  const returned = told.bootId === envoy.formerBootId;
  envoy.formerBootId = returned ? "" : before;
  envoy.bootId = told.bootId;
  if (!returned) return { as: "own" };
  envoy.strangeBootId = before;
  return { as: "own", newcomer: { machineId: row.machineId, bootId: before } };
}

const isNewcomer = (envoy: Envoy, { machineId, bootId }: Machine): boolean =>
  (machineId !== "" && machineId !== envoy.row.machineId) ||
  (bootId !== "" && bootId === envoy.strangeBootId);

function moveTo(envoy: Envoy, { machineId, bootId }: Machine): void {
  if (machineId !== "") envoy.row = { ...envoy.row, machineId };
  envoy.bootId = bootId;
  envoy.formerBootId = "";
  envoy.strangeBootId = "";
}
