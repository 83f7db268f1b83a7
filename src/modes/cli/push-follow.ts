/**
 * Follows a push to its end, whatever happens to the connection: who was told of is not told of again, nor pushed again. Must not know
 * how it is printed.
 */
import { followPush, type PushEvent } from "../../core/api/push.ts";
import { parseDuration, printDuration } from "../../core/duration.ts";
import type { Cli } from "./command.ts";
import { patiently } from "./patiently.ts";

export interface PushWish {
  readonly targets: readonly string[];
  readonly wait: string;
}

/** Each event once, as of one push. Rejects when the server stays away. */
export async function* pushed(
  { follow, screen }: Pick<Cli, "follow" | "screen">,
  { targets, wait }: PushWish,
): AsyncGenerator<PushEvent> {
  const endsAt = performance.now() + (parseDuration(wait) ?? 0);
  const course = new Course();
  const open = () => {
    const { left } = course;
    const leftMs = Math.max(leastMs, Math.ceil((endsAt - performance.now()) / 1000) * 1000);
    const again = { wait: printDuration(leftMs), after: Object.fromEntries(left) };
    const body = { targets: [...targets], ...(course.hasBegun ? again : { wait }) };
    return follow(followPush, { params: {}, body });
  };
  const hasBegun = () => course.hasBegun;
  for await (const event of patiently(screen, { what: "push", open, hasBegun })) {
    const told = course.heed(event);
    if (told !== undefined) yield told;
  }
}

/** What the server takes at least. */
const leastMs = 1_000;

/** The whole of what the parts between two breaks tell. */
class Course {
  #begun: (PushEvent & { readonly kind: "begin" }) | undefined;
  readonly #tally = { ran: 0, failed: 0, passed_over: 0 };
  /** Who has not been told of, with its newest run as of the push. */
  readonly left = new Map<string, number>();

  get hasBegun(): boolean {
    return this.#begun !== undefined;
  }

  /** Undefined for what was told before. */
  heed(event: PushEvent): PushEvent | undefined {
    if (event.kind === "begin") return this.#begin(event);
    if (event.kind === "end") return this.#end();
    if (!this.left.delete(event.envoy_id)) return undefined;
    if (event.kind !== "missing") this.#tally[event.kind]++;
    if (event.kind === "ran" && event.outcome === "failed") this.#tally.failed++;
    return event;
  }

  #begin(event: PushEvent & { readonly kind: "begin" }): PushEvent | undefined {
    if (this.#begun !== undefined) return undefined;
    this.#begun = event;
    for (const [id, run] of Object.entries(event.after)) this.left.set(id, run);
    return event;
  }

  /** Who was forgotten while nobody looked is missing too, by nobody's word. */
  #end(): PushEvent {
    const asked = this.#begun?.asked ?? 0;
    const { ran, failed, passed_over } = this.#tally;
    return { kind: "end", asked, ran, failed, passed_over, missing: asked - ran - passed_over };
  }
}
