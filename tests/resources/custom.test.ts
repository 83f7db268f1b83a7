import { expect, test } from "bun:test";
import type { CommandResult } from "../../src/core/host.ts";
import { explain } from "../../src/core/params.ts";
import { custom } from "../../src/core/resources/custom.ts";
import { type Case, cases } from "../support/cases.ts";
import { fakeHost } from "../support/fake-host.ts";

const path = "/etc/vigo-envoy/executors/licence";
const nodes = { "/": {}, [path]: { mode: 0o755 } };
const files = { [path]: "#!/bin/sh\n" };
const wish = { executor: "licence", params: { seats: "12" } };

/** An executor that finds its work in one file, whatever it is asked with; `run` is told apart from `query` by the log only. */
const saying = (answer: string | CommandResult): Case["given"] => ({
  files,
  nodes,
  commands: { [path]: answer },
});
const failing = (answer: string | CommandResult, because: string): Case => ({
  given: saying(answer),
  wish,
  does: [],
  ends: "failed",
  because,
});
const exits = (code: number, stdout: string, stderr = ""): CommandResult => ({
  code,
  stdout,
  stderr,
});

let seats = 3;
const keeper = () => {
  const from = seats;
  seats = 12;
  const changes = [{ field: "seats", from, to: 12 }];
  return JSON.stringify({ changed: from !== 12, action: "raise", changes });
};

cases(custom, {
  "nothing to do": {
    given: saying('{"action": "none", "changed": false}'),
    wish,
    does: [],
  },
  "an answer that is no JSON": failing(
    "done\n",
    "its answer cannot be read: it is no JSON; it printed: done",
  ),
  "an answer that is no object": failing("[true]", "it is no object"),
  "an answer that does not say whether": failing("{}", "changed is neither true nor false"),
  "changes in another shape": failing(
    '{"changed": true, "changes": {"a": 1}}',
    "changes is no list",
  ),
  "a change without a field": failing(
    '{"changed": true, "changes": [{"to": 1}]}',
    "each of changes",
  ),
  "its own error": failing('{"changed": false, "error": "no licence server"}', "no licence server"),
  "its own error, and an exit code": failing(exits(3, '{"error": "no server"}'), "no server"),
  "an exit code without words": failing(exits(3, ""), "exit 3; it printed nothing"),
  "an exit code with messages": failing(
    exits(127, "", "python3: not found"),
    "exit 127; it printed: python3: not found",
  ),
  "an exit code beside a good answer": failing(exits(1, '{"changed": false}'), "exit 1"),
  "too much printed": failing(
    { ...exits(0, '{"changed": false}'), truncated: true },
    "more than 1 MiB",
  ),
  "no such executor": {
    given: { commands: {} },
    wish,
    does: [],
    ends: "failed",
    because: `there is no executor ${path}`,
  },
  "somebody else's executor": {
    given: { files, nodes: { "/": {}, [path]: { mode: 0o755, uid: 1000 } } },
    wish,
    does: [],
    ends: "failed",
    because: `${path} was not run: ${path} does not belong to root`,
  },
  "an executor that others may write to": {
    given: { files, nodes: { "/": {}, [path]: { mode: 0o775 } } },
    wish,
    does: [],
    ends: "failed",
    because: `others may write to ${path}`,
  },
  "a folder above it that others may write to": {
    given: { files, nodes: { ...nodes, "/etc/vigo-envoy": { mode: 0o777 } } },
    wish,
    does: [],
    ends: "failed",
    because: "others may write to /etc/vigo-envoy",
  },
  "a link instead of an executor": {
    given: { nodes: { "/": {}, [path]: { kind: "symlink", target: "/tmp/x" } } },
    wish,
    does: [],
    ends: "failed",
    because: `${path} is no file`,
  },
  "an executor without its x": {
    given: { files, nodes: { "/": {} } },
    wish,
    does: [],
    ends: "failed",
    because: "no permission to be run",
  },
});

test("asks, tells, asks again, and says what the executor said", async () => {
  seats = 3;
  const asked: string[] = [];
  const { host } = fakeHost({ files, nodes, commands: { [path]: keeper } });
  const params = custom.params.parse({ ...wish, timeout: "5s" });
  const spied = {
    ...host,
    query: (command: Parameters<typeof host.query>[0]) => {
      asked.push(`query ${command.stdin} ${command.timeoutMs}`);
      return host.query(command);
    },
    run: (command: Parameters<typeof host.run>[0]) => {
      asked.push(`run ${command.stdin} ${command.timeoutMs}`);
      return host.run(command);
    },
  };
  const changes = await custom.check(params, spied);
  expect(changes).toEqual([{ field: "seats", from: "3", to: "12", cause: "intent" }]);
  await custom.apply(params, spied, changes);
  expect(await custom.check(params, spied, changes)).toEqual([]);
  const dry = '{"params":{"seats":12},"dry_run":true}\n';
  expect(asked).toEqual([
    `query ${dry} 5000`,
    `run ${dry.replace("true", "false")} 5000`,
    `query ${dry} 5000`,
  ]);
});

test("an executor that a resource of this run puts there is no failure of a dry run", async () => {
  const { host } = fakeHost({ owned: [`file:${path}`] });
  expect(await custom.check(custom.params.parse(wish), host)).toEqual([
    {
      field: "state",
      from: undefined,
      to: "what its executor says once it is there",
      cause: "intent",
    },
  ]);
});

test("hands texts over as they are, when told so", async () => {
  const { host } = fakeHost({ files, nodes, commands: { [path]: '{"changed": false}' } });
  let stdin: string | undefined;
  const params = custom.params.parse({ ...wish, value_type: "text" });
  await custom.check(params, {
    ...host,
    query: (command) => {
      stdin = command.stdin;
      return host.query(command);
    },
  });
  expect(JSON.parse(stdin ?? "")).toEqual({ params: { seats: "12" }, dry_run: true });
});

test.each([
  [{ executor: "../evil" }, "executor: must be the name of a file"],
  [{ executor: "a", params: ["x"] }, "params: must be a map"],
  [{ executor: ".hidden" }, "executor: must be the name of a file"],
])("refuses %j", (given, message) => {
  const { error } = custom.params.safeParse(given);
  expect(error && explain(error)[0]).toStartWith(message);
});
