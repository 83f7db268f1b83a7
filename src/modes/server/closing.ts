/** What was opened, to be closed in the opposite order, also when opening the next thing failed. Must not know what it is. */

export interface Closing {
  /** Does this when it is closed. */
  later(close: () => Promise<unknown> | unknown): void;
  /** All of them, whatever one of them throws; then rejects with the first of these. Once. */
  close(): Promise<void>;
}

export function closing(): Closing {
  const steps: (() => Promise<unknown> | unknown)[] = [];
  const run = async () => {
    const failures: unknown[] = [];
    for (const step of steps.splice(0).reverse())
      try {
        await step();
      } catch (error) {
        failures.push(error);
      }
    if (failures.length > 0) throw failures[0];
  };
  return { later: (step) => void steps.push(step), close: run };
}
