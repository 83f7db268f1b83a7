/** The `flatpak` type: applications and runtimes for all users of the machine. Must not know remotes: those are configured before. */
import type { z } from "zod";
import { choice, parameters, text } from "../params.ts";
import { defineResource, differing } from "../resource.ts";
import { flatpak as run, installedFlatpaks } from "../tools/flatpak.ts";

const params = () =>
  parameters({
    package: text("Its identifier, such as `org.mozilla.firefox`.", {
      pattern: /^[A-Za-z_][\w-]*(?:\.[A-Za-z_][\w-]*){2,}$/,
      wanted: "an identifier with at least two dots",
    }),
    state: choice("Absent removes it.", ["present", "absent"]).default("present"),
    remote: text(
      "Name of the remote that it comes from. Without it any that is configured will do.",
      { pattern: /^[A-Za-z0-9][\w.-]*$/, wanted: "the name of a remote" },
    ).exactOptional(),
  });

type Params = z.output<ReturnType<typeof params>>;

export const flatpak = defineResource<Params>({
  name: "flatpak",
  summary: "Keeps a flatpak installed for all users.",
  platforms: ["linux"],
  params,
  main: "package",
  lane: "package",
  claims: (p) => [{ id: `flatpak:${p.package}` }],
  after: () => ["package:flatpak"],

  async check(p, host) {
    const origin = (await installedFlatpaks(host)).get(p.package);
    if (p.state === "absent") return differing("remote", origin, undefined);
    if (origin === undefined) return differing("remote", undefined, p.remote ?? "any");
    return p.remote === undefined ? [] : differing("remote", origin, p.remote);
  },

  /** From another remote it is installed anew; what it keeps of its users stays. */
  async apply(p, host, changes) {
    if (p.state === "absent") return await run(host, ["uninstall"], [p.package]);
    const anew = changes.some(({ from }) => from !== undefined) ? ["--reinstall"] : [];
    const from = p.remote === undefined ? [] : [p.remote];
    await run(host, ["install", ...anew], [...from, p.package]);
  },

  examples: [
    { title: "An application", params: { package: "org.mozilla.firefox", remote: "flathub" } },
    { title: "No such application", params: { package: "com.example.Game", state: "absent" } },
  ],
});
