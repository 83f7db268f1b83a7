/**
 * What `bun test` prints, made readable: of a file in which all is well one line stays; of one with a failure all of it, with
 * what the servers under test said meanwhile. Must not know what is run, nor where it is shown.
 */

const heading = /^(tests\/\S+\.test\.ts):$/;
/** Behind what a program said without an end, perhaps. */
const wrong = /^(?!.*\(pass\) ).*\(fail\) |^# Unhandled error/;
/** The end of it all. */
const summary = /^ ?\d+ (?:pass|tests? (?:skipped|failed):)$/;
const count = /^ ?(\d+) (pass|fail|skip)$/;

export class TestLog {
  #file = "";
  #lines: string[] = [];
  #began: number;
  #ended = false;
  /** As it counted itself. */
  readonly counts = { pass: 0, fail: 0, skip: 0 };
  /** Files in which something failed, in their order. */
  readonly failed: string[] = [];

  constructor(readonly now: () => number) {
    this.#began = now();
  }

  /** Takes the next line; gives what can be shown by now. */
  take(line: string): readonly string[] {
    const [, file] = heading.exec(line) ?? [];
    const isLast = !this.#ended && summary.test(line);
    this.#ended = file === undefined && (this.#ended || isLast);
    if (this.#ended) this.#count(line);
    else if (file === undefined) this.#lines.push(line);
    if (file === undefined && !isLast) return [];
    const shown = this.#section();
    this.#file = file ?? "";
    return shown;
  }

  /** After the last line. Without a summary the runner itself has died, and its last words are shown. */
  end(): readonly string[] {
    return this.#ended ? [] : this.#whole();
  }

  #count(line: string): void {
    const [, number, kind] = count.exec(line) ?? [];
    if (kind !== undefined) this.counts[kind as "pass" | "fail" | "skip"] = Number(number);
  }

  #section(): readonly string[] {
    const [file, lines] = [this.#file, this.#lines];
    if (lines.some((line) => wrong.test(line))) return this.#whole();
    const seconds = ((this.now() - this.#began) / 1000).toFixed(1);
    this.#next();
    if (file === "") return [];
    const passed = lines.filter((line) => line.includes("(pass) ")).length;
    return [
      `${file}: ${passed} passed (${seconds} s)`,
      ...lines.filter((line) => line.startsWith("(skip) ")),
    ];
  }

  #whole(): readonly string[] {
    const [file, lines] = [this.#file || "before the first file", this.#lines];
    this.failed.push(file);
    this.#next();
    return ["", `${file}:`, ...lines];
  }

  #next(): void {
    this.#lines = [];
    this.#began = this.now();
  }
}
