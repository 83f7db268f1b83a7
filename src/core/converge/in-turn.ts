/** Drives a walk: begins what may start, and goes on as each ends. Must not know what a step does. */
import type { Walk } from "../graph/walk.ts";

/** `step` tells the walk of its end. Rejects with what a step rejects with. */
export const inTurn = (steps: Walk, step: (index: number) => Promise<void>): Promise<void> =>
  new Promise((resolve, reject) => {
    const advance = () => {
      for (const index of steps.start()) step(index).then(advance).catch(reject);
      if (steps.done) resolve();
    };
    advance();
  });
