/** The doctor's endpoint, handled. Must not know HTTP. */
import { doctor } from "../../../core/api/server.ts";
import { implement } from "../http/implement.ts";
import { type DoctorDeps, examine } from "./examine.ts";

export const doctorRoutes = [
  implement(doctor, async (_, deps: DoctorDeps) => ({ checks: [...(await examine(deps))] })),
];
