/** A Windows machine whose PowerShell answers as `tests/fixtures/windows-11` has it. Must not know traits. */
import { readFileSync } from "node:fs";
import { type FactGroup, factsScript } from "../../src/core/tools/windows-facts.ts";
import { type Answer, fakeHost } from "./fake-host.ts";
import { powershellLine, windows } from "./powershell.ts";

export const factGroups: readonly FactGroup[] = ["machine", "now", "software", "updates"];

export const windowsRecord = (group: FactGroup): string =>
  readFileSync(`tests/fixtures/windows-11/${group}.json`, "utf8");

/** `answers` stand before what is recorded; `asked` is every group that PowerShell was started for, in order. */
export function recordedWindows(answers: Partial<Record<FactGroup, Answer>> = {}) {
  const asked: FactGroup[] = [];
  const fake = fakeHost({
    os: { ...windows, distro: "windows", version: "", arch: "amd64" },
    now: new Date("2025-11-21T09:00:00Z"),
    agent: { version: "0.9.0", runDurationMs: 85.4 },
    addresses: [
      { interface: "Loopback Pseudo-Interface 1", family: "ipv4", address: "127.0.0.1", prefix: 8 },
      { interface: "Ethernet", family: "ipv4", address: "192.0.2.7", prefix: 24 },
      { interface: "Ethernet", family: "ipv6", address: "2001:db8::7", prefix: 64 },
    ],
    commands: Object.fromEntries(
      factGroups.map((group): [string, Answer] => [
        powershellLine(factsScript(group)),
        (files) => {
          asked.push(group);
          const answer = answers[group] ?? windowsRecord(group);
          return typeof answer === "function" ? answer(files) : answer;
        },
      ]),
    ),
  });
  return { ...fake, asked };
}
