import { expect, test } from "bun:test";
import { explain } from "../../src/core/params.ts";
import { backup } from "../../src/core/resources/backup.ts";
import { cases } from "../support/cases.ts";
import type { Act } from "../support/fake-host.ts";

const now = new Date("2026-01-10T12:00:00Z");
const [source, target] = ["/srv/www", "/backup"];
const rsync = (...more: readonly string[]) =>
  [
    "rsync -aHAX --numeric-ids --one-file-system --delete --delete-excluded",
    ...more,
    `${source}/ ${target}/.unfinished/`,
  ].join(" ");
const copies: Act = (files) => {
  files.set(`${target}/.unfinished/page`, "hello");
  return "";
};
const folders = { [source]: {}, [target]: {} };
const snapshot = (name: string) => ({ [`${target}/${name}`]: {} });
const wish = { source_dir: source, target_path: target };
const [noted, forgot] = [`note backup:${target}`, `forget backup:${target}`];
const removed = (name: string) => [
  `rename ${target}/${name} ${target}/.unfinished`,
  `remove ${target}/.unfinished`,
];
const made = `rename ${target}/.unfinished ${target}/2026-01-10T120000Z`;
const old = "2026-01-09T120000Z";

cases(backup, {
  "makes the first copy": {
    given: { now, nodes: { [source]: {} }, commands: { [rsync()]: copies } },
    wish,
    does: [`mkdir ${target}`, `run ${rsync()}`, made],
    says: { newest: [undefined, "a new copy"] },
  },
  "makes the next one beside the last, when it is due": {
    given: {
      now,
      nodes: { ...folders, ...snapshot(old) },
      commands: {
        [rsync("--exclude=*.tmp", "--modify-window=-1", `--link-dest=${target}/${old}`)]: copies,
        "app stop": "",
        "app start": "",
      },
    },
    wish: { ...wish, exclude: ["*.tmp"], pre_command: "app stop", post_command: "app start" },
    does: [
      noted,
      "run app stop",
      `run ${rsync("--exclude=*.tmp", "--modify-window=-1", `--link-dest=${target}/${old}`)}`,
      made,
      "run app start",
      forgot,
    ],
    says: { newest: [old, "a new copy"] },
  },
  "wakes what a run that was killed has left at rest": {
    given: {
      now,
      nodes: { ...folders, ...snapshot("2026-01-10T110000Z") },
      notes: { [`backup:${target}`]: "begun" },
      commands: { "app start": "" },
    },
    wish: { ...wish, pre_command: "app stop", post_command: "app start" },
    does: ["run app start", forgot],
    says: { post_command: ["not done after the newest copy", "done"] },
  },
  "owes nothing where copying could not begin": {
    given: {
      now,
      nodes: folders,
      commands: { "app stop": { code: 1, stdout: "", stderr: "no" } },
    },
    wish: { ...wish, pre_command: "app stop", post_command: "app start" },
    does: [noted, "run app stop", forgot],
    ends: "failed",
    because: "app stop: exit 1: no",
  },
  "goes on with what is its own alone of a copy that was not finished": {
    given: {
      now,
      nodes: { ...folders, ...snapshot(old), [`${target}/.unfinished`]: {} },
      commands: {
        [`find ${target}/.unfinished -xdev ! -type d -links +1 -delete`]: "",
        [rsync("--modify-window=-1", `--link-dest=${target}/${old}`)]: copies,
      },
    },
    wish,
    does: [
      `run find ${target}/.unfinished -xdev ! -type d -links +1 -delete`,
      `run ${rsync("--modify-window=-1", `--link-dest=${target}/${old}`)}`,
      made,
    ],
  },
  "waits until it is due": {
    given: { now, nodes: { ...folders, ...snapshot("2026-01-09T120001Z") } },
    wish,
    does: [],
  },
  "is due sooner by the hour": {
    given: {
      now,
      nodes: { ...folders, ...snapshot("2026-01-10T110000Z") },
      commands: {
        [rsync("--modify-window=-1", `--link-dest=${target}/2026-01-10T110000Z`)]: copies,
      },
    },
    wish: { ...wish, schedule: "hourly" },
    does: [`run ${rsync("--modify-window=-1", `--link-dest=${target}/2026-01-10T110000Z`)}`, made],
  },
  "removes what is too old, and nothing of others": {
    given: {
      now,
      nodes: {
        ...folders,
        ...snapshot("2025-12-01T000000Z"),
        ...snapshot("2026-01-01T000000Z"),
        ...snapshot("2026-01-10T000000Z"),
        ...snapshot("by-hand"),
      },
    },
    wish: { ...wish, retain_days: 7 },
    does: [...removed("2025-12-01T000000Z"), ...removed("2026-01-01T000000Z")],
    says: { "older than kept": ["2025-12-01T000000Z, 2026-01-01T000000Z", undefined] },
  },
  "keeps the newest, however old": {
    given: {
      now,
      nodes: { ...folders, ...snapshot("2025-01-01T000000Z") },
      commands: { "app stop": { code: 1, stdout: "", stderr: "no" } },
    },
    wish: { ...wish, retain_days: 1, pre_command: "app stop" },
    does: ["run app stop"],
    leaves: {},
    ends: "failed",
    because: "app stop: exit 1: no",
  },
  "lets one go that is too old once there is a new one": {
    given: {
      now,
      nodes: { ...folders, ...snapshot("2025-01-01T000000Z") },
      commands: {
        [rsync("--modify-window=-1", `--link-dest=${target}/2025-01-01T000000Z`)]: copies,
      },
    },
    wish,
    does: [
      `run ${rsync("--modify-window=-1", `--link-dest=${target}/2025-01-01T000000Z`)}`,
      made,
      ...removed("2025-01-01T000000Z"),
    ],
    says: {
      newest: ["2025-01-01T000000Z", "a new copy"],
      "older than kept": ["2025-01-01T000000Z", undefined],
    },
  },
  "starts the application again when copying has failed": {
    given: {
      now,
      nodes: folders,
      commands: { [rsync()]: { code: 11, stdout: "", stderr: "disk full" }, "app start": "" },
    },
    wish: { ...wish, post_command: "app start" },
    does: [noted, `run ${rsync()}`, "run app start", forgot],
    ends: "failed",
    because: "rsync: exit 11: disk full",
  },
  "does not mind files that go meanwhile": {
    given: {
      now,
      nodes: folders,
      commands: {
        [rsync()]: (files) => {
          copies(files);
          return { code: 24, stdout: "", stderr: "vanished" };
        },
      },
    },
    wish,
    does: [`run ${rsync()}`, made],
  },
  "begins with enough space only": {
    given: {
      now,
      nodes: folders,
      filesystems: {
        [target]: { bytes: 9e9, freeBytes: 2e9, availableBytes: 1e9, inodes: 0, freeInodes: 0 },
      },
    },
    wish: { ...wish, min_free_space: "1g" },
    does: [],
    ends: "blocked",
    because: "/backup has less than 1g free",
  },
  "needs rsync": {
    given: { now, nodes: folders, commands: { [rsync()]: { code: 127, stdout: "", stderr: "" } } },
    wish,
    does: [`run ${rsync()}`],
    ends: "failed",
    because: "there is no rsync (declare the package rsync",
  },
  "needs something to copy": {
    given: { now, nodes: { [target]: {} } },
    wish,
    does: [],
    ends: "failed",
    because: "/srv/www is no folder",
  },
  "removes all copies": {
    given: { now, nodes: { ...folders, ...snapshot(old), ...snapshot(".unfinished") } },
    wish: { ...wish, state: "absent" },
    does: [`remove ${target}/.unfinished`, ...removed(old), `remove ${target}`],
    says: { copies: [old, undefined] },
  },
  "has nothing to remove": { given: { now }, wish: { ...wish, state: "absent" }, does: [] },
});

test.each(["/srv/www", "/srv/www/.backup"])("%s is inside of the source", (target_path) => {
  const { error } = backup.params.safeParse({ ...wish, target_path });
  expect(error && explain(error)[0]).toStartWith("target_path: must not be inside");
});
