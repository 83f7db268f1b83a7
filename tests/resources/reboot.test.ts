import { expect, test } from "bun:test";
import { explain } from "../../src/core/params.ts";
import { claimsOf } from "../../src/core/resource.ts";
import { reboot } from "../../src/core/resources/reboot.ts";
import { cases } from "../support/cases.ts";

const shutdown = "shutdown -r +1 This machine restarts to finish an update.";
const commands = { [shutdown]: "" };
const does = [`run ${shutdown}`, "write /run/vigo-reboot"];
const required = { "/run/reboot-required": "*** System restart required ***\n" };
const wish = { when_pending: true };
/** Times of a fake host begin in 1970. */
const boot = (seconds: number) => ({ "/proc/stat": `cpu 1 2\nbtime ${seconds}\n` });

cases(reboot, {
  "restarts where an update waits": {
    given: { files: required, commands },
    wish,
    does,
    says: { reboot: ["pending", "in 1 minute"] },
  },
  "leaves a machine alone that nothing waits for": { given: {}, wish, does: [] },
  "asks once a boot": {
    given: { files: { ...required, "/run/vigo-reboot": "" } },
    wish,
    does: [],
  },
  "leaves the reboot that somebody has asked for": {
    given: { files: { ...required, "/run/systemd/shutdown/scheduled": "USEC=1\n" } },
    wish,
    does: [],
  },
  "takes a file from before the boot for old": {
    given: { files: { "/var/lib/needed": "", ...boot(2_000_000_000) } },
    wish: { ...wish, reboot_required_file: "/var/lib/needed" },
    does: [],
  },
  "knows that what is in /run is of this boot, though the clock was set since": {
    given: { files: { ...required, ...boot(2_000_000_000) }, commands },
    wish,
    does,
  },
  "tells people when and why": {
    given: { files: required, commands: { "shutdown -r +15 Back soon": "" } },
    wish: { ...wish, delay_minutes: 15, message: "Back soon" },
    does: ["run shutdown -r +15 Back soon", "write /run/vigo-reboot"],
    says: { reboot: ["pending", "in 15 minutes"] },
  },
  "asks Red Hat's tool": {
    given: {
      os: { family: "rhel", distro: "rocky" },
      commands: { ...commands, "needs-restarting -r": { code: 1, stdout: "", stderr: "" } },
    },
    wish,
    does,
  },
  "asks SUSE's": {
    given: {
      os: { family: "suse" },
      commands: { "zypper --non-interactive needs-rebooting": "" },
    },
    wish,
    does: [],
  },
  "says what is missing to tell": {
    given: {
      os: { family: "rhel" },
      commands: { "needs-restarting -r": { code: 127, stdout: "", stderr: "not found" } },
    },
    wish,
    does: [],
    ends: "failed",
    because: "needs-restarting -r: exit 127: not found (declare the package dnf-utils",
  },
  "restarts when notified": { given: { commands }, wish: {}, notified: true, does },
  "does not restart by itself": { given: {}, wish: {}, does: [], ends: "skipped" },
  "fails where there is no systemd": {
    given: { os: { distro: "alpine", init: "openrc" } },
    wish,
    does: [],
    ends: "failed",
    because: "not for alpine",
  },
});

test("refuses a file that would not be looked at", () => {
  const { error } = reboot.params.safeParse({ reboot_required_file: "/x" });
  expect(error && explain(error)[0]).toStartWith("reboot_required_file: is looked at with");
});

test("owns the reboot only as a state", () => {
  const claims = (more: object) => claimsOf(reboot, reboot.params.parse(more));
  expect(claims(wish)).toEqual([{ id: "reboot" }]);
  expect(claims({})).toEqual([]);
});
