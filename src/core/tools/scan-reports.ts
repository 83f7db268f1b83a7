/**
 * What security scanners leave behind, read as texts: trivy, debsecan, lynis, rkhunter, chkrootkit, ClamAV, AIDE, OpenSCAP.
 * Must not know where the reports are, nor run anything.
 */
import { jsonIn } from "../text/json-in.ts";

export interface Scan {
  /** What the report counts, by a word of its own. */
  readonly counts: Record<string, number>;
  /** CVE ids, sorted, each once. */
  readonly cves: string[];
}

/** A hole in an installed package. */
export interface Hole {
  readonly cve: string;
  readonly package: string;
  /** low, medium, high, critical, unknown */
  readonly severity: string;
}

const mostCves = 5_000;

const count = (text: string, pattern: RegExp) => [...text.matchAll(pattern)].length;
const number = (text: string, pattern: RegExp) => Number(pattern.exec(text)?.[1] ?? 0);
const unique = (ids: readonly string[]) => [...new Set(ids)].sort().slice(0, mostCves);

/** Of `--format json`. Undefined: it is no such report. */
export function trivyHoles(text: string): readonly Hole[] | undefined {
  const { Results: results } = (jsonOf(text) ?? {}) as { Results?: unknown };
  if (!Array.isArray(results)) return undefined;
  return (results as readonly TrivyResult[]).flatMap(({ Vulnerabilities }) =>
    (Vulnerabilities ?? []).map(({ VulnerabilityID = "", PkgName = "", Severity = "UNKNOWN" }) => ({
      cve: VulnerabilityID,
      package: PkgName,
      severity: Severity.toLowerCase(),
    })),
  );
}

interface TrivyResult {
  readonly Vulnerabilities?: readonly {
    readonly VulnerabilityID?: string;
    readonly PkgName?: string;
    readonly Severity?: string;
  }[];
}

function jsonOf(text: string): object | undefined {
  const found = jsonIn(text);
  return typeof found === "object" && found !== null ? found : undefined;
}

/** `/var/lib/debsecan/history`: a version, a time, lines `CVE,package,F` where F means that there is a fix. */
export function debsecanHoles(
  text: string,
): readonly (Hole & { readonly fixed: boolean })[] | undefined {
  if (!/^VERSION [01]\n/.test(text)) return undefined;
  return [...text.matchAll(/^([A-Z]+-[\w-]+),([^,\n]+),(F| )$/gm)].map(
    ([, cve = "", name = "", fixed]) => ({
      cve,
      package: name,
      severity: "unknown",
      fixed: fixed === "F",
    }),
  );
}

export function fromTrivy(text: string): Scan | undefined {
  const holes = trivyHoles(text);
  if (holes === undefined) return undefined;
  const levels = ["critical", "high", "medium", "low", "unknown"];
  const of = (level: string) => holes.filter(({ severity }) => severity === level).length;
  return {
    counts: Object.fromEntries(levels.map((level) => [level, of(level)])),
    cves: unique(holes.map(({ cve }) => cve)),
  };
}

export function fromDebsecan(text: string): Scan | undefined {
  const holes = debsecanHoles(text);
  if (holes === undefined) return undefined;
  return {
    counts: { total: holes.length, fixed: holes.filter(({ fixed }) => fixed).length },
    cves: unique(holes.map(({ cve }) => cve)),
  };
}

/** `lynis-report.dat`: assignments, and `name[]=` once for each. */
export function fromLynis(text: string): Scan | undefined {
  if (!/^lynis_version=/m.test(text)) return undefined;
  return {
    counts: {
      hardening_index: number(text, /^hardening_index=(\d+)/m),
      warnings: count(text, /^warning\[\]=/gm),
      suggestions: count(text, /^suggestion\[\]=/gm),
    },
    cves: [],
  };
}

/** `rkhunter.log`: each line has its time before it. */
export function fromRkhunter(text: string): Scan | undefined {
  if (!/Rootkit Hunter/i.test(text)) return undefined;
  return {
    counts: {
      warnings: count(text, /^\[[\d:]+\] Warning:/gm),
      suspect_files: number(text, /Suspect files: (\d+)/),
      possible_rootkits: number(text, /Possible rootkits: (\d+)/),
    },
    cves: [],
  };
}

export function fromChkrootkit(text: string): Scan | undefined {
  if (!/^ROOTDIR is|^Checking `|^Searching for/m.test(text)) return undefined;
  return {
    counts: { infected: count(text, /\bINFECTED\b/g), warnings: count(text, /^WARNING\b/gm) },
    cves: [],
  };
}

/** Of clamscan, clamd and clamonacc: `/path: Name FOUND`. */
export const fromClamav = (text: string): Scan => ({
  counts: { infected: count(text, /: \S.* FOUND$/gm) },
  cves: [],
});

export function fromAide(text: string): Scan | undefined {
  if (!/\bAIDE\b/.test(text)) return undefined;
  return {
    counts: {
      added: number(text, /^\s*Added entries:\s+(\d+)/m),
      removed: number(text, /^\s*Removed entries:\s+(\d+)/m),
      changed: number(text, /^\s*Changed entries:\s+(\d+)/m),
    },
    cves: [],
  };
}

/** XCCDF 1.2 results; a definition of OVAL that is true names its CVEs. */
export function fromOscap(text: string): Scan | undefined {
  if (!/<(?:\w+:)?(?:TestResult|oval_results)\b/.test(text)) return undefined;
  const result = (word: string) =>
    count(text, new RegExp(`<(?:\\w+:)?result>${word}</(?:\\w+:)?result>`, "g"));
  return {
    counts: { pass: result("pass"), fail: result("fail"), error: result("error") },
    cves: [],
  };
}
