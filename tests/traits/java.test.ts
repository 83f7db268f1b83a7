import { expect, test } from "bun:test";
import { java } from "../../src/core/traits/java.ts";
import { collect } from "../support/collect.ts";
import { fakeHost } from "../support/fake-host.ts";

const program = { kind: "file", mode: 0o755 } as const;

const home = "/usr/lib/jvm/java-17-openjdk-amd64";
const files = {
  [`${home}/release`]: 'IMPLEMENTOR="Debian"\nJAVA_VERSION="17.0.15"\n',
  "/usr/lib/jvm/java-8-openjdk-amd64/bin/java": "",
};

test("runtimes from their release files, the default from where the program leads", async () => {
  const { host } = fakeHost({
    files,
    nodes: {
      "/usr/lib/jvm/default-java": { kind: "symlink", target: "java-17-openjdk-amd64" },
      "/usr/bin/java": { kind: "symlink", target: "/etc/alternatives/java" },
      "/etc/alternatives/java": { kind: "symlink", target: `${home}/bin/java` },
      [`${home}/bin/java`]: program,
    },
  });
  const value = await collect(java, host);
  expect(value).toEqual({ versions: { [home]: "17.0.15" }, default: "17.0.15" });
});

test("a program elsewhere is asked; it answers on stderr", async () => {
  const said = 'openjdk version "1.8.0_442"\nOpenJDK Runtime Environment (build 1.8.0_442-b06)\n';
  const { host } = fakeHost({
    nodes: { "/usr/local/bin/java": program },
    commands: { "/usr/local/bin/java -version": { code: 0, stdout: "", stderr: said } },
  });
  expect(await collect(java, host)).toEqual({ versions: {}, default: "1.8.0_442" });
  expect(await collect(java, fakeHost().host)).toBeUndefined();
});
