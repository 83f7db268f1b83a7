/** Mounts that `/etc/fstab` asks for (fstab(5)), but for the root's own and for swap. Must not know what is mounted. */
import { type Part, textOf } from "./found.ts";

/** The escapes of fstab(5) for what would end a field. */
const plain = (field: string) =>
  field.replace(/\\([0-7]{3})/g, (_, digits: string) =>
    String.fromCharCode(Number.parseInt(digits, 8)),
  );

export const mounts: Part = {
  name: "mounts",
  summary: "Mounts in /etc/fstab",
  async find(host) {
    const lines = (await textOf(host, "/etc/fstab")).split("\n");
    return lines
      .map((line) =>
        line
          .replace(/^\s*#.*/, "")
          .trim()
          .split(/\s+/)
          .map(plain),
      )
      .filter(
        ([, path, fstype]) => path?.startsWith("/") === true && path !== "/" && fstype !== "swap",
      )
      .map(
        ([device = "", path = "", fstype = "", options = "defaults", dump = "0", pass = "0"]) => ({
          type: "mount",
          params: {
            path,
            device,
            fstype,
            options,
            dump: Number(dump),
            pass: Number(pass),
            state: "present",
          },
        }),
      );
  },
};
