import { describe, expect, test } from "bun:test";
import { listPrefix } from "../../../src/core/tools/apt-lists.ts";
import { updatesFromLists } from "../../../src/core/tools/apt-updates.ts";
import { fakeHost } from "../../support/fake-host.ts";

const lists = "/var/lib/apt/lists";
const stable = `${lists}/deb.example_debian_dists_bookworm`;
const security = `${lists}/deb.example_debian-security_dists_bookworm-security`;
const later = `${lists}/deb.example_debian_dists_bookworm-backports`;
const other = `${lists}/other.example_apt_dists_here`;
const [index, foreign] = ["main_binary-amd64_Packages", "main_binary-i386_Packages"];

const paragraph = (name: string, version: string, arch = "amd64", more = "") =>
  `Package: ${name}\nVersion: ${version}\nArchitecture: ${arch}\n${more}Description: Version: 99\n\n`;

const installed = (name: string, version: string, arch = "amd64", state = "installed") =>
  `Package: ${name}\nStatus: install ok ${state}\nArchitecture: ${arch}\nVersion: ${version}\n\n`;

const machineFiles = {
  "/etc/apt/sources.list": [
    "deb http://deb.example/debian bookworm main",
    "deb [signed-by=/k] http://deb.example/debian-security bookworm-security main",
    "deb http://deb.example/debian bookworm-backports main",
    "deb https://other.example/apt here main",
    "",
  ].join("\n"),
  "/var/lib/dpkg/status": [
    installed("dpkg", "1.21.22"),
    installed("bash", "5.2-1"),
    installed("libssl3", "3.0.15-1"),
    installed("libssl3", "3.0.15-1", "i386"),
    installed("tzdata", "2024a-0", "all"),
    installed("nodejs", "18.1"),
    installed("gone", "1.0", "amd64", "config-files"),
    installed("from-later", "2.0~bpo1"),
    installed("own", "9.0"),
  ].join(""),
  [`${stable}_InRelease`]: "Origin: Debian\nSuite: stable\nCodename: bookworm\nMD5Sum:\n x\n",
  [`${security}_InRelease`]: "Suite: stable-security\nSHA256:\n x\n",
  [`${later}_InRelease`]: "Suite: stable-backports\nNotAutomatic: yes\nButAutomaticUpgrades: yes\n",
  [`${other}_Release`]: "Suite: here\n",
};

async function updates(files: Readonly<Record<string, string>>, status?: string) {
  const more = status === undefined ? {} : { "/var/lib/dpkg/status": status };
  const { host } = fakeHost({ files: { ...machineFiles, ...more, ...files } });
  const found = await updatesFromLists(host);
  return found?.map(({ name, version, security: is }) => `${name} ${version}${is ? " !" : ""}`);
}

describe("updates from apt's lists", () => {
  test.each([
    ["nothing newer", { [`${stable}_${index}`]: paragraph("bash", "5.2-1") }, []],
    [
      "older ones are none, not installed ones neither",
      { [`${stable}_${index}`]: `${paragraph("bash", "5.2-0")}${paragraph("zsh", "5.9")}` },
      [],
    ],
    [
      "the newest of several",
      {
        [`${stable}_${index}`]: `${paragraph("bash", "5.2-10")}${paragraph("bash", "5.2-9")}`,
        [`${security}_${index}`]: paragraph("bash", "5.2-2"),
      },
      ["bash 5.2-10"],
    ],
    [
      "for security, when a list of such has this version, whichever else has it",
      {
        [`${stable}_${index}`]: paragraph("bash", "5.2-2"),
        [`${security}_${index}`]: paragraph("bash", "5.2-2"),
      },
      ["bash 5.2-2 !"],
    ],
    [
      "each architecture on its own; what is for all is the machine's own",
      {
        [`${stable}_${index}`]: `${paragraph("libssl3", "3.0.16-1")}${paragraph("tzdata", "2025a-0", "all")}`,
        [`${security}_${foreign}`]: paragraph("libssl3", "3.0.17-1", "i386"),
      },
      ["libssl3 3.0.16-1", "libssl3 3.0.17-1 !", "tzdata 2025a-0"],
    ],
    [
      "a release that is not automatic is not, but for what came from there",
      {
        [`${stable}_${index}`]: paragraph("from-later", "1.0"),
        [`${later}_${index}`]: `${paragraph("bash", "6.0~bpo1")}${paragraph("from-later", "2.1~bpo1")}`,
      },
      ["bash 6.0~bpo1", "from-later 2.1~bpo1"],
    ],
    [
      "nor where the version that is there is in an ordinary list",
      {
        [`${stable}_${index}`]: paragraph("bash", "5.2-1"),
        [`${later}_${index}`]: paragraph("bash", "6.0~bpo1"),
      },
      [],
    ],
    [
      "lists of sources that are no longer in use",
      { [`${lists}/old.example_debian_dists_x_${index}`]: paragraph("bash", "9") },
      [],
    ],
    ["only configured any more", { [`${stable}_${index}`]: paragraph("gone", "2.0") }, []],
    [
      "fields in another order, and no newline at the end",
      { [`${stable}_${index}`]: "Architecture: amd64\nVersion: 5.2-3\nPackage: bash" },
      ["bash 5.2-3"],
    ],
  ])("%s", async (_, files, expected) => {
    expect(await updates(files)).toEqual(expected);
  });

  const pin = "Package: nodejs\nPin: origin other.example\nPin-Priority: 600\n";
  const offered = {
    [`${stable}_${index}`]: paragraph("nodejs", "22.0"),
    [`${other}_${index}`]: paragraph("nodejs", "20.3"),
  };

  test.each([
    ["none: the newest", "", ["nodejs 22.0"]],
    ["to a server: what it has", pin, ["nodejs 20.3"]],
    ["with a remark", `# ours\n${pin}`, ["nodejs 20.3"]],
    ["of what is not installed", pin.replace("nodejs", "nsolid"), ["nodejs 22.0"]],
    ["to another server", pin.replace("other", "third"), ["nodejs 22.0"]],
    ["that goes back", pin.replace("600", "1001"), undefined],
    ["that holds back", pin.replace("600", "-1"), undefined],
    ["by release", pin.replace("origin other.example", "release a=here"), undefined],
    ["of names with stars", pin.replace("nodejs", "node*"), undefined],
    ["of all", pin.replace("nodejs", "*"), undefined],
    ["of a source package", pin.replace("nodejs", "src:nodejs"), undefined],
  ])("a pin %s", async (_, preferences, expected) => {
    expect(await updates({ ...offered, "/etc/apt/preferences.d/node": preferences })).toEqual(
      expected,
    );
  });

  test.each([
    ["a release is preferred", { "/etc/apt/apt.conf": 'APT::Default-Release "stable";\n' }],
    ["lists are elsewhere", { "/etc/apt/apt.conf.d/90x": 'Dir::State::lists "/srv/lists";\n' }],
    ["a list is packed otherwise", { [`${stable}_${index}.xz`]: "" }],
    ["a source is a folder", { "/etc/apt/sources.list.d/a.list": "deb file:/srv/repo ./\n" }],
    ["there is no source", { "/etc/apt/sources.list": "" }],
    ["nothing is installed", { "/var/lib/dpkg/status": "" }],
    [
      "an update is for some machines only",
      {
        [`${stable}_${index}`]: paragraph("bash", "6", "amd64", "Phased-Update-Percentage: 10\n"),
      },
    ],
  ])("apt itself is asked when %s", async (_, files) => {
    expect(await updates(files)).toBeUndefined();
  });
});

/** As `apt-get update --print-uris` of apt 2.6.1 names them. */
test.each([
  ["http://10.1.2.3:8123", "./", "10.1.2.3:8123_._"],
  ["http://10.1.2.3:8123/a/", "/", "10.1.2.3:8123_a_"],
  ["http://h.example//debian/", "bookworm main", "h.example__debian_dists_bookworm_"],
  [
    "http://h.example/a~b_c/debian",
    "bookworm/updates main non-free",
    "h.example_a%7eb%5fc_debian_dists_bookworm_updates_",
  ],
  ["https://me:pw@x.example/debian", "a main", "x.example_debian_dists_a_"],
  ["http://h.example/x", "sub/dir/", "h.example_x_sub_dir_"],
  ["http://H.Example/Ubuntu+x", "noble main", "h.example_ubuntu+x_dists_noble_"],
])("the lists of %s %s begin with %s", (url, suite, prefix) => {
  expect(listPrefix({ url, suite })).toBe(prefix);
});
