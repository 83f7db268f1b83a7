/** A freeze in one line. Must not know where it is kept. */
import type { Screen } from "../../../core/command/screen.ts";
import type { Freeze } from "../standing.ts";
import { painted, visible } from "./text.ts";

export const printFreeze = (
  screen: Pick<Screen, "colour">,
  { until, actor, reason }: Freeze,
): string =>
  painted(screen, "yellow", `Frozen until ${until} by ${visible(actor)}: ${visible(reason)}`);
