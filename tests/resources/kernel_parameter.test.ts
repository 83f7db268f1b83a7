import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { kernelParameter } from "../../src/core/resources/kernel_parameter.ts";
import { inCommandLine, inGrubDefaults } from "../../src/core/text/kernel-cmdline.ts";
import { parseLines, printLines } from "../../src/core/text/lines.ts";
import { anyText } from "../support/any-text.ts";
import { cases } from "../support/cases.ts";

const grub = "/etc/default/grub";
const menu = "/boot/grub/grub.cfg";
const make = `grub-mkconfig -o ${menu}`;
const entry = (line: string) =>
  `menuentry 'Debian' {\n\tlinux\t/boot/vmlinuz-6.1 root=/dev/vda1 ro ${line} \n\tinitrd\t/boot/initrd\n}\n`;
const text = (everywhere: string) =>
  `# ours\nGRUB_TIMEOUT=5\nGRUB_CMDLINE_LINUX_DEFAULT="quiet"\nGRUB_CMDLINE_LINUX="${everywhere}" # why\n`;
/** Makes the menu of the defaults, as the tool would. */
const makes = (files: Map<string, string>) => {
  const line = /LINUX="(.*)"/.exec(files.get(grub) ?? "")?.[1] ?? "";
  files.set(menu, entry(line));
  return "";
};
const parameter = "mitigations";
const section = (script: string, lines: string) =>
  `### BEGIN /etc/grub.d/${script} ###\n${lines}### END /etc/grub.d/${script} ###\n`;

const [note, forget] = ["note kernel_parameter:quiet", "forget kernel_parameter:quiet"];
const installs = [
  "run kernel-install add 6.1.0-1 /boot/vmlinuz-6.1.0-1",
  "run kernel-install add 6.9.3 /lib/modules/6.9.3/vmlinuz",
];
/** One as Debian has its kernels, one as others do, and modules of one that is gone. */
const kernels = (files: Readonly<Record<string, string>>) => ({
  files: {
    ...files,
    "/lib/modules/5.10/modules.dep": "",
    "/lib/modules/6.1.0-1/modules.dep": "",
    "/boot/vmlinuz-6.1.0-1": "",
    "/lib/modules/6.9.3/vmlinuz": "",
  },
  commands: Object.fromEntries(installs.map((line) => [line.replace("run ", ""), ""])),
});

cases(kernelParameter, {
  "adds it to GRUB's defaults and makes the menu": {
    given: {
      files: { [grub]: text("splash"), [menu]: entry("splash") },
      commands: { [make]: makes },
    },
    wish: { parameter, value: "off" },
    does: [`write ${grub}`, `run ${make}`],
    leaves: { [grub]: text("splash mitigations=off") },
    says: {
      "command line": [
        'GRUB_CMDLINE_LINUX="splash" # why',
        'GRUB_CMDLINE_LINUX="splash mitigations=off" # why',
      ],
      "boot menu": [undefined, "mitigations=off"],
    },
  },
  "leaves a right machine alone": {
    given: {
      files: { [grub]: text(" mitigations=off  splash"), [menu]: entry("mitigations=off") },
    },
    wish: { parameter, value: "off" },
    does: [],
  },
  "makes a menu that is older than the defaults": {
    given: {
      files: { [grub]: text("mitigations=off"), [menu]: entry("mitigations=auto") },
      commands: { [make]: makes },
    },
    wish: { parameter, value: "off" },
    does: [`run ${make}`],
    says: { "boot menu": ["mitigations=auto", "mitigations=off"] },
  },
  "says so where another file overrules the defaults": {
    given: {
      files: { [grub]: text(""), [menu]: entry("") },
      commands: { [make]: "" },
    },
    wish: { parameter, value: "off" },
    does: [`write ${grub}`, `run ${make}`],
    ends: "failed",
    because: "still differs after apply: boot menu",
  },
  "takes every word of the name away": {
    given: {
      files: {
        [grub]: text("mitigations=off a mitigations mitigations2"),
        [menu]: entry("mitigations=off a"),
      },
      commands: { [make]: makes },
    },
    wish: { parameter, state: "absent" },
    does: [`write ${grub}`, `run ${make}`],
    leaves: { [grub]: text("a mitigations2") },
  },
  "lets entries be that are not made of the defaults": {
    given: {
      files: {
        [grub]: text("mitigations=off"),
        [menu]: [
          section("10_linux", entry("mitigations=off")),
          section("20_memtest86+", "\tlinux\t/boot/memtest86+x64.bin\n"),
          section("30_os-prober", entry("splash")),
          section("40_custom", entry("rescue")),
        ].join("\n"),
      },
    },
    wish: { parameter, value: "off" },
    does: [],
  },
  "makes a menu anew that somebody was stopped at": {
    given: {
      files: {
        [grub]: text("mitigations=off"),
        [menu]: section("10_linux", entry("mitigations=off")).replace(/### END.*\n$/, ""),
      },
      commands: { [make]: makes },
    },
    wish: { parameter, value: "off" },
    does: [`run ${make}`],
    says: { "boot menu": ["cut short", "whole"] },
  },
  "makes an empty menu anew": {
    given: {
      files: { [grub]: text("a"), [menu]: "" },
      commands: { [make]: makes },
    },
    wish: { parameter, state: "absent" },
    does: [`run ${make}`],
  },
  "a file that is the line itself": {
    given: kernels({ "/etc/kernel/cmdline": "root=/dev/vda1 rw\n" }),
    wish: { parameter: "quiet" },
    does: [note, "write /etc/kernel/cmdline", ...installs, forget],
    leaves: { "/etc/kernel/cmdline": "root=/dev/vda1 rw quiet\n" },
  },
  "tells the boot loader what a killed run has written and not told": {
    given: {
      ...kernels({ "/etc/kernel/cmdline": "root=/dev/vda1 rw quiet\n" }),
      notes: { "kernel_parameter:quiet": "x" },
    },
    wish: { parameter: "quiet" },
    does: [note, ...installs, forget],
    says: { loaded: ["an older text", "as on disk"] },
  },
  "a Raspberry Pi's, which needs nothing made": {
    given: { files: { "/boot/firmware/cmdline.txt": "console=tty1 rootwait" } },
    wish: { parameter: "rootwait", state: "absent" },
    does: ["write /boot/firmware/cmdline.txt"],
    leaves: { "/boot/firmware/cmdline.txt": "console=tty1" },
  },
  "not where entries are files of their own": {
    given: { files: { [grub]: "GRUB_ENABLE_BLSCFG=true\n", "/boot/grub2/grub.cfg": "x\n" } },
    wish: { parameter, value: "off" },
    does: [],
    ends: "failed",
    because: "use grubby",
  },
  "not without a boot loader": {
    given: {},
    wish: { parameter, value: "off" },
    does: [],
    ends: "failed",
    because: "no boot loader is known on this machine (looked for /etc/default/grub",
  },
});

describe("GRUB's defaults", () => {
  const edited = (was: string, value = "1") =>
    printLines(inGrubDefaults(parseLines(was), { name: "x", value }, true));

  test.each([
    ["", 'GRUB_CMDLINE_LINUX="x=1"\n'],
    ["GRUB_CMDLINE_LINUX=\n", 'GRUB_CMDLINE_LINUX="x=1"\n'],
    ["GRUB_CMDLINE_LINUX=a\n", 'GRUB_CMDLINE_LINUX="a x=1"\n'],
    ["GRUB_CMDLINE_LINUX='a  b'", "GRUB_CMDLINE_LINUX='a b x=1'"],
    ['export GRUB_CMDLINE_LINUX="a x=2" # c\r\n', 'export GRUB_CMDLINE_LINUX="a x=1" # c\r\n'],
    ['GRUB_CMDLINE_LINUX="x=1 a x"\n', 'GRUB_CMDLINE_LINUX="x=1 a"\n'],
    ["GRUB_CMDLINE_LINUX='a=\"b c\" x=2'\n", "GRUB_CMDLINE_LINUX='a=\"b c\" x=1'\n"],
    [
      'GRUB_CMDLINE_LINUX_DEFAULT="x quiet"\nGRUB_CMDLINE_LINUX=""\n',
      'GRUB_CMDLINE_LINUX_DEFAULT="quiet"\nGRUB_CMDLINE_LINUX="x=1"\n',
    ],
    [
      '#GRUB_CMDLINE_LINUX="x=2"\nGRUB_CMDLINE_LINUX_RECOVERY="x=2"\n',
      '#GRUB_CMDLINE_LINUX="x=2"\nGRUB_CMDLINE_LINUX_RECOVERY="x=2"\nGRUB_CMDLINE_LINUX="x=1"\n',
    ],
  ])("%j becomes %j", (was, now) => {
    expect(edited(was)).toBe(now);
    expect(edited(now)).toBe(now);
  });

  test.each([
    'GRUB_CMDLINE_LINUX="$GRUB_CMDLINE_LINUX a"',
    "GRUB_CMDLINE_LINUX=`cat /x`",
    'GRUB_CMDLINE_LINUX="a \\',
    "GRUB_CMDLINE_LINUX='a'b",
    'GRUB_CMDLINE_LINUX="a" B=c',
  ])("%s is refused", (line) => {
    expect(() => edited(line)).toThrow("only a shell can read this line");
  });

  test("whatever the file: idempotent, and gone without a trace", () => {
    const words = [
      'GRUB_CMDLINE_LINUX="a b"',
      "GRUB_TIMEOUT=5",
      "GRUB_CMDLINE_LINUX_DEFAULT=quiet",
    ];
    fc.assert(
      fc.property(anyText(words), (was) => {
        const once = edited(was);
        expect(edited(once)).toBe(once);
        const without = printLines(
          inGrubDefaults(parseLines(once), { name: "x", value: "" }, false),
        );
        const lines = without.split("\n").filter((line) => line.includes("GRUB_CMDLINE_LINUX"));
        expect(lines.filter((line) => /["\s]x=/.test(line))).toEqual([]);
        const others = (all: string) =>
          parseLines(all).lines.filter(({ text: line }) => !line.includes("GRUB_CMDLINE_LINUX"));
        expect(others(once).map((line) => line.text)).toEqual(others(was).map((line) => line.text));
      }),
    );
  });
});

test("a command line of nothing but comments gets a line of its own", () => {
  const doc = parseLines("# kernel\n");
  expect(printLines(inCommandLine(doc, { name: "a", value: undefined }, true))).toBe(
    "# kernel\na\n",
  );
  expect(printLines(inCommandLine(doc, { name: "a", value: undefined }, false))).toBe("# kernel\n");
});
