/**
 * Somebody wants this machine to check in and run now: asked at any time, done when the check-in loop gets to it, and told with one more
 * check-in when the run is over. Must not know how either is done.
 */

/** Between two of them, whoever asks how often. */
const restMs = 2_000;

export class Push {
  readonly #wake: () => void;
  readonly #now: () => number;
  #asked: "run" | "report" | undefined;
  #takenAt = Number.NEGATIVE_INFINITY;

  constructor(wake: () => void, now: () => number = () => performance.now()) {
    this.#wake = wake;
    this.#now = now;
  }

  get isAsked(): boolean {
    return this.#asked !== undefined;
  }

  /** How long the check-in has to wait. */
  get restMs(): number {
    if (this.#asked !== "run") return 0;
    return Math.max(0, this.#takenAt + restMs - this.#now());
  }

  ask(): void {
    this.#asked = "run";
    this.#wake();
  }

  /** The run is over: the server hears of it now. */
  report(): void {
    this.#asked ??= "report";
    this.#wake();
  }

  /** What the check-in that begins now is for; undefined: it was its time. */
  take(): "run" | "report" | undefined {
    const asked = this.#asked;
    this.#asked = undefined;
    if (asked === "run") this.#takenAt = this.#now();
    return asked;
  }
}
