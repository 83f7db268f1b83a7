/** Which envoys a condition chooses now, by what they have reported: the part of the fleet that a version goes to first. */
import { VigoError } from "../../../core/errors.ts";
import { Findings } from "../../../core/policy/findings.ts";
import type { Registries, Subject } from "../../../core/policy/model.ts";
import type { ScalarNode } from "../../../core/policy/node.ts";
import { readyWhere } from "../../../core/policy/ready-conditions.ts";
import { CannotDecide, type Condition } from "../../../core/policy/when/condition.ts";
import { decideOnServer } from "../../../core/policy/when/decide-on-server.ts";

export interface Chosen {
  /** Their ids. */
  readonly envoys: readonly string[];
  /** All that were asked about. */
  readonly of: number;
  /** Those that have not reported what it reads: they are not chosen. */
  readonly undecided: number;
}

/** Rejects with `invalid` for what is no condition, or one that the server cannot decide. */
export async function chosenBy(
  source: string,
  subjects: AsyncIterable<Subject>,
  { traits }: Registries,
  givenAs = "--cohort",
): Promise<Chosen> {
  const where = whereOf(source, traits, givenAs);
  const envoys: string[] = [];
  let [of, undecided] = [0, 0];
  for await (const { id, hostname, traits: reported } of subjects) {
    of++;
    const context = { envoy: { id, hostname }, traits: reported, vars: {}, roles: [] };
    const answer = decided(() => decideOnServer(where, { ...context, types: traits }));
    if (answer === undefined) undecided++;
    else if (answer) envoys.push(id);
  }
  return { envoys, of, undecided };
}

function decided(ask: () => boolean): boolean | undefined {
  try {
    return ask();
  } catch (error) {
    if (error instanceof CannotDecide) return undefined;
    throw error;
  }
}

/** Held to the same rules as the `where:` of a hostcrate. Throws `invalid`, with the name of what it was given as. */
export function whereOf(source: string, traits: Registries["traits"], givenAs: string): Condition {
  const place = { file: givenAs, line: 1, column: 1 };
  const written: ScalarNode = {
    kind: "scalar",
    place,
    value: source,
    source,
    style: "quoted",
    start: place,
  };
  const found = new Findings();
  const condition = readyWhere(written, traits, found);
  const [problem] = found.problems;
  if (condition !== undefined) return condition;
  throw new VigoError("invalid", `${givenAs}: ${problem?.message ?? "no condition"}`, {
    hint: problem?.hint,
  });
}
