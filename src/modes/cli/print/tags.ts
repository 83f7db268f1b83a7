/** Envoys with their tags, and how both are named. Must not know what was done to them. */
import type { Answer } from "../../../core/api/endpoint.ts";
import type { tagEnvoys } from "../../../core/api/tags.ts";
import type { Args } from "../../../core/command/args.ts";
import type { Screen } from "../../../core/command/screen.ts";
import { table } from "./table.ts";
import { visible } from "./text.ts";

export const tagArgs = {
  who: {
    type: "positional",
    description:
      "Hostname, UUID, pattern, @role, @environment, tag:NAME, note:TEXT, or `where: CONDITION`, in quotes.",
  },
  tag: {
    type: "positional",
    description: "Letters, digits and _.=/- , 64 at most.",
    many: true,
  },
} as const satisfies Args;

export const printTagged = ({ envoys }: Answer<typeof tagEnvoys>, screen: Screen): string =>
  table(
    screen,
    ["HOSTNAME", "TAGS"],
    envoys.map(({ hostname, tags }) => [visible(hostname), visible(tags.join(" "))]),
    "",
  );
