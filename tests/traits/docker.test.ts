import { expect, test } from "bun:test";
import { docker } from "../../src/core/traits/docker.ts";
import { collect } from "../support/collect.ts";
import { fakeHost } from "../support/fake-host.ts";

const program = { kind: "file", mode: 0o755 } as const;

test("client, daemon and compose", async () => {
  const { host } = fakeHost({
    nodes: {
      "/usr/bin/docker": program,
      "/usr/bin/dockerd": program,
      "/usr/local/bin/docker-compose": program,
    },
    commands: {
      "/usr/bin/docker --version": "Docker version 20.10.24+dfsg1, build 297e128\n",
      "/usr/bin/dockerd --version": "Docker version 20.10.24+dfsg1, build 5d6db84\n",
      "/usr/local/bin/docker-compose --version": "Docker Compose version v2.29.7\n",
    },
  });
  expect(await collect(docker, host)).toEqual({
    versions: {
      "/usr/local/bin/docker-compose": "2.29.7",
      "/usr/bin/docker": "20.10.24+dfsg1",
      "/usr/bin/dockerd": "20.10.24+dfsg1",
    },
    default: "20.10.24+dfsg1",
  });
  expect(await collect(docker, fakeHost().host)).toBeUndefined();
});
