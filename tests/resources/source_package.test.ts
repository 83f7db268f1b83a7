import { expect, test } from "bun:test";
import { explain } from "../../src/core/params.ts";
import { sourcePackage } from "../../src/core/resources/source_package.ts";
import { cases } from "../support/cases.ts";

const url = "https://downloads.example.net/tool";
const digest = (text: string) => new Bun.CryptoHasher("sha256").update(text).digest("hex");
const target = "/usr/local/bin/tool";
const note = "/usr/local/bin/.vigo-source-tool";
const noted = (text: string, version?: string) =>
  `${JSON.stringify({ sha256: digest(text), ...(version && { version }), program: digest(text), names: [] })}\n`;

/** A tar of these files, all of them text. */
function tar(files: Readonly<Record<string, string>>): string {
  const blocks = Object.entries(files).map(([name, text]) => {
    const octal = (value: number, width: number) => value.toString(8).padStart(width - 1, "0");
    const fields = (sum: string) =>
      [
        name.padEnd(100, "\0"),
        `${octal(0o755, 8)}\0${octal(0, 8)}\0${octal(0, 8)}\0`,
        `${octal(text.length, 12)}\0${octal(0, 12)}\0`,
        sum,
        "0",
        "\0".repeat(100),
        "ustar\0",
        "00",
      ]
        .join("")
        .padEnd(512, "\0");
    const sum = [...fields(" ".repeat(8))].reduce((all, sign) => all + sign.charCodeAt(0), 0);
    return fields(`${octal(sum, 7)}\0 `) + text.padEnd(Math.ceil(text.length / 512) * 512, "\0");
  });
  return `${blocks.join("")}${"\0".repeat(1024)}`;
}

const release = tar({ "tool-1.4/bin/tool": "#!tool 1.4", "tool-1.4/README": "read me" });
const room = `${target}.vigo-new`;

cases(sourcePackage, {
  "a program that is the release itself": {
    given: { downloads: { [url]: "#!tool" } },
    wish: { target_path: target, url, sha256: digest("#!tool"), version: 1.4 },
    does: [`write ${target}`, `write ${note}`],
    says: { release: [undefined, `1.4, sha256 ${digest("#!tool")}`] },
    leaves: { [target]: "#!tool", [note]: noted("#!tool", "1.4") },
  },
  "stands already": {
    given: {
      files: { [target]: "#!tool", [note]: noted("#!tool", "1.4") },
      nodes: { [target]: { mode: 0o755 } },
    },
    wish: { target_path: target, url, sha256: digest("#!tool"), version: 1.4 },
    does: [],
  },
  "another version": {
    given: {
      files: { [target]: "#!old", [note]: noted("#!old", "1.3") },
      nodes: { [target]: { mode: 0o755 } },
      downloads: { [url]: "#!tool" },
    },
    wish: { target_path: target, url, version: 1.4 },
    does: [`write ${target}`, `write ${note}`],
    says: { release: [`1.3, sha256 ${digest("#!old")}`, `1.4, from ${url}`] },
  },
  "edited by hand": {
    given: {
      files: { [target]: "#!evil", [note]: noted("#!tool", "1.4") },
      nodes: { [target]: { mode: 0o755 } },
      downloads: { [url]: "#!tool" },
    },
    wish: { target_path: target, url, sha256: digest("#!tool"), version: 1.4 },
    does: [`write ${target}`, `write ${note}`],
    says: { files: [`sha256 ${digest("#!evil")}`, `sha256 ${digest("#!tool")}`] },
  },
  "with another mode and owner": {
    given: {
      files: { [target]: "#!tool", [note]: noted("#!tool", "1.4") },
      nodes: { [target]: { mode: 0o777, uid: 7 } },
    },
    wish: { target_path: target, url, version: 1.4, mode: "0750" },
    does: [`chown ${target} 0:0`, `chmod ${target} 750`],
    says: { mode: ["0777", "0750"], owner: ["7", "0"] },
  },
  "one program out of an archive": {
    given: { files: { "/srv/tool.tar": release } },
    wish: {
      target_path: target,
      artifact: "/srv/tool.tar",
      binary_path: "bin/tool",
      version: "1.4",
    },
    does: [
      `mkdir ${room}`,
      `mkdir ${room}/bin`,
      `write ${room}/bin/tool`,
      `write ${room}/README`,
      `write ${target}`,
      `write ${note}`,
      `remove ${room}`,
    ],
    leaves: { [target]: "#!tool 1.4", [`${room}/README`]: undefined },
  },
  "a program that the archive does not have": {
    given: { files: { "/srv/tool.tar": release } },
    wish: { target_path: target, artifact: "/srv/tool.tar", binary_path: "tool", version: "1.4" },
    does: [
      `mkdir ${room}`,
      `mkdir ${room}/bin`,
      `write ${room}/bin/tool`,
      `write ${room}/README`,
      `remove ${room}`,
    ],
    ends: "failed",
    because: "the archive has no tool (it has bin/tool)",
  },
  "a tree, in place of the former one": {
    given: {
      files: {
        "/srv/tool.tar": release,
        "/opt/tool/README": "old",
        "/opt/tool/only-old": "old",
        "/opt/.vigo-source-tool": '{"sha256":"00","version":"1.3","names":["README","only-old"]}',
      },
    },
    wish: { target_path: "/opt/tool", artifact: "/srv/tool.tar", version: "1.4" },
    does: [
      "mkdir /opt/tool.vigo-new",
      "mkdir /opt/tool.vigo-new/bin",
      "write /opt/tool.vigo-new/bin/tool",
      "write /opt/tool.vigo-new/README",
      "rename /opt/tool /opt/tool.vigo-old",
      "rename /opt/tool.vigo-new /opt/tool",
      "write /opt/.vigo-source-tool",
      "remove /opt/tool.vigo-old",
    ],
    leaves: {
      "/opt/tool/bin/tool": "#!tool 1.4",
      "/opt/tool/only-old": undefined,
    },
  },
  "what others have put there": {
    given: { files: { [target]: "by hand" } },
    wish: { target_path: target, url, version: "1" },
    does: [],
    ends: "failed",
    because: "is there, and not from a release",
  },
  "another release than declared": {
    given: { downloads: { [url]: "#!evil" } },
    wish: { target_path: target, url, sha256: digest("#!tool") },
    does: [],
    ends: "failed",
    because: "is not the one that was declared",
  },
  gone: {
    given: { files: { [target]: "#!tool", [note]: noted("#!tool", "1.4") } },
    wish: { target_path: target, state: "absent" },
    does: [`remove ${target}`, `remove ${note}`],
  },
});

test.each([
  [{ target_path: target, version: "1" }, "url: write one of url and artifact"],
  [{ target_path: target, url }, "sha256: is required, or else version"],
])("refuses %j", (wish, message) => {
  const { error } = sourcePackage.params.safeParse(wish);
  expect(error && explain(error)[0]).toStartWith(message);
});
