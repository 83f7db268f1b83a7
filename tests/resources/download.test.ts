import { expect, test } from "bun:test";
import { explain } from "../../src/core/params.ts";
import { download } from "../../src/core/resources/download.ts";
import { cases } from "../support/cases.ts";

const at = "/opt/tool";
const url = "https://example.net/tool";
const sha256 = new Bun.CryptoHasher("sha256").update("body").digest("hex");
const downloads = { [url]: "body" };
const passwd = { "/etc/passwd": "app:x:7:7::/:/bin/sh\n" };

cases(download, {
  "fetches what is missing": {
    given: { downloads },
    wish: { url, target_path: at, sha256, mode: "0755" },
    does: [`write ${at}`],
    leaves: { [at]: "body" },
    says: { content: [undefined, `sha256 ${sha256}`], mode: [undefined, "0755"] },
  },
  "fetches what is another file": {
    given: { downloads, files: { [at]: "other" } },
    wish: { url, target_path: at, sha256: sha256.toUpperCase() },
    does: [`write ${at}`],
    leaves: { [at]: "body" },
  },
  "leaves a right one alone, and asks nobody": {
    given: { files: { [at]: "body" } },
    wish: { url, target_path: at, sha256 },
    does: [],
  },
  "without a digest, fetches once": {
    given: { files: { [at]: "whatever" } },
    wish: { url, target_path: at },
    does: [],
  },
  "without a digest, fetches what is missing": {
    given: { downloads },
    wish: { url, target_path: at, headers: { Authorization: "Bearer x" } },
    does: [`write ${at}`],
    leaves: { [at]: "body" },
  },
  "mends mode and owner without fetching": {
    given: { files: { [at]: "body", ...passwd } },
    wish: { url, target_path: at, sha256, mode: "0755", owner: "app" },
    does: [`chown ${at} 7:0`, `chmod ${at} 755`],
  },
  "removes it": {
    given: { files: { [at]: "body" } },
    wish: { target_path: at, state: "absent" },
    does: [`remove ${at}`],
    says: { content: ["4 bytes", undefined] },
  },
  "has nothing to remove": { given: {}, wish: { target_path: at, state: "absent" }, does: [] },
  "never replaces a folder": {
    given: { nodes: { [at]: {} } },
    wish: { url, target_path: at },
    does: [],
    ends: "failed",
    because: "/opt/tool is a directory, not a file",
  },
});

test.each([
  [{ target_path: at }, "url: is required unless state is absent"],
  [{ target_path: at, url: "ftp://x" }, "url: must be an http or https address"],
  [{ target_path: at, url, headers: { "a b": "1" } }, "headers.a b: "],
  [{ target_path: at, url, headers: { a: "1\r\nb: 2" } }, "headers.a: must be one line"],
])("refuses %j", (wish, message) => {
  const { error } = download.params.safeParse(wish);
  expect(error && explain(error)[0]).toStartWith(message);
});
