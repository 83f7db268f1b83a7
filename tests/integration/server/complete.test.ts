/** Names that a server knows are offered where a line asks for them, at once, and in silence where they cannot be had. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { createServer } from "node:net";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { cli } from "../../../src/modes/cli/index.ts";
import { recordingScreen } from "../../support/screen.ts";
import { publishFiles } from "../agent/publish-files.ts";
import { makeWorld, type World } from "./world.ts";

let w: World;

beforeAll(async () => {
  w = await makeWorld();
  for (const name of ["web-1", "web-2", "db-1"]) await w.enrol(await w.token(), name);
  await w.call("POST", "/tags", { targets: ["web-1"], set: ["rack-7", "blue"] });
  await publishFiles(w, {
    "envoys.vgo":
      'envoys: [{match: "web-*", environment: live, roles: [webserver]}, {match: none, environment: test}]\n',
    "environments.vgo": "env: {test: {vars: {a: 1}}}\n",
    "roles.vgo": "roles: [{role: webserver, configcrates: [site]}]\n",
    "configcrates/site.vgo": "configcrate: site\nresources: []\n",
    "tasks/one.vgo": "task: restart-web\ncommand: [systemctl, restart, nginx]\n",
    "workflows/one.vgo": "workflow: upgrade\nsteps: [{run: uptime}]\n",
  });
});
afterAll(() => w.stop());

async function offered(line: string, ...more: readonly string[]) {
  const screen = recordingScreen();
  const flags = more.length > 0 ? more : ["--home", w.home.folder];
  const code = await cli(["complete", line, ...flags], screen);
  const { out, err } = screen.printed();
  return { code, err, names: out.split("\n").filter((name) => name !== "") };
}

const lines: readonly (readonly [line: string, names: readonly string[]])[] = [
  ["vigo cli envoys show w", ["web-1", "web-2"]],
  ["vigo cli task run uptime --target @", ["@webserver", "@live", "@test"]],
  ["vigo cli task run uptime --target=@w", ["--target=@webserver"]],
  ["vigo cli envoys push tag:r", ["tag:rack-7"]],
  ["vigo cli envoys push t", ["tag:blue", "tag:rack-7"]],
  ["vigo cli envoys tag unset web-1 b", ["blue"]],
  ["vigo cli task run --task ", ["restart-web"]],
  ["vigo cli workflow run up", ["upgrade"]],
  ["vigo cli explain re", ["restart-web"]],
  ["vigo cli config promote si", ["site"]],
  ["vigo cli config promote site ", ["live", "test"]],
  ["vigo cli envoys list --status div", ["diverged"]],
  ["vigo cli task cancel ", []],
  ["vigo cli envoys show 'web$(id)", []],
];
test.each(lines)("%s", async (line, names) => {
  expect(await offered(line)).toEqual({ code: 0, err: "", names: [...names] });
});

test("tasks and runs by how they stand", async () => {
  const ids: string[] = [];
  for (const target of ["web-1", "web-2"]) {
    const { body } = await w.call("POST", "/tasks", { command: "uptime", targets: [target] });
    ids.push((body["task"] as { id: string }).id);
  }
  const [one = "", two = ""] = ids;
  await w.call("POST", `/tasks/${one}/cancel`);
  expect((await offered("vigo cli task cancel ")).names).toEqual([two]);
  expect((await offered("vigo cli task rerun ")).names).toEqual([one]);
  expect((await offered("vigo cli task show ")).names).toEqual([two, one]);
  const { body } = await w.call("POST", "/workflows/upgrade/runs", { targets: ["web-1"] });
  const run = (body["run"] as { id: string }).id;
  expect((await offered("vigo cli workflow abort ")).names).toEqual([run]);
  expect((await offered("vigo cli workflow approve ")).names).toEqual([]);
});

test("whoever may not see them is offered none", async () => {
  await w.call("POST", "/users", { name: "vera", role: "viewer", password: "a long pass phrase" });
  const { body } = await w.call(
    "POST",
    "/login",
    { name: "vera", password: "a long pass phrase" },
    "",
  );
  const as = [
    "--token",
    String(body["token"]),
    "--server",
    `https://localhost:${w.running().ports.api}`,
  ];
  const ca = ["--ca-file", join(w.home.tls, "ca.pem")];
  expect(await offered("vigo cli envoys show d", ...as, ...ca)).toMatchObject({ names: ["db-1"] });
  const none = await offered("vigo cli task cancel ", ...as, ...ca);
  expect(none).toEqual({ code: 0, err: "", names: [] });
});

test("a server that is away, or says nothing, is not waited for", async () => {
  expect(await offered("vigo cli envoys show w", "--home", "/nonexistent")).toEqual({
    ...{ code: 0, err: "", names: [] },
  });
  const mute = createServer(() => {}).listen(0, "127.0.0.1");
  await once(mute, "listening");
  const from = performance.now();
  const address = `https://127.0.0.1:${(mute.address() as AddressInfo).port}`;
  expect(await offered("vigo cli envoys show w", "--server", address)).toEqual({
    ...{ code: 0, err: "", names: [] },
  });
  expect(performance.now() - from).toBeLessThan(5_000);
  mute.close();
});
