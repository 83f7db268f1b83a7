import { describe, expect, test } from "bun:test";
import { parseManifest } from "../../src/core/tools/sha256sums.ts";
import { fileIntegrity } from "../../src/core/traits/file_integrity.ts";
import { collect } from "../support/collect.ts";
import { fakeHost } from "../support/fake-host.ts";

const sum = (text: string) => new Bun.CryptoHasher("sha256").update(text).digest("hex");
const list = "/etc/vigo-envoy/integrity.d/base.sha256";

describe("file_integrity", () => {
  test("what changed, went and came", async () => {
    const files = {
      "/opt/app/same": "same",
      "/opt/app/changed": "now",
      "/opt/app/sub/new": "new",
      "/etc/outside": "not looked at",
      [list]: [
        "# tree: /opt/app/",
        `${sum("same")}  /opt/app/same`,
        `${sum("before").toUpperCase()} */opt/app/changed`,
        `${sum("x")}  /opt/app/gone`,
        "",
      ].join("\n"),
    };
    const nodes = {
      "/": {},
      "/opt/app/link": { kind: "symlink", target: "/etc/outside" },
    } as const;
    expect(await collect(fileIntegrity, fakeHost({ files, nodes }).host)).toEqual({
      manifests: {
        [list]: {
          files: 3,
          added: ["/opt/app/link", "/opt/app/sub/new"],
          changed: ["/opt/app/changed"],
          removed: ["/opt/app/gone"],
        },
      },
      clean: false,
    });
  });

  test("without a tree nothing is added; all as it was is clean", async () => {
    const files = { "/opt/a": "a", "/opt/b": "b", [list]: `${sum("a")}  /opt/a\n` };
    expect(
      await collect(fileIntegrity, fakeHost({ files, nodes: { "/": {} } }).host),
    ).toMatchObject({
      clean: true,
    });
  });

  test("a list that others may write to is not believed", async () => {
    const files = { "/opt/a": "a", [list]: `${sum("a")}  /opt/a\n` };
    const nodes = { "/": {}, [list]: { kind: "file", mode: 0o664 } } as const;
    const failing = collect(fileIntegrity, fakeHost({ files, nodes }).host);
    const error = await failing.catch((thrown: unknown) => thrown);
    expect(String((error as Error).cause)).toContain("others may write to");
  });

  test("is absent without a list", async () => {
    expect(await collect(fileIntegrity, fakeHost().host)).toBeUndefined();
  });

  test("names that are escaped, and lines that are none", () => {
    const digest = "a".repeat(64);
    const escaped = ["\\", digest, "  /a\\nb\\\\c"].join("");
    const { digests } = parseManifest(`${escaped}\n${digest}  /plain name\n`, "l");
    expect([...digests.keys()]).toEqual(["/a\nb\\c", "/plain name"]);
    expect(() => parseManifest(`${digest}  relative\n`, "l")).toThrow(
      "l:1: not a line of sha256sum",
    );
  });
});
