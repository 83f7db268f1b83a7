import { expect, test } from "bun:test";
import fc from "fast-check";
import { parseLines, printLines } from "../../../src/core/text/lines.ts";
import {
  includesOf,
  isReached,
  withoutSetting,
  withSetting,
} from "../../../src/core/text/openssh-config.ts";
import { anyText } from "../../support/any-text.ts";

const root = "/etc/ssh/sshd_config";
const snippet = "/etc/ssh/sshd_config.d/50-cloud.conf";

function place(text: string, more: Readonly<Record<string, string>> = {}, target = root) {
  const all = Object.entries({ ...more, [root]: more[root] ?? text, [target]: text });
  return { files: new Map(all.map(([path, it]) => [path, parseLines(it)])), root, target };
}

const set =
  (key: string, value: string, more?: Readonly<Record<string, string>>, target?: string) =>
  (text: string) =>
    printLines(withSetting(place(text, more, target), key, value));

/** As sshd reads it, without includes: the first line in a `Match all`, else the first outside of any Match. */
function effective(text: string, key: string): string | undefined {
  const found: { always?: string; first?: string; sometimes?: string } = {};
  let rank: keyof typeof found = "always";
  for (const line of text.replace(/^\uFEFF/, "").split(/\r?\n/)) {
    const [, word = "", rest = ""] = /^\s*([A-Za-z0-9]+)(?:\s*=\s*|\s+)(.*?)\s*$/.exec(line) ?? [];
    if (word.toLowerCase() === "match") rank = rest.toLowerCase() === "all" ? "first" : "sometimes";
    if (word.toLowerCase() === key.toLowerCase()) found[rank] ??= rest.replace(/\s+#.*$/, "");
  }
  return found.first ?? found.always;
}

const words = [
  "PermitRootLogin yes",
  "#PermitRootLogin prohibit-password",
  "  permitrootlogin = no # why",
  "Match User bob",
  "Match all",
  "UsePAM yes",
];

test("any sshd_config: the value is effective, twice is once, other lines stay", () => {
  fc.assert(
    fc.property(anyText(words), fc.constantFrom("no", "yes"), (text, value) => {
      fc.pre(!/match\s+\S+\s*#|\r[^\n]|[="]/i.test(text.replaceAll(words[2] ?? "", "")));
      const put = set("PermitRootLogin", value);
      const once = put(text);
      expect(effective(once, "PermitRootLogin")).toBe(value);
      expect(put(once)).toBe(once);
      const others = (it: string) =>
        parseLines(it).lines.filter((line) => !/^\s*permitrootlogin/i.test(line.text));
      expect(others(once).map((line) => line.text)).toEqual(others(text).map((line) => line.text));
      const gone = printLines(withoutSetting(place(once), "PermitRootLogin"));
      expect(effective(gone, "PermitRootLogin")).toBeUndefined();
    }),
  );
});

const debian =
  "Include /etc/ssh/sshd_config.d/*.conf\n\n#Port 22\nUsePAM yes\nMatch User x\n  Port 1\n";

test.each([
  ["#Port 22\n#ListenAddress ::\n", "Port", "2222", "#Port 22\nPort 2222\n#ListenAddress ::\n"],
  ["Port 22\nport 23\n", "Port", "2222", "Port 2222\n"],
  ["Port 2222\n", "Port", "2222", "Port 2222\n"],
  [
    "A a\n\n# for x\nMatch User x\n\tUsePAM no\n",
    "UsePAM",
    "yes",
    "A a\nUsePAM yes\n\n# for x\nMatch User x\n\tUsePAM no\n",
  ],
  ["Match User x\n\tUsePAM no\n", "UsePAM", "yes", "UsePAM yes\nMatch User x\n\tUsePAM no\n"],
  [
    "Match User x\nMatch all\nUsePAM no\n",
    "UsePAM",
    "yes",
    "Match User x\nMatch all\nUsePAM yes\n",
  ],
  ["UsePAM no\nMatch all\nUsePAM no\n", "UsePAM", "yes", "UsePAM no\nMatch all\nUsePAM yes\n"],
  [
    "#UsePAM no\nMatch all\n#UsePAM no\n",
    "UsePAM",
    "yes",
    "#UsePAM no\nUsePAM yes\nMatch all\n#UsePAM no\n",
  ],
  ["usepam = no  # why\nUsePAM no", "UsePAM", "yes", "usepam = yes  # why\nUsePAM no"],
  ["Banner '/etc/a b' # x\n", "Banner", "/etc/a b", "Banner '/etc/a b' # x\n"],
  ["Banner '/etc/a # b'\n", "Banner", "/etc/c", "Banner /etc/c\n"],
  ['Banner "/etc/a b"\n', "Banner", "/etc/a b", 'Banner "/etc/a b"\n'],
  ["AllowUsers a\nAllowUsers b\n", "AllowUsers", "a b", "AllowUsers a\nAllowUsers b\n"],
  ["AllowUsers a\nx\nAllowUsers b\n", "AllowUsers", "a c", "AllowUsers a c\nx\n"],
  [
    "Subsystem sftp /x\nSubsystem y /y\n",
    "Subsystem",
    "y /z",
    "Subsystem sftp /x\nSubsystem y /z\n",
  ],
])("%j with %s %s", (text, key, value, wanted) => {
  expect(set(key, value)(text)).toBe(wanted);
});

test("an included file that says it already is enough", () => {
  expect(set("Port", "2222", { [snippet]: "Port 2222\n" })(debian)).toBe(debian);
  expect(set("PermitRootLogin", "no", { [snippet]: "PermitRootLogin no\n" })(debian)).toBe(debian);
});

test("what an included file says otherwise is said before it", () => {
  const more = { [snippet]: "PermitRootLogin yes\n" };
  const once = set("PermitRootLogin", "no", more)(`${debian.slice(0, 38)}PermitRootLogin no\n`);
  expect(once).toBe("PermitRootLogin no\nInclude /etc/ssh/sshd_config.d/*.conf\n");
  expect(set("PermitRootLogin", "no", more)(once)).toBe(once);
});

test("what only another file can say is refused", () => {
  expect(() => set("Port", "1", { [snippet]: "\nPort 2\n" })(debian)).toThrow(
    `${snippet}, line 2, says Port 2 and counts`,
  );
  const more = { [root]: debian, "/etc/ssh/sshd_config.d/10-a.conf": "UsePAM no\n" };
  expect(() => set("UsePAM", "yes", more, snippet)("")).toThrow(
    "10-a.conf, line 1, says UsePAM no",
  );
});

test("ssh's own configuration knows Host, and the first line counts", () => {
  const root = "/etc/ssh/ssh_config";
  const text = "Host a\n  Port 1\nHost *\n#   HashKnownHosts no\nSendEnv LANG\n";
  const files = new Map([[root, parseLines(text)]]);
  const edited = withSetting({ files, root, target: root }, "HashKnownHosts", "yes");
  expect(printLines(edited)).toBe(text.replace("no\n", "no\nHashKnownHosts yes\n"));
});

test("an included file is edited as what it is", () => {
  const more = { [root]: debian };
  expect(set("UsePAM", "no", more, snippet)("")).toBe("UsePAM no\n");
  expect(set("UsePAM", "yes", more, snippet)("")).toBe("");
  expect(isReached(place("", more, snippet))).toBe(true);
  expect(isReached(place("", { [root]: "Match User x\nInclude *.d/*\n" }, snippet))).toBe(false);
});

test("what stands in a Match is left there", () => {
  expect(printLines(withoutSetting(place(debian), "Port"))).toBe(debian);
  expect(includesOf(parseLines(`${debian}  include a "b c"\n`))).toEqual([
    "/etc/ssh/sshd_config.d/*.conf",
    "/etc/ssh/a",
    "/etc/ssh/b",
    "/etc/ssh/c",
  ]);
});

test("files that include one another come to an end", () => {
  expect(set("UsePAM", "no", { [snippet]: `Include ${root}\n` })(debian)).toContain("UsePAM no\n");
});
