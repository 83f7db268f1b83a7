import { describe, expect, test } from "bun:test";
import { explain } from "../../src/core/params.ts";
import { container } from "../../src/core/resources/container.ts";
import { parseContainer } from "../../src/core/tools/container-engine.ts";
import { creation, recipe, recipeLabel } from "../../src/core/tools/container-recipe.ts";
import { cases } from "../support/cases.ts";
import type { Act } from "../support/fake-host.ts";

const image = "nginx:1.27";
const wish = {
  container: "web",
  image,
  ports: ["80:80"],
  environment: { PASSWORD: "geheim", PATH: "/bin" },
};
const made = container.params.parse(wish);
const words = creation(made, "web.vigo-new").join(" ");
const label = JSON.stringify(recipe(made));

/** The engine keeps containers as files of the fake machine. */
const at = (name: string) => `/containers/${name}`;
const inspected = (running: boolean, kept: string | undefined = label, id = "sha256:aaa") =>
  JSON.stringify([
    {
      Image: id,
      State: { Running: running },
      Config: { Labels: kept === undefined ? null : { [recipeLabel]: kept } },
      HostConfig: { RestartPolicy: { Name: "no" }, Memory: 0, NanoCpus: 0 },
    },
  ]);
/** As podman says it while it waits, and for ever where it was killed meanwhile. */
const stopping = inspected(false).replace('"Running":false', '"Status":"stopping","Running":false');
const unknown = { code: 1, stdout: "[]\n", stderr: "Error: No such container: x\n" };
const asked =
  (name: string): Act =>
  (files) =>
    files.get(at(name)) ?? unknown;
const sets =
  (name: string, text: string | undefined): Act =>
  (files) => {
    if (text === undefined) files.delete(at(name));
    else files.set(at(name), text);
    return "";
  };
const moves: Act = (files) => {
  files.set(at("web"), files.get(at("web.vigo-new")) ?? "");
  files.delete(at("web.vigo-new"));
  return "";
};
const docker = { "/usr/bin/docker": "" };
const commands = {
  "docker container inspect web": asked("web"),
  "docker container inspect web.vigo-new": asked("web.vigo-new"),
  [`docker image inspect ${image}`]: '[{"Id":"sha256:aaa"}]',
  [`docker ${words}`]: sets("web.vigo-new", inspected(false)),
  "docker rename web.vigo-new web": moves,
  "docker start web": sets("web", inspected(true)),
  "docker stop web": sets("web", inspected(false)),
  "docker rm --force web": sets("web", undefined),
  "docker rm --force web.vigo-new": sets("web.vigo-new", undefined),
};
const podman = { "/usr/bin/podman": "" };
const byPodman = Object.fromEntries(
  Object.entries(commands).map(([line, answer]) => [line.replace("docker", "podman"), answer]),
);
const living = inspected(true).replace('"Running":true', '"Running":true,"Pid":77');
const create = `run docker ${words}`;
const [rename, start] = ["run docker rename web.vigo-new web", "run docker start web"];

cases(container, {
  "makes and starts one": {
    given: { files: docker, commands },
    wish,
    does: [create, rename, start],
    says: { container: [undefined, "running, of nginx:1.27"] },
  },
  "leaves a right one alone": {
    given: { files: { ...docker, [at("web")]: inspected(true) }, commands },
    wish,
    does: [],
  },
  "ends what somebody began to stop": {
    given: { files: { ...docker, [at("web")]: stopping }, commands },
    wish: { ...wish, state: "stopped" },
    does: ["run docker stop web"],
    says: { state: ["stopping", "stopped"] },
  },
  "starts one again that somebody began to stop": {
    given: { files: { ...docker, [at("web")]: stopping }, commands },
    wish,
    does: ["run docker stop web", start],
    says: { state: ["stopping", "running"] },
  },
  "makes one anew that died without podman being told": {
    given: { files: { ...podman, [at("web")]: living }, commands: byPodman },
    wish,
    does: [create, "run docker rm --force web", rename, start].map((line) =>
      line.replace("docker", "podman"),
    ),
    says: { state: ["dead", "running"] },
  },
  "leaves one of podman alone whose process is there": {
    given: { files: { ...podman, [at("web")]: living, "/proc/77/stat": "" }, commands: byPodman },
    wish,
    does: [],
  },
  "starts one that was stopped": {
    given: { files: { ...docker, [at("web")]: inspected(false) }, commands },
    wish,
    does: [start],
    says: { state: ["stopped", "running"] },
  },
  "stops one": {
    given: { files: { ...docker, [at("web")]: inspected(true) }, commands },
    wish: { ...wish, state: "stopped" },
    does: ["run docker stop web"],
  },
  "makes one anew that was made with something else": {
    given: {
      files: { ...docker, [at("web")]: inspected(true, label.replace("80:80", "81:80")) },
      commands,
    },
    wish,
    does: [create, "run docker stop web", "run docker rm --force web", rename, start],
    says: { ports: ["81:80", "80:80"] },
  },
  "makes one anew that others made": {
    given: { files: { ...docker, [at("web")]: inspected(true, "") }, commands },
    wish,
    does: [create, "run docker stop web", "run docker rm --force web", rename, start],
  },
  "makes one anew of a newer image": {
    given: { files: { ...docker, [at("web")]: inspected(false, label, "sha256:old") }, commands },
    wish: { ...wish, state: "stopped" },
    does: [create, "run docker rm --force web", rename],
    says: { "image id": ["old", "aaa"] },
  },
  "clears what an interrupted run left": {
    given: { files: { ...docker, [at("web.vigo-new")]: inspected(false) }, commands },
    wish,
    does: ["run docker rm --force web.vigo-new", create, rename, start],
  },
  "fetches the image": {
    given: {
      files: docker,
      commands: {
        ...commands,
        [`docker image inspect ${image}`]: (files) =>
          files.has("/image")
            ? '[{"Id":"sha256:aaa"}]'
            : { ...unknown, stderr: "No such image: x" },
        [`docker pull ${image}`]: (files) => {
          files.set("/image", "");
          return "";
        },
      },
    },
    wish,
    does: [`run docker pull ${image}`, create, rename, start],
  },
  "keeps the old one when the new one cannot be made": {
    given: {
      files: { ...docker, [at("web")]: inspected(true, "") },
      commands: { ...commands, [`docker ${words}`]: { code: 125, stdout: "", stderr: "bad port" } },
    },
    wish,
    does: [create],
    leaves: { [at("web")]: inspected(true, "") },
    ends: "failed",
    because: "docker container create: exit 125: bad port",
  },
  "waits for the daemon": {
    given: {
      files: docker,
      commands: {
        "docker container inspect web": {
          code: 1,
          stdout: "",
          stderr: "Cannot connect to the Docker daemon at unix:///var/run/docker.sock.",
        },
      },
    },
    wish,
    does: [],
    ends: "blocked",
    because: "the docker daemon does not answer",
  },
  "needs an engine": {
    given: {},
    wish,
    does: [],
    ends: "failed",
    because: "neither docker nor podman is installed",
  },
  "removes one": {
    given: { files: { ...docker, [at("web")]: inspected(true) }, commands },
    wish: { container: "web", state: "absent" },
    does: ["run docker stop web", "run docker rm --force web"],
    says: { container: ["running", undefined] },
  },
  "has nothing to remove": {
    given: { files: docker, commands },
    wish: { container: "web", state: "absent" },
    does: [],
  },
  "is started anew when notified": {
    given: {
      files: { ...docker, [at("web")]: inspected(true) },
      commands: { ...commands, "docker restart web": "" },
    },
    wish,
    notified: true,
    does: ["run docker restart web"],
  },
});

describe("what it is made with", () => {
  test("names variables, and has no secret in words or label", () => {
    expect(words).toContain("--env PASSWORD --env PATH=/bin");
    expect(words).not.toContain("geheim");
  });

  test("in all words", () => {
    const all = container.params.parse({
      container: "db",
      image,
      command: ["postgres", "-c", "a b"],
      volumes: ["/srv/db:/data:ro"],
      networks: ["one", "two"],
      restart: "on-failure",
      memory: "512m",
      cpus: 1.5,
      labels: ["tier=db"],
      healthcheck: { command: "pg_isready" },
    });
    expect(creation(all, "db").filter((word) => !word.startsWith(recipeLabel))).toEqual(
      "container create --name db --pull never --restart on-failure --label --label tier=db --volume /srv/db:/data:ro --network one --memory 512m --cpus 1.5 --health-cmd pg_isready --health-interval 30s --health-retries 3 nginx:1.27 postgres -c"
        .split(" ")
        .concat("a b"),
    );
  });
});

test("limits, as docker and podman tell them", () => {
  const limits = (host: object) => parseContainer({ HostConfig: host });
  expect(limits({ Memory: 1024, NanoCpus: 1_500_000_000 })).toMatchObject({
    memoryBytes: 1024,
    cpus: 1.5,
  });
  expect(limits({ CpuQuota: 50_000, CpuPeriod: 100_000 })).toMatchObject({ cpus: 0.5 });
});

test.each([
  [{ container: "web" }, "image: is required unless state is absent"],
  [{ ...wish, volumes: ["data"] }, "volumes.0: must be like /srv/www:/www:ro"],
  [{ ...wish, labels: ["vigo.x=1"] }, "labels.0: must be like tier=web"],
])("%j is refused", (params, because) => {
  const { error } = container.params.safeParse(params);
  expect(error && explain(error).join()).toContain(because);
});
