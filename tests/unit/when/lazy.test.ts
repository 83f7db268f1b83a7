/** Libraries are loaded by the first condition or template that needs them, in a process of its own. */
import { expect, test } from "bun:test";

async function loaded(script: string): Promise<readonly string[]> {
  const program = `${script}
    const found = Object.keys(require.cache).flatMap((path) => path.match(/node_modules\\/(@[^/]+\\/[^/]+|[^/]+)/)?.[1] ?? []);
    console.log(JSON.stringify([...new Set(found)].sort()));`;
  const child = Bun.spawn([process.execPath, "-e", program], { stdout: "pipe", stderr: "inherit" });
  return JSON.parse(await new Response(child.stdout).text());
}

const when = "./src/core/policy/when";

test("an agent whose bundle has no condition loads nothing", async () => {
  expect(await loaded(`await import("${when}/decide-on-envoy.ts");`)).toEqual([]);
  const changed = `const { decideOnEnvoy } = await import("${when}/decide-on-envoy.ts");
    await decideOnEnvoy({ source: "changed" }, { notified: true });`;
  expect(await loaded(changed)).toEqual([]);
});

test("with one, CEL and neither schemas nor regular expressions", async () => {
  const decide = `const { decideOnEnvoy } = await import("${when}/decide-on-envoy.ts");
    await decideOnEnvoy({ source: "1 == 1" }, { notified: false, types: [], envoy: {} });`;
  expect(await loaded(decide)).toEqual(["@marcbachmann/cel-js"]);
});

test("a text without tags loads no Liquid, one with them no YAML", async () => {
  const template = `const { parseTemplate } = await import("./src/core/policy/template/template.ts");`;
  expect(await loaded(`${template} parseTemplate("plain").render({});`)).toEqual([]);
  expect(await loaded(`${template} parseTemplate("{{ 1 }}").render({});`)).toEqual(["liquidjs"]);
});
