import { expect, test } from "bun:test";
import { systemd } from "../../../src/core/tools/systemctl.ts";
import { unitPlaces } from "../../../src/core/tools/unit-places.ts";
import { fakeHost } from "../../support/fake-host.ts";

const folder = "/etc/systemd/system";
const listed = "systemctl list-units --all --full --plain --no-legend --no-pager";

test("the entries that decide about a unit are its file, folders, and those with links to units", async () => {
  const { host } = fakeHost({
    files: {
      [`${folder}/app.service`]: "",
      [`${folder}/multi-user.target.wants/app.service`]: "",
      [`${folder}/app.service.d/more.conf`]: "",
      "/run/systemd/transient/run-1.service": "",
      "/usr/lib/systemd/system/cron.service": "",
    },
  });
  const places = await unitPlaces(host, "app.service");
  for (const place of [
    folder,
    `${folder}/app.service`,
    `${folder}/multi-user.target.wants`,
    "/run/systemd/transient/app.service",
    "/run/systemd/generator",
    "/usr/lib/systemd/system",
    "/usr/local",
  ])
    expect(places).toContain(place);
  expect(places).not.toContain(`${folder}/app.service.d`);
  expect(places).not.toContain("/run/systemd/transient");
  expect(places).not.toContain("/usr/local/lib/systemd/system");
});

test("which services run is asked once for all", async () => {
  const { host } = fakeHost({
    commands: {
      [listed]: `cron.service   loaded active   running Regular background program processing daemon
odd@a\\x2db.service loaded reloading reload Odd
web.service    loaded failed   failed  A web server
old.service    not-found inactive dead old.service
data.mount     loaded active   mounted /data
`,
    },
  });
  const running = await systemd.running?.(host);
  const told = ["cron", "cron.service", "odd@a\\x2db", "web", "old", "data.mount", "unknown"];
  expect(told.map((name) => running?.(name))).toEqual([
    "running",
    "running",
    "running",
    "stopped",
    "stopped",
    "running",
    "stopped",
  ]);
});
