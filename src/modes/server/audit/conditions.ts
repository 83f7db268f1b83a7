/** What people are told when the audit log does not hold. Must not know how they are told. */
import type { Condition } from "../alerts/conditions.ts";
import type { Heads } from "./heads.ts";

export const auditConditions = ({ trouble }: Pick<Heads, "trouble">): readonly Condition[] =>
  trouble === undefined
    ? []
    : [
        {
          kind: "security.audit_broken",
          subject: "audit",
          title: `the audit log was tampered with: ${trouble}`,
          detail: {},
          about: `audit ${trouble}`,
        },
      ];
