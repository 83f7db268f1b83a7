/** The `package_source_audit` trait: where packages come from, and who has to have signed them. Must not know packages. */
import { z } from "zod";
import { packageSources } from "../tools/package-sources.ts";
import { defineTrait } from "../trait.ts";

export const packageSourceAudit = defineTrait({
  name: "package_source_audit",
  summary: "Sources that packages are installed from.",
  platforms: ["linux"],
  keep: "hour",
  value: () =>
    z.strictObject({
      sources: z
        .array(
          z.strictObject({
            type: z.enum(["apt", "dnf", "zypper", "apk", "pacman"]),
            kind: z.string(),
            file: z.string(),
            line: z.int().min(1),
            url: z.string(),
            suite: z.string(),
            enabled: z.boolean(),
            signed_by: z.string(),
          }),
        )
        .meta({
          description:
            "Each: package manager, kind (deb, deb-src, rpm, apk, pacman), file and line, address without credentials, suite and components or name of the repository, whether it is used, the key that has to have signed it (a path, `inline`, `yes`: any trusted one, empty: none).",
        }),
      unsigned_count: z
        .int()
        .min(0)
        .meta({ description: "Sources in use that nobody has to have signed." }),
    }),
  async collect(host) {
    const sources = await packageSources(host);
    if (sources === undefined) return undefined;
    const unsigned = sources.filter(({ enabled, signed_by }) => enabled && signed_by === "");
    return { sources: [...sources], unsigned_count: unsigned.length };
  },
  example: {
    sources: [
      {
        type: "apt",
        kind: "deb",
        file: "/etc/apt/sources.list.d/debian.sources",
        line: 1,
        url: "http://deb.example.org/debian",
        suite: "bookworm main",
        enabled: true,
        signed_by: "/usr/share/keyrings/debian-archive-keyring.gpg",
      },
    ],
    unsigned_count: 0,
  },
});
