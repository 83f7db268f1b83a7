/** Lives of packages of programming languages. Must not know hosts. */
import type { Life } from "../life.ts";

/** One package, with these words. */
export const of = (words: string) => `{ name: hello, type: language_package, ${words} }`;

/** One version, then another one by hand, then gone. */
const life = (
  words: string,
  ask: string,
  harm: string,
  removal?: string,
  more: Life["harm"] = {},
): Life => ({
  wish: [of(`${words}, version: 1.0.0`)],
  ask,
  stands: "1.0.0\n",
  harm: {
    "hello.version": harm,
    ...(removal !== undefined && { "hello.state": removal }),
    ...more,
  },
  away: [of(`${words}, state: absent`)],
  gone: `(${ask}) 2>/dev/null`,
});

export const languages: Readonly<Record<string, Life>> = {
  "pip, in a virtualenv that it makes": life(
    "ecosystem: pip, package: Vigo.Hello, environment_path: /opt/hello",
    "/opt/hello/bin/python -c 'import vigo_hello; print(vigo_hello.version)'",
    "/opt/hello/bin/pip install -q vigo-hello==1.1.0",
    "/opt/hello/bin/pip uninstall -q -y vigo-hello",
    { "hello.environment_path": "rm -rf /opt/hello" },
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
    "npm uninstall -g --prefix /usr/local vigo-hello",
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
