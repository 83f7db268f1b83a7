/** Packages of programming languages on a real host, by the real tools, from small registries on the host itself. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import type { LabHost } from "./host.ts";
import { Lab, noLab } from "./lab.ts";
import { withRegistries } from "./language-registries.ts";
import { applying } from "./applying.ts";
import { lifeTimeoutMs, liveThrough } from "./life.ts";
import { languages, of } from "./lives/languages.ts";
import { builtVigo } from "./vigo.ts";

const tools = ["python3-pip", "python3-venv", "npm", "ruby", "golang-go", "composer", "cargo"];

describe.skipIf(noLab() !== undefined)("on a real host", () => {
  let lab: Lab;
  let host: LabHost;
  beforeAll(async () => {
    lab = new Lab();
    [host] = (await lab.boot(["languages"], { vigo: builtVigo(), packages: tools })) as [LabHost];
    await withRegistries(host);
  }, 600_000);
  afterAll(() => lab?.end());

  for (const [name, row] of Object.entries(languages))
    test(name, () => liveThrough(host, name, row), lifeTimeoutMs);

  test("without a version, what is there will do, and else the newest", async () => {
    const wish = [of("ecosystem: npm, package: vigo-hello")];
    expect((await applying(host)("newest", wish)).outcome).toBe("changed");
    expect(await host.sh("vigo-hello")).toBe("1.1.0\n");
    await host.sh("npm install -g --prefix /usr/local vigo-hello@1.0.0");
    expect((await applying(host)("newest", wish)).outcome).toBe("ok");
  }, 120_000);

  test("what cannot be done says why, and what to do", async () => {
    const report = await applying(host)(
      "wrong",
      [
        "pip, package: vigo-hello",
        "pip, package: no-such-package, environment_path: /opt/wrong",
        "npm, package: vigo-hello, version: 9.9.9",
        "gem, package: no-such-package",
        "cargo, package: no-such-package",
        "go, package: example.net/no-such, version: 1.0.0",
        "composer, package: no/such",
      ].map((words, i) => `{ name: n${i}, type: language_package, ecosystem: ${words} }`),
    );
    const [managed, ...others] = report.resources.map(
      ({ outcome, reason = "" }) => `${outcome}: ${reason}`,
    );
    expect(managed).toMatch(/^failed: .*virtualenv with environment_path/s);
    expect(others).toEqual(others.map(() => expect.stringMatching(/^failed: .*are the name and/s)));
  }, 120_000);
});
