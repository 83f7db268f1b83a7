import { expect, test } from "bun:test";
import { locale } from "../../src/core/traits/locale.ts";
import { collect } from "../support/collect.ts";
import { fakeHost } from "../support/fake-host.ts";

test.each([
  [
    "Fedora and SUSE",
    {
      "/etc/locale.conf": 'LANG="de_DE.UTF-8"\nLC_TIME=C\n',
      "/etc/vconsole.conf": "KEYMAP=de-nodeadkeys\nFONT=x\n",
    },
    { lang: "de_DE.UTF-8", keymap: "de-nodeadkeys" },
  ],
  [
    "Debian",
    {
      "/etc/default/locale": "#  File\nLANG=en_GB.UTF-8\n",
      "/etc/default/keyboard": 'XKBMODEL="pc105"\nXKBLAYOUT="gb"\n',
    },
    { lang: "en_GB.UTF-8", keymap: "gb" },
  ],
  [
    "Alpine",
    {
      "/etc/profile.d/20locale.sh": `export CHARSET=\${CHARSET:-UTF-8}\nexport LANG=\${LANG:-C.UTF-8}\n`,
      "/etc/conf.d/loadkmap": "KEYMAP=/etc/keymap/fr-latin9.bmap.gz\n",
    },
    { lang: "C.UTF-8", keymap: "fr-latin9" },
  ],
  ["OpenRC", { "/etc/conf.d/keymaps": '# comment\nkeymap="us"\n' }, { lang: "", keymap: "us" }],
  ["nothing set", {}, { lang: "", keymap: "" }],
])("%s", async (_, files, value) => {
  expect(await collect(locale, fakeHost({ files: { ...files } }).host)).toEqual(value);
});
