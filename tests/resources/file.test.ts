import { expect, test } from "bun:test";
import { createHash } from "node:crypto";
import { explain } from "../../src/core/params.ts";
import { claimsOf, converge } from "../../src/core/resource.ts";
import { file } from "../../src/core/resources/file.ts";
import { cases, still } from "../support/cases.ts";
import { fakeHost } from "../support/fake-host.ts";

const motd = "/etc/motd";
const passwd = {
  "/etc/passwd": "root:x:0:0::/root:/bin/sh\ndana:x:1000:1000::/home/dana:/bin/sh\n",
};
const wish = { target_path: motd, content: "Be kind.\n" };
const sha256 = createHash("sha256").update("fetched").digest("hex");
const url = { target_path: motd, source_url: "https://example.com/motd", sha256 };

cases(file, {
  "writes what is absent": {
    given: {},
    wish,
    does: [`write ${motd}`],
    leaves: { [motd]: "Be kind.\n" },
    says: { content: [undefined, "9 bytes, sha256 f32bf5e09516"], mode: [undefined, "0644"] },
  },
  "leaves a right file alone, its mode too when not said": {
    given: { files: { [motd]: "Be kind.\n" }, nodes: { [motd]: { mode: 0o600, uid: 7 } } },
    wish,
    does: [],
  },
  "replaces another content": {
    given: { files: { [motd]: "Go away." } },
    wish,
    does: [`write ${motd}`],
    leaves: { [motd]: "Be kind.\n" },
  },
  "mends owner and mode without writing": {
    given: { files: { ...passwd, [motd]: "Be kind.\n" }, nodes: { [motd]: { mode: 0o666 } } },
    wish: { ...wish, mode: "0640", owner: "dana", group: 1000 },
    does: [`chown ${motd} 1000:1000`, `chmod ${motd} 640`],
    says: { mode: ["0666", "0640"], owner: ["0", "dana"], group: ["0", "1000"] },
  },
  "understands a symbolic mode": {
    given: { files: { [motd]: "Be kind.\n" }, nodes: { [motd]: { mode: 0o600 } } },
    wish: { ...wish, mode: "go+r" },
    does: [`chmod ${motd} 644`],
  },
  "makes an empty file when nothing is said of its content": {
    given: {},
    wish: { target_path: motd, mode: "0600" },
    does: [`write ${motd}`],
    leaves: { [motd]: "" },
  },
  "takes any content when nothing is said of it": {
    given: { files: { [motd]: "x" } },
    wish: { target_path: motd },
    does: [],
  },
  "takes bytes": {
    given: {},
    wish: { target_path: motd, content_base64: btoa("raw") },
    does: [`write ${motd}`],
    leaves: { [motd]: "raw" },
  },
  "copies a file of the machine": {
    given: { files: { "/usr/share/x": "copied" } },
    wish: { target_path: motd, source_path: "/usr/share/x" },
    does: [`write ${motd}`],
    leaves: { [motd]: "copied" },
  },
  "says what it would copy from when that is not there yet": {
    given: {},
    wish: { target_path: motd, source_path: "/usr/share/x" },
    does: [],
    ends: "failed",
    because: "the file to copy, /usr/share/x, is not there",
  },
  "fetches what is declared by its digest": {
    given: { downloads: { [url.source_url]: "fetched" } },
    wish: url,
    does: [`write ${motd}`],
    leaves: { [motd]: "fetched" },
  },
  "does not fetch what is there": {
    given: { files: { [motd]: "fetched" } },
    wish: url,
    does: [],
  },
  "keeps a backup of what it replaces": {
    given: { files: { [motd]: "old" }, nodes: { [motd]: { mode: 0o600 } } },
    wish: { ...wish, backup: "true" },
    does: [`write ${motd}.bak`, `write ${motd}`],
    leaves: { [`${motd}.bak`]: "old" },
  },
  "proves the new content": {
    given: { commands: { "check %": "" } },
    wish: { ...wish, validate: "check %" },
    does: [`write ${motd}`],
  },
  "replaces nothing with what is not valid": {
    given: {
      files: { [motd]: "old" },
      commands: { "check %": { code: 1, stdout: "", stderr: "" } },
    },
    wish: { ...wish, validate: "check %" },
    does: [],
    ends: "failed",
    leaves: { [motd]: "old" },
  },
  "indents, filters and sets line endings": {
    given: { commands: { "sort -r": "b\n\na\n" } },
    wish: {
      ...wish,
      content: "a\nb\n\n",
      baseindent: 2,
      stream_edit: ["sort -r"],
      line_endings: "crlf",
    },
    does: [`write ${motd}`],
    leaves: { [motd]: "b\r\n\r\na\r\n" },
  },
  "fails with a filter": {
    given: { commands: { "sort -r": { code: 2, stdout: "", stderr: "no sort" } } },
    wish: { ...wish, stream_edit: ["sort -r"] },
    does: [],
    ends: "failed",
    because: "stream_edit sort -r: exit 2: no sort",
  },
  "writes through a link that root made": {
    given: { nodes: { [motd]: { kind: "symlink", target: "/run/motd" } } },
    wish,
    does: [`write ${motd}`],
    leaves: { "/run/motd": "Be kind.\n" },
  },
  "a pipe stands in the way": {
    given: { nodes: { [motd]: { kind: "other" } } },
    wish,
    does: [],
    ends: "failed",
    because: "is a pipe, a socket or a device, not a file",
  },
  "does not replace a folder": {
    given: { nodes: { [motd]: { kind: "directory" } } },
    wish,
    does: [],
    ends: "failed",
    because: "is a directory, not a file",
  },
  "waits for an owner until it must": {
    given: {},
    wish: { ...wish, owner: "eve" },
    does: [],
    ends: "failed",
    because: "no user eve on this machine (declare it as a user resource, or correct the name)",
  },
  "sets a context": {
    given: { files: { [motd]: "Be kind.\n" } },
    wish: { ...wish, secontext: "system_u:object_r:etc_t:s0" },
    does: [`setContext ${motd} system_u:object_r:etc_t:s0`],
  },
  removes: {
    given: { files: { [motd]: "x" } },
    wish: { target_path: motd, state: "absent" },
    does: [`remove ${motd}`],
    says: { content: ["1 bytes", undefined] },
  },
  "removes nothing twice": { given: {}, wish: { target_path: motd, state: "absent" }, does: [] },
  "is never handed a template": {
    given: {},
    wish: { target_path: motd, source: "templates/motd.liquid" },
    does: [],
    ends: "failed",
    because: "was not resolved",
  },
});

test("a change of text is shown as a diff", async () => {
  const { host } = fakeHost({ files: { [motd]: "Go away.\n" } });
  const outcome = await converge({ ...still, type: file, params: file.params.parse(wish), host });
  expect(outcome).toMatchObject({
    changes: [{ field: "content", diff: "@@ -1,1 +1,1 @@\n-Go away.\n+Be kind.\n" }],
  });
});

test.each([
  [{ content: "a", source: "templates/b" }, "content: choose one of content, source"],
  [{ source_url: "https://example.com" }, "sha256: source_url and sha256"],
  [{ ...url, baseindent: 2 }, "source_url: what is fetched"],
  [{ backup: "../x" }, "backup: must be true, false"],
])("refuses %j", (more, message) => {
  const { error } = file.params.safeParse({ target_path: motd, ...more });
  expect(error && explain(error)[0]).toStartWith(message);
});

test("comes after its folders, its owner and what it copies", () => {
  const params = file.params.parse({
    target_path: "/a/b/c",
    owner: "dana",
    group: 5,
    source_path: "/x",
  });
  expect(file.after?.(params)).toEqual(["file:/a", "file:/a/b", "user:dana", "file:/x"]);
  expect(claimsOf(file, params)).toEqual([{ id: "file:/a/b/c" }]);
});
