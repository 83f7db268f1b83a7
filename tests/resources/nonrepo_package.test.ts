import { expect, test } from "bun:test";
import { explain } from "../../src/core/params.ts";
import { nonrepoPackage } from "../../src/core/resources/nonrepo_package.ts";
import { cases } from "../support/cases.ts";
import { type Answer, edits } from "../support/fake-host.ts";

const status = "/var/lib/dpkg/status";
const entry = (name: string, version: string) =>
  `Package: ${name}\nStatus: install ok installed\nArchitecture: amd64\nVersion: ${version}\n\n`;
const set = (text: string): Answer => edits(status, () => text);
const install = (path: string) =>
  `apt-get -q -y -o Dpkg::Options::=--force-confdef -o Dpkg::Options::=--force-confold -o DPkg::Lock::Timeout=120 install --allow-downgrades --allow-change-held-packages -- ${path}`;

const url = "https://downloads.example.net/tool.deb";
const sha256 = new Bun.CryptoHasher("sha256").update("the archive").digest("hex");
const kept = `/var/cache/vigo-packages/tool-${sha256.slice(0, 12)}.deb`;
const fetched = [`write ${kept}`, `run ${install(kept)}`, `remove ${kept}`];

cases(nonrepoPackage, {
  "installs what it fetches, and leaves nothing behind": {
    given: {
      files: { [status]: "" },
      downloads: { [url]: "the archive" },
      commands: { [install(kept)]: set(entry("tool", "1.4-1")) },
    },
    wish: { package: "tool", version: "1.4-1", url, sha256 },
    does: ["mkdir /var/cache/vigo-packages", ...fetched],
    says: { version: [undefined, "1.4-1"] },
    leaves: { [kept]: undefined },
  },
  "does not fetch what is installed": {
    given: { files: { [status]: entry("tool", "1.4-1") } },
    wish: { package: "tool", version: "1.4-1", url, sha256 },
    does: [],
  },
  "brings another version": {
    given: {
      files: { [status]: entry("tool", "1.3-1"), "/srv/tool.deb": "the archive" },
      commands: { [install("/srv/tool.deb")]: set(entry("tool", "1.4-1")) },
    },
    wish: { package: "tool", version: "1.4-1", artifact: "/srv/tool.deb", sha256 },
    does: [`run ${install("/srv/tool.deb")}`],
    says: { version: ["1.3-1", "1.4-1"] },
  },
  "is content with any version when none is said": {
    given: { files: { [status]: entry("tool", "1.3-1") } },
    wish: { package: "tool", artifact: "/srv/tool.deb" },
    does: [],
  },
  "refuses an archive that is not the declared one": {
    given: { files: { [status]: "", "/srv/tool.deb": "another" } },
    wish: { package: "tool", artifact: "/srv/tool.deb", sha256 },
    does: [],
    ends: "failed",
    because: "/srv/tool.deb is not the declared archive: its sha256 is",
  },
  "says when the archive holds something else": {
    given: {
      files: { [status]: "", "/srv/tool.deb": "the archive" },
      commands: { [install("/srv/tool.deb")]: set(entry("other", "1")) },
    },
    wish: { package: "tool", artifact: "/srv/tool.deb" },
    does: [`run ${install("/srv/tool.deb")}`],
    ends: "failed",
    because: "the archive holds no package tool",
  },
  "says when the archive holds another version": {
    given: {
      files: { [status]: "", "/srv/tool.deb": "the archive" },
      commands: { [install("/srv/tool.deb")]: set(entry("tool", "2")) },
    },
    wish: { package: "tool", version: "1.4", artifact: "/srv/tool.deb" },
    does: [`run ${install("/srv/tool.deb")}`],
    ends: "failed",
    because: "the archive brought tool 2, not 1.4",
  },
  removes: {
    given: {
      files: { [status]: entry("tool", "1") },
      commands: {
        [install("").replace(/install .*/, "remove --purge -- tool")]: set(""),
      },
    },
    wish: { package: "tool", state: "absent", purge: true },
    does: [`run ${install("").replace(/install .*/, "remove --purge -- tool")}`],
  },
  "fails where there is no package manager": {
    given: { os: { family: "gentoo", distro: "gentoo" } },
    wish: { package: "tool", artifact: "/srv/tool.deb" },
    does: [],
    ends: "failed",
    because: "not for gentoo",
  },
});

test.each([
  [{ package: "tool" }, "url: write one of url and artifact"],
  [{ package: "tool", url }, "sha256: is required with url"],
])("refuses %j", (wish, message) => {
  const { error } = nonrepoPackage.params.safeParse(wish);
  expect(error && explain(error)[0]).toStartWith(message);
});
