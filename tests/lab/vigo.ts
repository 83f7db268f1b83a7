/** Vigo in the lab: the executable under test and its units, as an administrator would install them, and what they ask it. */
import { existsSync } from "node:fs";
import type { LabHost } from "./host.ts";
import { eventually } from "./outside.ts";

/** What `bun run build` makes, or `VIGO_BINARY`. */
export function builtVigo(): string {
  const path = process.env["VIGO_BINARY"] ?? "dist/vigo";
  if (!existsSync(path)) throw new Error(`there is no ${path}: run \`bun run build\` first`);
  return path;
}

export const unit = (name: "server" | "agent"): Promise<string> =>
  Bun.file(`packaging/vigo-${name}.service`).text();

/** As the README says: the program, its user, its home and its unit. `settings` are there before the first start. */
export async function installServer(host: LabHost, settings?: string): Promise<void> {
  if (settings !== undefined) await host.put("/srv/vigo/server.yaml", settings, 0o600);
  await host.put("/etc/systemd/system/vigo-server.service", await unit("server"));
  await host.sh(`
    install -m 0755 /opt/vigo/vigo /usr/local/bin/vigo
    useradd --system --home-dir /srv/vigo --shell /usr/sbin/nologin vigo
    install -d -o vigo -g vigo -m 0750 /srv/vigo
    chown -R vigo: /srv/vigo
    systemctl daemon-reload
    systemctl enable -q --now vigo-server`);
}

interface Envoy {
  readonly id: string;
  readonly hostname: string;
  readonly status: string;
  readonly policy_version: number;
  readonly last_seen_at?: string;
}

interface ListedRun {
  readonly number: number;
}

interface Span {
  readonly first: number;
  readonly last: number;
}

interface ToldChange {
  readonly key: string;
  readonly field: string;
  readonly cause: string;
}

/** Somebody who runs the server: on its own host, as its user, through the CLI alone. */
export class Operator {
  constructor(readonly server: LabHost) {}

  /** What a command prints as JSON. */
  async #ask<T>(...words: readonly string[]): Promise<T> {
    const argv = ["vigo", "cli", ...words, "--json"];
    return JSON.parse(await this.server.ok(argv, { user: "vigo" })) as T;
  }

  /** Waits for the server's answer. */
  async ready(): Promise<void> {
    await eventually("the server answers", 30_000, async () => {
      const { code } = await this.server.run(["vigo", "cli", "envoys", "list"], { user: "vigo" });
      return code === 0 ? true : undefined;
    });
  }

  async settings(yaml: string): Promise<void> {
    await this.server.put("/srv/vigo/server.yaml", yaml, 0o600);
    await this.server.sh("chown vigo: /srv/vigo/server.yaml; systemctl restart vigo-server");
  }

  /** The stacks, nothing else in them. */
  async write(files: Readonly<Record<string, string>>): Promise<void> {
    const script = Object.entries(files)
      .map(([path, text]) => {
        const at = `/srv/vigo/stacks/${path}`;
        return `mkdir -p "$(dirname ${at})"; echo ${Buffer.from(text).toString("base64")} | base64 -d >${at}\n`;
      })
      .join("");
    await this.server.ok(["sh", "-eu"], {
      user: "vigo",
      stdin: `rm -rf /srv/vigo/stacks/*\n${script}`,
    });
  }

  publish(): Promise<{ readonly version: number }> {
    return this.#ask("publish", "--message", "the lab");
  }

  /** Of what the server has in force. */
  async policyVersion(): Promise<number> {
    return (await this.#ask<{ policy_version: number }>("server", "status")).policy_version;
  }

  async token(uses: number): Promise<string> {
    return (await this.#ask<{ token: string }>("tokens", "create", "--uses", String(uses))).token;
  }

  /** A new admin agrees that a run of a workflow goes on: with a password of the person's own, over REST. */
  async approveAs(name: string, run: string): Promise<void> {
    const made = await this.#ask<{ password: string }>(
      "webusers",
      "create",
      name,
      "--role",
      "admin",
    );
    const call = (path: string, body: unknown, bearer = "") =>
      this.server.ok([
        ...["curl", "-fsSk", `https://localhost:8443/api/v1${path}`, "-d", JSON.stringify(body)],
        ...["-H", `authorization: Bearer ${bearer}`],
      ]);
    const { password } = made;
    const { token } = JSON.parse(await call("/login", { name, password })) as { token: string };
    await call(`/workflow-runs/${run}/approve`, {}, token);
  }

  async envoy(hostname: string): Promise<Envoy> {
    const { envoys } = await this.#ask<{ envoys: readonly Envoy[] }>("envoys", "list");
    const found = envoys.find((envoy) => envoy.hostname === hostname);
    if (found === undefined) throw new Error(`no envoy ${hostname}`);
    return found;
  }

  #runs(hostname: string): Promise<{ runs: readonly ListedRun[]; steady?: readonly Span[] }> {
    return this.#ask("runs", "list", "--envoy", hostname, "--limit", "500");
  }

  /** Number of the newest run that did something, 0 before the first. */
  async lastRun(hostname: string): Promise<number> {
    return Math.max(0, ...(await this.#runs(hostname)).runs.map(({ number }) => number));
  }

  /** Waits until two more runs are known of, whatever they did. */
  async twoMoreRuns(hostname: string): Promise<void> {
    const newest = async () => {
      const { runs, steady = [] } = await this.#runs(hostname);
      return Math.max(0, ...runs.map(({ number }) => number), ...steady.map(({ last }) => last));
    };
    const before = await newest();
    await eventually("two more runs", 30_000, async () =>
      (await newest()) >= before + 2 ? true : undefined,
    );
  }

  /** Of every run with a higher number. */
  async changesAfter(hostname: string, number: number): Promise<readonly ToldChange[]> {
    const { runs } = await this.#runs(hostname);
    const details = await Promise.all(
      runs
        .filter((run) => run.number > number)
        .map((run) =>
          this.#ask<{
            resources: readonly { key: string; changes: readonly Omit<ToldChange, "key">[] }[];
          }>("runs", "show", hostname, String(run.number)),
        ),
    );
    return details.flatMap(({ resources }) =>
      resources.flatMap(({ key, changes }) => changes.map((change) => ({ ...change, key }))),
    );
  }

  /** Numbers between the first run that the answer covers and the newest, that are in no report and no stretch. */
  async missingRuns(hostname: string): Promise<readonly number[]> {
    const { runs, steady = [] } = await this.#runs(hostname);
    const covered = new Set([
      ...runs.map(({ number }) => number),
      ...steady.flatMap(({ first, last }) =>
        Array.from({ length: last - first + 1 }, (_, index) => first + index),
      ),
    ]);
    const from = Math.min(...steady.map(({ first }) => first));
    const to = Math.max(...covered);
    if (!Number.isFinite(from)) throw new Error(`${hostname} has no steady stretch yet`);
    return Array.from({ length: to - from + 1 }, (_, index) => from + index).filter(
      (number) => !covered.has(number),
    );
  }
}
