/** What comes of a push, as text. Must not know where it is shown. */
import type { PushEvent } from "../../../core/api/push.ts";
import type { Screen } from "../../../core/command/screen.ts";
import { stood, visible } from "./text.ts";

/** One line. */
export function printPushed(screen: Screen, event: PushEvent): string {
  if (event.kind === "begin") {
    const later = event.asked - event.told;
    const rest = later === 0 ? "" : `; ${later} at the next check-in, which opens a stream`;
    return `${event.told} of ${event.asked} check in and run now${rest}`;
  }
  if (event.kind === "end") return printEnd(event);
  const name = visible(event.hostname);
  if (event.kind === "missing") return `${name}  ${stood(screen, "no data")}: ${event.reason}`;
  if (event.kind === "passed_over")
    return `${name}  in maintenance until ${event.maintenance_until}: it runs nothing`;
  const where = `vigo cli runs show ${name} ${event.run}`;
  const more = event.outcome === "failed" ? `; ${where}` : "";
  return `${name}  ${stood(screen, event.outcome)} (run ${event.run})${more}`;
}

function printEnd(end: PushEvent & { readonly kind: "end" }): string {
  const parts = [
    `${end.ran} of ${end.asked} ran`,
    ...(end.failed > 0 ? [`${end.failed} of them failed`] : []),
    ...(end.passed_over > 0 ? [`${end.passed_over} in maintenance`] : []),
    ...(end.missing > 0 ? [`of ${end.missing} no run is known`] : []),
  ];
  return parts.join(", ");
}

/** How far it is, in one line. */
export class PushBoard {
  #asked = 0;
  #known = 0;
  #failed = 0;

  heed(event: PushEvent): void {
    if (event.kind === "begin") this.#asked = event.asked;
    else if (event.kind !== "end") this.#known++;
    if (event.kind === "ran" && event.outcome === "failed") this.#failed++;
  }

  lines(): readonly string[] {
    const left = this.#asked - this.#known;
    if (left === 0) return [];
    const failed = this.#failed === 0 ? "" : `, ${this.#failed} failed`;
    return [
      `${this.#known} of ${this.#asked}${failed}; ${left} to come (Ctrl-C ends only the watching)`,
    ];
  }
}
