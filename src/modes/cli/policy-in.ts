/** The policy of stacks that must be readable for what is to be shown of them. Must not know what that is. */
import type { Screen } from "../../core/command/screen.ts";
import { VigoError } from "../../core/errors.ts";
import type { Policy } from "../../core/policy/policy.ts";
import { counted, printFindings } from "./print/problems.ts";
import type { Checked } from "./stacks.ts";

/** Prints what is wrong and throws `failed` when the text itself is at fault. */
export function policyIn(checked: Checked, screen: Pick<Screen, "colour" | "err">): Policy {
  if (checked.policy !== undefined) return checked.policy;
  screen.err(printFindings(screen, { ...checked, warnings: [] }, "text"));
  throw new VigoError("failed", `the stacks cannot be read: ${counted(checked)}`, {
    hint: "mend them first: `vigo cli config validate`",
  });
}
