/** `vigo cli config test [NAME]` */
import { VigoError } from "../../../../core/errors.ts";
import type { TestResult } from "../../../../core/policy-tests/run.ts";
import { unknownWord } from "../../../../core/did-you-mean.ts";
import { printProblem } from "../../../../core/problem.ts";
import { command } from "../../command.ts";
import { policyIn } from "../../policy-in.ts";
import { many } from "../../print/problems.ts";
import { painted, visible } from "../../print/text.ts";
import { checkStacks, homeOf, stacksFlag, stacksFolder } from "../../stacks.ts";

export default command({
  args: {
    name: {
      type: "positional",
      description: "Only this test: its name, or its file.",
      required: false,
    },
    ...stacksFlag,
  },
  examples: ["vigo cli config test", "vigo cli config test tests/web.vgo"],
  run: async ({ name, stacks }, { wanted, screen }) => {
    const folder = stacksFolder(stacks, wanted);
    const checked = await checkStacks(screen, folder, homeOf(wanted));
    policyIn(checked, screen);
    const tests = name === undefined ? checked.tests : chosen(name, checked.tests);
    return { stacks: folder, tests, failed: tests.filter(hasFailed).length };
  },
  print: ({ stacks, tests, failed }, screen) => {
    if (tests.length === 0) return `There are no policy tests in ${stacks}/tests.`;
    const lines = tests.flatMap((test) => [
      `${hasFailed(test) ? painted(screen, "red", "failed") : painted(screen, "green", "ok    ")}  ${visible(test.name)}  ${visible(test.hostname)}  ${test.file}`,
      ...test.failures.map((problem) => `  ${printProblem(problem).replaceAll("\n", "\n  ")}`),
    ]);
    const verdict = failed === 0 ? "all hold" : `${failed} of them failed`;
    return [...lines, "", `${many(tests.length, "test")}, ${verdict}`].join("\n");
  },
  exit: ({ failed }) => (failed === 0 ? 0 : 1),
});

const hasFailed = ({ failures }: TestResult): boolean => failures.length > 0;

function chosen(wanted: string, tests: readonly TestResult[]): readonly TestResult[] {
  const found = tests.filter(({ name, file }) => name === wanted || file === wanted);
  if (found.length > 0) return found;
  const known = tests.flatMap(({ name, file }) => [name, file]);
  throw new VigoError("missing", unknownWord("test", wanted, known), {
    hint: "`vigo cli config test` without a name runs all",
  });
}
