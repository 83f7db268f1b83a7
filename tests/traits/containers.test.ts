import { describe, expect, test } from "bun:test";
import { parseConfig } from "../../src/core/tools/docker.ts";
import { containers } from "../../src/core/traits/containers.ts";
import { collect } from "../support/collect.ts";
import { fakeHost } from "../support/fake-host.ts";

const id = (digit: string) => digit.repeat(64);
const config = (name: string, state: object, more: object = {}) =>
  JSON.stringify({
    ID: id("a"),
    Name: `/${name}`,
    Image: "sha256:3b25b682",
    Config: { Image: "nginx:1.27", Hostname: name },
    RestartCount: 0,
    State: {
      Running: false,
      Paused: false,
      Restarting: false,
      StartedAt: "2026-01-01T00:00:00Z",
      ...state,
    },
    ...more,
  });
const docker = (folder = "/var/lib/docker") => ({
  [`${folder}/containers/${id("a")}/config.v2.json`]: config("web", {
    Running: true,
    Health: { Status: "healthy" },
  }),
  [`${folder}/containers/${id("b")}/config.v2.json`]: config("job", {}, { RestartCount: 3 }),
  [`${folder}/containers/${id("c")}/config.v2.json`]: '{"State": {"Run',
});
const executable = { mode: 0o755, kind: "file" } as const;
const dockerd = {
  nodes: { "/usr/bin/dockerd": executable },
  commands: { "/usr/bin/dockerd --version": "Docker version 27.3.1, build 41ca978\n" },
};

describe("containers", () => {
  test("of Docker, from its files", async () => {
    const { host } = fakeHost({ files: { ...docker(), "/usr/bin/dockerd": "" }, ...dockerd });
    expect(await collect(containers, host)).toEqual({
      runtimes: { docker: "27.3.1" },
      containers: [
        {
          runtime: "docker",
          name: "job",
          image: "nginx:1.27",
          image_id: "sha256:3b25b682",
          state: "exited",
          health: "",
          restart_count: 3,
        },
        {
          runtime: "docker",
          name: "web",
          image: "nginx:1.27",
          image_id: "sha256:3b25b682",
          state: "running",
          health: "healthy",
          restart_count: 0,
        },
      ],
    });
  });

  test("of Docker that keeps them elsewhere", async () => {
    const files = {
      ...docker("/data/docker"),
      "/etc/docker/daemon.json": '{"data-root": "/data/docker"}',
      "/usr/bin/dockerd": "",
    };
    const value = await collect(containers, fakeHost({ files, ...dockerd }).host);
    expect(value?.containers.map(({ name }) => name)).toEqual(["job", "web"]);
  });

  test("of Podman, asked only when its storage holds some", async () => {
    const storage = "/var/lib/containers/storage/overlay-containers/containers.json";
    const said = JSON.stringify([
      {
        Id: id("d"),
        Name: "db",
        Image: "0f1a2b",
        ImageName: "docker.io/library/postgres:16",
        RestartCount: 1,
        State: { Status: "running", Healthcheck: { Status: "starting", FailingStreak: 0 } },
      },
    ]);
    const machine = (listed: string) =>
      fakeHost({
        files: { "/usr/bin/podman": "", [storage]: listed },
        nodes: { "/usr/bin/podman": executable },
        commands: {
          "/usr/bin/podman --version": "podman version 4.3.1\n",
          [`podman container inspect -- ${id("d")}`]: said,
        },
      }).host;
    expect(await collect(containers, machine("[]"))).toEqual({
      runtimes: { podman: "4.3.1" },
      containers: [],
    });
    const value = await collect(containers, machine(`[{"id":"${id("d")}","names":["db"]}]`));
    expect(value?.containers).toEqual([
      {
        runtime: "podman",
        name: "db",
        image: "docker.io/library/postgres:16",
        image_id: "0f1a2b",
        state: "running",
        health: "starting",
        restart_count: 1,
      },
    ]);
  });

  test("is absent without a runtime", async () => {
    expect(await collect(containers, fakeHost().host)).toBeUndefined();
  });

  test.each([
    [{ Running: true, Paused: true }, "paused"],
    [{ Running: true, Restarting: true }, "restarting"],
    [{ Dead: true }, "dead"],
    [{ RemovalInProgress: true, Dead: true }, "removing"],
    [{ StartedAt: "0001-01-01T00:00:00Z" }, "created"],
  ])("%p is %s", (state, word) => expect(parseConfig(config("x", state))?.state).toBe(word));
});
