/**
 * Every folder of `cases/` is a stacks tree with the hosts it is resolved for and what must come out: problems, or a plan for
 * each host. `UPDATE=1 bun test tests/golden` writes what comes out now; read the difference before it is committed.
 */
import { describe, expect, test } from "bun:test";
import * as files from "node:fs/promises";
import { bundleFor } from "../../src/core/bundle/compile.ts";
import type { Body } from "../../src/core/bundle/body.ts";
import type { Json } from "../../src/core/json.ts";
import { examineTree } from "../../src/core/policy-tests/examine.ts";
import { loadTree } from "../../src/core/policy/load.ts";
import type { Registries, Subject } from "../../src/core/policy/model.ts";
import { printProblem } from "../../src/core/problem.ts";
import { resources } from "../../src/core/resources/index.ts";
import { sampleTraits, sampleValues } from "../support/sample-traits.ts";

const registries: Registries = { resources, traits: sampleTraits };
const root = `${import.meta.dir}/cases`;
const names = (await files.readdir(root)).sort();

/** Hosts are `hosts.json`, or one web server that has reported everything. */
const usual: readonly Host[] = [{ hostname: "web-1.example.com" }];

interface Host {
  readonly hostname: string;
  readonly id?: string;
  /** Those it has reported; all when not said. */
  readonly traits?: Readonly<Record<string, Json>>;
}

async function outcomeOf(name: string): Promise<Json> {
  const { tree, problems: unread } = await loadTree(files, `${root}/${name}/stacks`);
  const { policy, problems, warnings } = examineTree(tree, await withSecrets(name));
  const said = [...unread, ...problems].map(printProblem);
  const warned = warnings.length > 0 ? { warnings: warnings.map(printProblem) } : {};
  if (policy === undefined) return { problems: said, ...warned };
  const hosts = await hostsOf(name);
  const plans = hosts.map((host) => [host.hostname, planOf(policy, subjectOf(host))]);
  return {
    ...(said.length > 0 ? { problems: said } : {}),
    ...warned,
    hosts: Object.fromEntries(plans),
  };
}

const subjectOf = ({
  hostname,
  id = "8c1d3a52-0d5f-4a53-9f53-1f0f4d6b7a10",
  traits,
}: Host): Subject => ({
  hostname,
  id,
  traits: (traits ?? sampleValues) as Subject["traits"],
});

function planOf(policy: Parameters<typeof bundleFor>[0], subject: Subject): Json {
  const bundle = bundleFor(policy, subject, registries);
  if (bundle.kind === "unresolved") return { unresolved: bundle.problems.map(printProblem) };
  const { environment, roles, configcrates, sectionsRead, checkin } = bundle.resolved;
  return JSON.parse(
    JSON.stringify({
      environment,
      roles,
      configcrates,
      sectionsRead,
      ...(Object.keys(checkin).length > 0 ? { checkin } : {}),
      resources: bundle.body.resources.map((resource) => withKeys(resource, bundle.body)),
    }),
  );
}

/** Edges by key: an index says nothing to a reader. */
const withKeys = ({ needs, notifies, ...rest }: Body["resources"][number], body: Body) => ({
  ...rest,
  needs: needs?.map((index) => body.resources[index]?.key),
  notifies: notifies?.map((index) => body.resources[index]?.key),
});

/** `secrets.json` lists those there are; without it nobody knows. */
async function withSecrets(name: string): Promise<Registries> {
  const file = Bun.file(`${root}/${name}/secrets.json`);
  if (!(await file.exists())) return registries;
  return { ...registries, secrets: new Set((await file.json()) as string[]) };
}

async function hostsOf(name: string): Promise<readonly Host[]> {
  const file = Bun.file(`${root}/${name}/hosts.json`);
  return (await file.exists()) ? ((await file.json()) as Host[]) : usual;
}

describe("golden", () => {
  for (const name of names)
    test(name, async () => {
      const outcome = await outcomeOf(name);
      const expected = Bun.file(`${root}/${name}/expected.json`);
      if (process.env["UPDATE"] === "1")
        await Bun.write(expected, `${JSON.stringify(outcome, null, 2)}\n`);
      expect(outcome).toEqual(await expected.json());
    });
});
