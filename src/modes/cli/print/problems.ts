/**
 * Problems of a policy for people, programs and code hosts: text, JSON, GitHub's workflow commands, SARIF 2.1.0
 * (https://docs.oasis-open.org/sarif/sarif/v2.1.0/). Must not know how they were found.
 */
import type { Screen } from "../../../core/command/screen.ts";
import { type Problem, printProblem } from "../../../core/problem.ts";
import { version } from "../../../core/version.ts";
import { painted } from "./text.ts";

export const formats = ["text", "json", "github", "sarif"] as const;
export type Format = (typeof formats)[number];

/** What is wrong, and what is only odd. */
export interface Findings {
  readonly problems: readonly Problem[];
  readonly warnings: readonly Problem[];
}

export function printFindings(
  screen: Pick<Screen, "colour">,
  { problems, warnings }: Findings,
  format: Format,
): string {
  if (format === "json") return JSON.stringify({ problems, warnings }, undefined, 2);
  if (format === "sarif") return JSON.stringify(sarif({ problems, warnings }), undefined, 2);
  if (format === "github")
    return [
      ...problems.map((problem) => workflowCommand("error", problem)),
      ...warnings.map((problem) => workflowCommand("warning", problem)),
    ].join("\n");
  return [
    ...warnings.map((problem) => inText(problem, painted(screen, "yellow", "warning"))),
    ...problems.map((problem) => inText(problem, painted(screen, "red", "error"))),
  ].join("\n");
}

/** `web.vgo:3:5: error VG103 …`, as compilers print it; editors and CI turn the place into a link. */
const inText = (problem: Problem, level: string): string =>
  printProblem(problem).replace(`: ${problem.code} `, `: ${level} ${problem.code} `);

/** `3 problems, 1 warning` */
export const counted = ({ problems, warnings }: Findings): string =>
  [many(problems.length, "problem"), many(warnings.length, "warning")].join(", ");

export const many = (count: number, noun: string): string =>
  `${count} ${noun}${count === 1 ? "" : "s"}`;

/** docs.github.com, "Workflow commands": what separates fields is escaped. */
function workflowCommand(level: "error" | "warning", problem: Problem): string {
  const data = (text: string) =>
    text.replaceAll("%", "%25").replaceAll("\r", "%0D").replaceAll("\n", "%0A");
  const field = (text: string) => data(text).replaceAll(":", "%3A").replaceAll(",", "%2C");
  const { file, line, column, code, message, hint } = problem;
  const text = hint === undefined ? message : `${message}\nhint: ${hint}`;
  return `::${level} file=${field(file)},line=${line},col=${column},title=${code}::${data(text)}`;
}

function sarif({ problems, warnings }: Findings) {
  const result = (level: "error" | "warning") => (problem: Problem) => ({
    ruleId: problem.code,
    level,
    message: {
      text: problem.hint === undefined ? problem.message : `${problem.message} (${problem.hint})`,
    },
    locations: [
      {
        physicalLocation: {
          artifactLocation: { uri: encodeURI(problem.file) },
          region: { startLine: problem.line, startColumn: problem.column },
        },
      },
    ],
  });
  const rules = [...new Set([...problems, ...warnings].map(({ code }) => code))].sort();
  return {
    $schema: "https://json.schemastore.org/sarif-2.1.0.json",
    version: "2.1.0",
    runs: [
      {
        tool: {
          driver: { name: "vigo", version: version.version, rules: rules.map((id) => ({ id })) },
        },
        columnKind: "utf16CodeUnits",
        results: [...problems.map(result("error")), ...warnings.map(result("warning"))],
      },
    ],
  };
}
