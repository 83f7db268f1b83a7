/**
 * The `windows_feature` type: a role or feature of Windows Server, or an optional feature of Windows. Must not know what it is for.
 * Sources: Get-WindowsFeature, Get-WindowsOptionalFeature (learn.microsoft.com).
 */
import type { z } from "zod";
import { VigoError } from "../errors.ts";
import type { ReadHost } from "../host.ts";
import { choice, flag, parameters, text } from "../params.ts";
import { defineResource, differing } from "../resource.ts";
import { askPowershell, isRecord, quoted, tellPowershell } from "../tools/powershell.ts";

const params = () =>
  parameters({
    feature: text("Its name, as Get-WindowsFeature or Get-WindowsOptionalFeature lists it.", {
      pattern: /^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/,
      wanted: "the name of a feature, like Web-Server",
    }),
    state: choice("Absent removes it.", ["present", "absent"]).default("present"),
    include_management: flag("Its management tools too; on Windows Server.").default(false),
  });

type Params = z.output<ReturnType<typeof params>>;

/** `server`: roles and features. `client`: optional features. */
interface Feature {
  readonly kind: "server" | "client";
  readonly installed: boolean;
}

export const windowsFeature = defineResource<Params>({
  name: "windows_feature",
  summary: "Keeps a feature of Windows installed, or away.",
  platforms: ["windows"],
  params,
  main: "feature",
  lane: "windows-features",
  claims: (p) => [{ id: `windows_feature:${p.feature.toLowerCase()}` }],

  async check(p, host) {
    const { installed } = await featureOf(p, host);
    return differing("state", installed ? "present" : "absent", p.state);
  },

  async apply(p, host) {
    const { kind } = await featureOf(p, host);
    await tellPowershell(host, commandFor(p, kind));
  },

  examples: [
    { title: "A web server", params: { feature: "Web-Server", include_management: true } },
    { title: "Not the old protocol", params: { feature: "FS-SMB1", state: "absent" } },
  ],
});

/** What waits for a restart counts as done. */
const question = (name: string) =>
  [
    "if(Get-Command Get-WindowsFeature -ErrorAction SilentlyContinue)",
    `{$f=Get-WindowsFeature -Name ${quoted(name)}; $k='server'; $s=[string]$f.InstallState}`,
    `else {$f=Get-WindowsOptionalFeature -Online -FeatureName ${quoted(name)}; $k='client'; $s=[string]$f.State};`,
    "ConvertTo-Json -Compress -InputObject @{known=[bool]$f;kind=$k;state=$s}",
  ].join(" ");

const there: readonly string[] = ["Installed", "InstallPending", "Enabled", "EnablePending"];

async function featureOf({ feature }: Params, host: ReadHost): Promise<Feature> {
  const answer = await askPowershell(host, question(feature));
  if (!isRecord(answer) || typeof answer["state"] !== "string")
    throw new VigoError("failed", "what Windows says of its features cannot be read");
  if (answer["known"] !== true)
    throw new VigoError("failed", `Windows has no feature ${feature}`, {
      hint: "Get-WindowsFeature on a server, Get-WindowsOptionalFeature -Online elsewhere, lists them",
    });
  return {
    kind: answer["kind"] === "server" ? "server" : "client",
    installed: there.includes(answer["state"]),
  };
}

function commandFor({ feature, state, include_management }: Params, kind: Feature["kind"]): string {
  const name = quoted(feature);
  const tools = include_management ? " -IncludeManagementTools" : "";
  if (kind === "server")
    return `$null=${state === "present" ? "Install" : "Uninstall"}-WindowsFeature -Name ${name}${tools}`;
  return state === "present"
    ? `$null=Enable-WindowsOptionalFeature -Online -FeatureName ${name} -All -NoRestart`
    : `$null=Disable-WindowsOptionalFeature -Online -FeatureName ${name} -NoRestart`;
}
