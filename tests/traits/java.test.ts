import { expect, test } from "bun:test";
import { java } from "../../src/core/traits/java.ts";
import { collect } from "../support/collect.ts";
import { fakeHost } from "../support/fake-host.ts";

const program = { kind: "file", mode: 0o755 } as const;

test("runtimes from their release files, the default from the program, which says it on stderr", async () => {
  const { host } = fakeHost({
    files: {
      "/usr/lib/jvm/java-17-openjdk-amd64/release":
        'IMPLEMENTOR="Debian"\nJAVA_VERSION="17.0.15"\n',
      "/usr/lib/jvm/java-8-openjdk-amd64/bin/java": "",
    },
    nodes: {
      "/usr/lib/jvm/default-java": { kind: "symlink", target: "java-17-openjdk-amd64" },
      "/usr/bin/java": program,
    },
    commands: {
      "/usr/bin/java -version": {
        code: 0,
        stdout: "",
        stderr:
          'openjdk version "17.0.15" 2025-04-15\nOpenJDK Runtime Environment (build 17.0.15+6)\n',
      },
    },
  });
  expect(await collect(java, host)).toEqual({
    versions: { "/usr/lib/jvm/java-17-openjdk-amd64": "17.0.15" },
    default: "17.0.15",
  });
  expect(await collect(java, fakeHost().host)).toBeUndefined();
});
