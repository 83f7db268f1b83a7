/** What can be told to people, and how badly they need to know. Must not know how it is found out, nor how it is sent. */

export const severities = ["info", "warning", "critical"] as const;
export type Severity = (typeof severities)[number];

/** Severity by kind. `recovered` ends what `stale`, `failed` or `drift` of the same subject began. */
export const kinds = {
  "envoy.stale": "warning",
  "envoy.recovered": "info",
  "envoy.enrolled": "info",
  "envoy.waiting": "warning",
  "envoy.revoked": "warning",
  "envoy.cloned": "critical",
  "envoy.moved": "warning",
  "envoy.hostname": "warning",
  "run.failed": "warning",
  "run.drift": "warning",
  "convergence.threshold": "critical",
  "convergence.recovered": "info",
  "publish.published": "info",
  "publish.widened": "info",
  "publish.finished": "info",
  "publish.rolled_back": "critical",
  "publish.frozen": "warning",
  "publish.unfrozen": "info",
  "policy.unresolved": "warning",
  "task.started": "info",
  "task.done": "info",
  "task.failed": "warning",
  "task.stopped": "warning",
  "task.cancelled": "info",
  "workflow.started": "info",
  "workflow.waiting": "warning",
  "workflow.done": "info",
  "workflow.failed": "warning",
  "workflow.aborted": "warning",
  "security.signature_failed": "critical",
  "security.bundle_key_replaced": "warning",
  "security.audit_broken": "critical",
  "certificate.expiring": "critical",
  "license.expiring": "warning",
  "license.full": "warning",
  "license.expired": "critical",
  "license.unreadable": "critical",
  "alerts.test": "info",
} as const satisfies Readonly<Record<string, Severity>>;

export type Kind = keyof typeof kinds;

export interface AlertEvent {
  readonly kind: Kind;
  readonly at: number;
  /** A hostname, a version, `fleet`: what it is about. */
  readonly subject: string;
  /** One line. */
  readonly title: string;
  readonly detail: Readonly<Record<string, string | number>>;
  /** The same for what began and for what ends it. */
  readonly about: string;
}

/** `publish.*`, `*`, or a kind; without any, what is more than an information. */
export function wants(events: readonly string[], kind: Kind): boolean {
  if (kind === "alerts.test") return true;
  if (events.length === 0) return kinds[kind] !== "info";
  return events.some(
    (one) =>
      one === "*" || one === kind || (one.endsWith(".*") && kind.startsWith(one.slice(0, -1))),
  );
}

const mostNamed = 20;
const fewEnough = 5;

/** Many of one kind at one time are one event: nobody reads ten thousand mails. */
export function grouped(events: readonly AlertEvent[]): readonly AlertEvent[] {
  const byKind = Map.groupBy(events, ({ kind }) => kind);
  return [...byKind.values()].flatMap((all) => {
    const [first] = all;
    if (first === undefined || all.length <= fewEnough) return all;
    const names = all.map(({ subject }) => subject);
    const more = names.length > mostNamed ? ` and ${names.length - mostNamed} more` : "";
    return [
      {
        kind: first.kind,
        at: first.at,
        subject: `${all.length} envoys`,
        title: `${first.kind}: ${all.length} envoys`,
        detail: { envoys: `${names.slice(0, mostNamed).join(", ")}${more}`, count: all.length },
        about: `${first.kind} ${first.at}`,
      },
    ];
  });
}
