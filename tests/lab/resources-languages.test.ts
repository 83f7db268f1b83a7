/** Packages of programming languages on a real host, by the real tools, from small registries on the host itself. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import type { LabHost } from "./host.ts";
import { Lab, noLab } from "./lab.ts";
import { withRegistries } from "./language-registries.ts";
import { applying, type Life, liveThrough } from "./life.ts";
import { builtVigo } from "./vigo.ts";

const tools = ["python3-pip", "python3-venv", "npm", "ruby", "golang-go", "composer", "cargo"];

const of = (words: string) => `{ name: hello, type: language_package, ${words} }`;

/** One version, then another one by hand, then gone. */
const life = (words: string, ask: string, harm: string): Life => ({
  wish: [of(`${words}, version: 1.0.0`)],
  ask,
  stands: "1.0.0\n",
  harm,
  found: ["hello"],
  away: [of(`${words}, state: absent`)],
  gone: `(${ask}) 2>/dev/null`,
});

const lives: Readonly<Record<string, Life>> = {
  "pip, in a virtualenv that it makes": life(
    "ecosystem: pip, package: Vigo.Hello, environment_path: /opt/hello",
    "/opt/hello/bin/python -c 'import vigo_hello; print(vigo_hello.version)'",
    "/opt/hello/bin/pip install -q vigo-hello==1.1.0",
  ),
  "pip, in the system's Python": life(
    "ecosystem: pip, package: vigo-hello, environment: { PIP_BREAK_SYSTEM_PACKAGES: '1' }",
    "python3 -c 'import vigo_hello; print(vigo_hello.version)'",
    "pip3 install -q --break-system-packages vigo-hello==1.1.0",
  ),
  npm: life(
    "ecosystem: npm, package: vigo-hello",
    "vigo-hello",
    "npm install -g --prefix /usr/local vigo-hello@1.1.0",
  ),
  gem: life(
    "ecosystem: gem, package: vigo-hello",
    "gem list -l vigo-hello | grep -o '1[.]0[.]0'",
    "gem uninstall -q -a vigo-hello; gem install -q -N vigo-hello -v 1.1.0",
  ),
  cargo: life(
    "ecosystem: cargo, package: vigo-hello",
    "vigo-hello",
    "cargo install -q --root /usr/local --version 1.1.0 vigo-hello",
  ),
  go: life(
    "ecosystem: go, package: example.net/vigo-hello, environment_path: /opt/go/bin",
    "/opt/go/bin/vigo-hello 2>&1 | grep -x '[0-9.]*'",
    "GOBIN=/opt/go/bin go install example.net/vigo-hello@v1.1.0",
  ),
  composer: life(
    "ecosystem: composer, package: vigo/hello, environment_path: /opt/php",
    "COMPOSER_ALLOW_SUPERUSER=1 composer -n --working-dir=/opt/php show vigo/hello | sed -n 's/^versions : .* //p'",
    "COMPOSER_ALLOW_SUPERUSER=1 composer -n --working-dir=/opt/php require vigo/hello:1.1.0",
  ),
};

describe.skipIf(noLab() !== undefined)("on a real host", () => {
  let lab: Lab;
  let host: LabHost;
  beforeAll(async () => {
    lab = new Lab();
    [host] = (await lab.boot(["languages"], { vigo: builtVigo(), packages: tools })) as [LabHost];
    await withRegistries(host);
  }, 600_000);
  afterAll(() => lab?.end());

  for (const [name, row] of Object.entries(lives))
    test(name, () => liveThrough(host, name, row), 180_000);

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
