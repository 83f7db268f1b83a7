/**
 * Who is to be refreshed, in this run and owed from earlier ones (semantics §1, "No notification is lost"). A debt is settled
 * only when its cause is well: a file that cannot be written does not reload its service every cycle, and the reload comes
 * once it could. Must not know how a resource is refreshed, nor where debts are kept.
 */
import type { BodyResource } from "../bundle/body.ts";
import type { Outcome } from "../resource.ts";
import type { Owed, RunRecords } from "./records.ts";

export class Notices {
  readonly #records: Pick<RunRecords, "owe" | "pay">;
  readonly #resources: readonly BodyResource[];
  readonly #mayOwe: (target: number) => boolean;
  /** By target, then cause. */
  readonly #owed = new Map<string, Set<string>>();
  /** Causes that failed or were blocked in this run. */
  readonly #broken = new Set<string>();
  /** Targets of those that changed in this run. */
  readonly #notified = new Set<number>();

  /** `mayOwe`: can this target be refreshed at all? */
  constructor(
    records: RunRecords,
    resources: readonly BodyResource[],
    mayOwe: (target: number) => boolean,
  ) {
    this.#records = records;
    this.#resources = resources;
    this.#mayOwe = mayOwe;
    for (const debt of records.owed()) this.#add(debt);
  }

  isNotified(index: number): boolean {
    if (this.#owed.size === 0) return this.#notified.has(index);
    const causes = this.#owed.get(this.#key(index)) ?? [];
    return this.#notified.has(index) || [...causes].some((cause) => !this.#broken.has(cause));
  }

  /** Written down before anything is done; what is owed already is not written again. */
  async owe(cause: number): Promise<void> {
    const debts = this.#targets(cause)
      .filter((target) => this.#mayOwe(target))
      .map((target) => ({ target: this.#key(target), cause: this.#key(cause) }))
      .filter(({ target, cause }) => this.#owed.get(target)?.has(cause) !== true);
    if (debts.length === 0) return;
    await this.#records.owe(debts);
    for (const debt of debts) this.#add(debt);
  }

  async pay(target: number): Promise<void> {
    const key = this.#key(target);
    const causes = [...(this.#owed.get(key) ?? [])];
    if (causes.length === 0) return;
    await this.#records.pay(causes.map((cause) => ({ target: key, cause })));
    this.#owed.delete(key);
  }

  /** Debts to resources that are gone, or that cannot be refreshed any more. */
  async forgetStrangers(): Promise<void> {
    if (this.#owed.size === 0) return;
    const known = new Set(
      this.#resources.filter((_, index) => this.#mayOwe(index)).map(({ key }) => key),
    );
    const strange = this.#debts().filter(({ target }) => !known.has(target));
    if (strange.length > 0) await this.#records.pay(strange);
    for (const { target } of strange) this.#owed.delete(target);
  }

  ended(index: number, { outcome }: Outcome): void {
    if (outcome === "failed" || outcome === "blocked") this.#broken.add(this.#key(index));
    const would = outcome === "pending" && this.#resources[index]?.noop !== true;
    if (outcome === "changed" || would)
      for (const target of this.#targets(index)) this.#notified.add(target);
  }

  /** Targets that are still owed one, sorted. */
  get pending(): readonly string[] {
    return [...this.#owed.keys()].sort();
  }

  #debts = (): readonly Owed[] =>
    [...this.#owed].flatMap(([target, causes]) => [...causes].map((cause) => ({ target, cause })));

  #add({ target, cause }: Owed): void {
    const causes = this.#owed.get(target);
    if (causes) causes.add(cause);
    else this.#owed.set(target, new Set([cause]));
  }

  #targets = (index: number) => this.#resources[index]?.notifies ?? [];
  #key = (index: number) => this.#resources[index]?.key ?? "";
}
