import { createHash } from "node:crypto";
import { expect, test } from "bun:test";
import { explain } from "../../src/core/params.ts";
import { compose } from "../../src/core/resources/compose.ts";
import { servicesIn } from "../../src/core/tools/compose.ts";
import { cases } from "../support/cases.ts";
import type { Act } from "../support/fake-host.ts";

const content =
  "services:\n  web: { image: nginx }\n  once: { image: job }\n  debug: { image: x, profiles: [debug] }\n";
const folder = "/etc/compose/blog";
const file = `${folder}/compose.yaml`;
const note = `${folder}/.up`;
const noted = `${createHash("sha256").update(content).digest("hex")}\n`;
const tool = { "/usr/libexec/docker/cli-plugins/docker-compose": "" };
const engine = "/engine";
const member = (service: string, status: string, code = 0) => ({
  State: { Status: status, ExitCode: code },
  Config: { Labels: { "com.docker.compose.service": service } },
});
const up = JSON.stringify([member("web", "running"), member("once", "exited")]);
const ps = "docker ps -aq --filter label=com.docker.compose.project=blog";
const words = `docker compose -p blog -f ${file}`;
const all: Act = (files) => files.get(engine) ?? "[]";
const ids: Act = (files) => (files.has(engine) ? "a1\n" : "");
const brings =
  (state: string | undefined): Act =>
  (files) => {
    if (state === undefined) files.delete(engine);
    else files.set(engine, state);
    return "";
  };
const commands = {
  [ps]: ids,
  "docker container inspect a1": all,
  [`${words} up -d --remove-orphans`]: brings(up),
  [`${words} down`]: brings(undefined),
  [`${words} pull`]: "",
  [`${words} restart`]: "",
};
const nodes = {
  [file]: { kind: "file", mode: 0o600 },
  [note]: { kind: "file", mode: 0o600 },
} as const;
const wish = { project: "blog", content };
const bring = `run ${words} up -d --remove-orphans`;

cases(compose, {
  "brings a project up": {
    given: { files: tool, commands },
    wish,
    does: ["mkdir /etc/compose", `mkdir ${folder}`, `write ${file}`, bring, `write ${note}`],
    leaves: { [file]: content, [note]: noted },
  },
  "leaves what is up alone, also what has ended well": {
    given: { files: { ...tool, [file]: content, [note]: noted, [engine]: up }, nodes, commands },
    wish,
    does: [],
  },
  "brings up what is down": {
    given: {
      files: {
        ...tool,
        [file]: content,
        [note]: noted,
        [engine]: JSON.stringify([member("once", "exited", 1)]),
      },
      nodes,
      commands,
    },
    wish,
    does: [bring, `write ${note}`],
    says: { "not up": ["web missing, once exited", undefined] },
  },
  "brings another text up anew": {
    given: { files: { ...tool, [file]: "x", [note]: "abc\n", [engine]: up }, nodes, commands },
    wish: { ...wish, pull: "always" },
    does: [`write ${file}`, `run ${words} pull`, bring, `write ${note}`],
  },
  "restarts when notified": {
    given: { files: { ...tool, [file]: content, [note]: noted, [engine]: up }, nodes, commands },
    wish,
    notified: true,
    does: [`run ${words} restart`],
  },
  "takes a project down": {
    given: {
      files: { ...tool, [file]: content, [note]: noted, [engine]: up },
      nodes: { ...nodes, [folder]: {} },
      commands,
    },
    wish: { project: "blog", state: "down" },
    does: [`run ${words} down`, `remove ${folder}`],
    says: { containers: ["web running, once exited", undefined], files: [folder, undefined] },
  },
  "has nothing to take down": {
    given: { files: tool, commands },
    wish: { project: "blog", state: "down" },
    does: [],
  },
  "waits for the daemon": {
    given: {
      files: tool,
      commands: { [ps]: { code: 1, stdout: "", stderr: "Cannot connect to the Docker daemon" } },
    },
    wish,
    does: [],
    ends: "blocked",
    because: "the docker daemon does not answer",
  },
  "needs compose": {
    given: {},
    wish,
    does: [],
    ends: "failed",
    because: "neither docker compose nor podman-compose",
  },
  "waits for its file": {
    given: { files: tool, commands },
    wish: { project: "blog", path: "/srv/compose.yaml" },
    does: [],
    ends: "failed",
    because: "/srv/compose.yaml is not there",
  },
  "says what is wrong with its file": {
    given: { files: tool, commands },
    wish: { project: "blog", content: "version: 3\n" },
    does: [],
    ends: "failed",
    because: "the file of the project has no services",
  },
});

test("services that start by themselves", () =>
  expect(servicesIn(content)).toEqual(["web", "once"]));

test.each([
  [{ project: "blog" }, "content: write one of content and path"],
  [{ project: "Blog", content }, "project: must be small letters"],
])("%j is refused", (params, because) => {
  const { error } = compose.params.safeParse(params);
  expect(error && explain(error).join()).toContain(because);
});
