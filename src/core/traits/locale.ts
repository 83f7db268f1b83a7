/**
 * The `locale` trait: language and keyboard as the system is set up, from locale.conf(5), vconsole.conf(5) and what Debian and
 * Alpine have in their place. Must not know what a user has chosen.
 */
import { z } from "zod";
import type { ReadHost } from "../host.ts";
import { parseOsRelease } from "../text/os-release.ts";
import { fileText } from "../tools/file-text.ts";
import { defineTrait } from "../trait.ts";

export const locale = defineTrait({
  name: "locale",
  summary: "Language and keyboard of the system.",
  platforms: ["linux"],
  elsewhere: {
    darwin: () => (require("./darwin/settings.ts") as typeof import("./darwin/settings.ts")).locale,
    windows: () => (require("./windows/system.ts") as typeof import("./windows/system.ts")).locale,
  },
  keep: "boot",
  value: () =>
    z.strictObject({
      lang: z.string().meta({ description: "LANG of the system; empty: not set, which is C." }),
      keymap: z.string().meta({ description: "Layout of the keyboard; empty where none is set." }),
    }),
  async collect(host) {
    return {
      lang: await first(host, [
        ["/etc/locale.conf", "LANG"],
        ["/etc/default/locale", "LANG"],
        ["/etc/sysconfig/i18n", "LANG"],
        ["/etc/profile.d/20locale.sh", "LANG"],
      ]),
      keymap: await first(host, [
        ["/etc/vconsole.conf", "KEYMAP"],
        ["/etc/default/keyboard", "XKBLAYOUT"],
        ["/etc/conf.d/loadkmap", "KEYMAP"],
        ["/etc/conf.d/keymaps", "keymap"],
      ]),
    };
  },
  example: { lang: "en_GB.UTF-8", keymap: "gb" },
});

async function first(
  host: ReadHost,
  places: readonly (readonly [path: string, name: string])[],
): Promise<string> {
  for (const [path, name] of places) {
    const text = await fileText(host, path);
    const found = text === undefined ? "" : settingIn(text, name);
    if (found !== "") return found;
  }
  return "";
}

/**
 * Alpine exports with a default (`export LANG=${LANG:-C.UTF-8}`), and names its keyboard by the file of the map
 * (`/etc/keymap/de.bmap.gz`).
 */
export function settingIn(text: string, name: string): string {
  const lines = text.replace(/^export[ \t]+/gm, "").replace(/^keymap=/gm, "KEYMAP=");
  const value = parseOsRelease(lines).get(name.toUpperCase()) ?? "";
  const [, otherwise = value] = /^\$\{\w+:-([^}]*)\}$/.exec(value) ?? [];
  const [, map = otherwise] = /^\/.*\/([^/]+?)\.b?map(?:\.gz)?$/.exec(otherwise) ?? [];
  return map;
}
