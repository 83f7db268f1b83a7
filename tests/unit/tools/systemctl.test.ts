import { expect, test } from "bun:test";
import { mustSucceed } from "../../../src/core/tools/exit.ts";
import { systemctl } from "../../../src/core/tools/systemctl.ts";
import { fakeHost } from "../../support/fake-host.ts";

const pointer = `Job for app.service failed.
See "systemctl status app.service" and "journalctl -xeu app.service" for details.`;
const journal = "journalctl --quiet --since=@1767225600 --lines=20 --output=cat --no-pager -u app";

const failing = (verb: string, stderr: string, said?: string) =>
  fakeHost({
    commands: {
      [`systemctl ${verb} -- app`]: { code: 1, stdout: "", stderr },
      ...(said !== undefined && { [journal]: said }),
    },
  }).host;

const why = (host: ReturnType<typeof failing>, verb: "start" | "reload") =>
  systemctl(host, verb, "app").then(
    () => "well",
    ({ message }: Error) => message,
  );

test("a start that fails says what the unit said, and not where one could look", async () => {
  const said = [
    "Starting app.service - App...",
    "app.service: Failed to load environment files: No such file or directory",
    "app.service: Failed with result 'resources'.",
    "Failed to start app.service - App.",
  ];
  expect(await why(failing("start", pointer, `${said.join("\n")}\n`), "start")).toBe(
    "systemctl start app: exit 1: app.service: Failed to load environment files: No such file or directory",
  );
});

test("a tool that is not there is to be declared", async () => {
  const told = { code: 127, stdout: "", stderr: "locale-gen: not found" };
  const error = await mustSucceed("locale-gen", Promise.resolve(told)).catch((e: Error) => e);
  expect(error).toMatchObject({
    message: "locale-gen: exit 127: locale-gen: not found",
    hint: "declare the package that has it, and depend on that",
  });
});

test("where the journal has nothing, systemctl's own words stand", async () => {
  expect(await why(failing("start", pointer, ""), "start")).toContain('exit 1: See "systemctl');
  const own = "Failed to reload app.service: Unit app.service not found.";
  expect(await why(failing("reload", own), "reload")).toBe(`systemctl reload app: exit 1: ${own}`);
});
