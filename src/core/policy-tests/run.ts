/**
 * Runs the policy tests of a tree: each resolves its host as a server would and compares. Must not know files, nor how results
 * are printed.
 */
import { type Bundle, bundleFor } from "../bundle/compile.ts";
import type { PolicyTest, Ref, Sample } from "../policy/declared.ts";
import type { Registries, Unresolved } from "../policy/model.ts";
import type { Policy } from "../policy/policy.ts";
import { problemAt } from "../policy/findings.ts";
import type { Problem } from "../problem.ts";
import { type Steps, stepsOf } from "../steps.ts";
import { failuresOf } from "./compare.ts";

export interface TestResult {
  readonly name: string;
  readonly file: string;
  readonly hostname: string;
  /** How many things it expects. */
  readonly expectations: number;
  /** None: it has passed. */
  readonly failures: readonly Problem[];
}

export function* runTests(policy: Policy, registries: Registries): Steps<readonly TestResult[]> {
  const places = new Places(policy);
  const results: TestResult[] = [];
  const step = stepsOf("running policy tests", policy.declared.tests.length);
  for (const test of policy.declared.tests) {
    results.push({
      name: test.name,
      file: test.place.file,
      hostname: test.given.hostname,
      expectations: test.expected.length,
      failures: run(test, places.in(test.given), registries),
    });
    yield step();
  }
  return results;
}

function run(test: PolicyTest, policy: Policy, registries: Registries): readonly Problem[] {
  const { hostname, id, traits } = test.given;
  const bundle = bundleFor(policy, { hostname, id, traits }, registries);
  const wanted = test.expected.filter(({ kind }) => kind === "error");
  if (bundle.kind === "unresolved" && wanted.length === 0) return [unexpected(test, bundle)];
  return test.expected.flatMap((one) =>
    one.kind === "error"
      ? errorMissing(one.text, bundle)
      : bundle.kind === "bundle"
        ? failuresOf(one, bundle.body, registries)
        : [],
  );
}

function unexpected({ place, name }: PolicyTest, { problems }: Unresolved): Problem {
  const [first] = problems;
  const where = first === undefined || first.file === "." ? "" : ` ${first.file}:${first.line}:`;
  return problemAt("VG907", place, name, {
    message: `the host has no policy:${where} ${first?.message ?? "nobody says why"}`,
    hint: "say {error: TEXT} if that is what should happen",
  });
}

function errorMissing({ value, place }: Ref, bundle: Bundle | Unresolved): readonly Problem[] {
  if (bundle.kind === "bundle")
    return [
      problemAt("VG907", place, value, { message: `no error: the host resolves without one` }),
    ];
  const said = bundle.problems.map(({ code, message }) => `${code} ${message}`);
  if (said.some((text) => text.includes(value))) return [];
  return [
    problemAt("VG907", place, value, {
      message: `another error than "${value}"`,
      hint: `it is: ${said[0]}`,
    }),
  ];
}

/** The policy as it is in an environment, once for each that a test asks for. */
class Places {
  readonly #known = new Map<string, Policy>();

  constructor(readonly policy: Policy) {}

  in({ environment }: Sample): Policy {
    if (environment === undefined) return this.policy;
    const known = this.#known.get(environment.value);
    if (known !== undefined) return known;
    const moved: Policy = {
      ...this.policy,
      hostcrates: this.policy.hostcrates.map((one) => ({
        ...one,
        declared: { ...one.declared, environment },
      })),
    };
    this.#known.set(environment.value, moved);
    return moved;
  }
}
