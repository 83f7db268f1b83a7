/**
 * A run with nothing to do over 1,000 mixed resources on a real host of the lab, as a whole process: files, lines, packages, services, users
 * and kernel parameters. Each kind alone as well, for what it costs. Needs root (docs/design/facts.md, "A lab of real machines").
 * Usage: bun bench/mixed.ts [ROUNDS]; VIGO_BINARY names the executable (d: dist/vigo).
 */
import type { LabHost } from "../tests/lab/host.ts";
import { bootHosts } from "../tests/lab/lab.ts";
import { builtVigo } from "../tests/lab/vigo.ts";
import { median } from "./support/measure.ts";
import { table } from "./support/table.ts";

const rounds = Number(process.argv[2] ?? 7);
const each = (count: number, make: (index: number) => string) =>
  Array.from({ length: count }, (_, index) => make(index));
const lines = (text: string) => text.split("\n").filter((line) => line !== "");

/** What there must be on the host before. */
async function furnished(host: LabHost): Promise<void> {
  await host.sh(
    `
    mkdir -p /srv/files /srv/lines
    for i in $(seq 0 149); do
      printf '[Service]\\nType=oneshot\\nRemainAfterExit=yes\\nExecStart=/bin/true\\n[Install]\\nWantedBy=multi-user.target\\n' >/etc/systemd/system/bench-$i.service
      useradd --no-create-home bench$i
    done
    for i in $(seq 0 19); do seq 1 200 | sed 's/^/setting/' >/srv/lines/$i; done
    systemctl daemon-reload
    systemctl enable -q --now $(seq -f 'bench-%.0f.service' 0 149)`,
    { timeoutMs: 300_000 },
  );
}

async function wishes(host: LabHost): Promise<Readonly<Record<string, readonly string[]>>> {
  const packages = lines(await host.sh("dpkg-query -f '${Package}\\n' -W")).slice(0, 100);
  const keys = lines(
    await host.sh("sysctl -a 2>/dev/null | grep '^net\\.' | grep -v '= *$'"),
  ).slice(0, 100);
  return {
    files: each(
      250,
      (i) =>
        `{ type: file, target_path: /srv/files/${i}, mode: "0640", content: "${"a line of text\\n".repeat(20)}" }`,
    ),
    lines: each(
      250,
      (i) =>
        `{ name: line${i}, type: file_line, target_path: /srv/lines/${i % 20}, line: bench${i} }`,
    ),
    packages: packages.map((name) => `{ type: package, package: ${name} }`),
    services: each(150, (i) => `{ type: service, service: bench-${i}, enabled: true }`),
    users: each(
      150,
      (i) => `{ type: user, username: bench${i}, shell: /bin/sh, manage_home: false }`,
    ),
    sysctls: keys.map((line) => {
      const [key, value] = line.split(/ *= */);
      return `{ type: sysctl, key: ${key?.replace(/\.(\d+)\./, "/$1.")}, value: ${JSON.stringify(value)} }`;
    }),
  };
}

const argvFor = (crate: string, ...more: readonly string[]) => [
  "/opt/vigo/vigo",
  "agent",
  "apply",
  `/root/${crate}.vgo`,
  ...more,
];

/** Until the second look: what was changed a moment ago is looked at in full. */
async function settled(host: LabHost, crate: string, resources: readonly string[]): Promise<void> {
  const text = [`configcrate: ${crate}`, "resources:", ...resources.map((one) => `  - ${one}`)];
  await host.put(`/root/${crate}.vgo`, `${text.join("\n")}\n`);
  await host.ok(argvFor(crate), { timeoutMs: 600_000 });
  await Bun.sleep(2_500);
  await host.ok(argvFor(crate), { timeoutMs: 600_000 });
}

/** Seconds of the clock, of the processor in the program and in the kernel for it, as bash tells them. */
async function once(host: LabHost, crate: string) {
  const timed = `TIMEFORMAT='%R %U %S'; time "$@" >/dev/null`;
  const { code, stderr } = await host.run(["bash", "-c", timed, "bash", ...argvFor(crate)]);
  if (code !== 0) throw new Error(stderr);
  const [wall = 0, user = 0, system = 0] = (lines(stderr).at(-1) ?? "").split(" ").map(Number);
  return { wall: wall * 1000, cpu: (user + system) * 1000 };
}

/** MiB, the most that was held at any time. */
async function peak(host: LabHost, crate: string): Promise<number> {
  const watching = `"$@" >/dev/null & while grep VmHWM /proc/$!/status; do :; done; true`;
  const told = await host.ok(["sh", "-c", watching, "sh", ...argvFor(crate)]);
  return Number(/(\d+) kB\s*$/.exec(told)?.[1]) / 1024;
}

async function measured(host: LabHost, crate: string, resources: readonly string[]) {
  await settled(host, crate, resources);
  const figures = [];
  for (let round = 0; round < rounds; round++) figures.push(await once(host, crate));
  const [wall, cpu] = [
    median(figures.map((one) => one.wall)),
    median(figures.map((one) => one.cpu)),
  ];
  return [crate, resources.length, wall, cpu, await peak(host, crate)] as const;
}

const lab = await bootHosts(1, { vigo: builtVigo() });
try {
  const [host] = lab.hosts;
  if (host === undefined) throw new Error("no host");
  await furnished(host);
  const kinds = await wishes(host);
  const rows = [];
  for (const [kind, resources] of Object.entries(kinds))
    rows.push(await measured(host, kind, resources));
  rows.push(await measured(host, "all", Object.values(kinds).flat()));
  process.stdout.write(
    `no-op over mixed resources on a host of the lab, medians of ${rounds}, whole processes\n\n${table(["", "resources", "wall ms", "cpu ms", "peak MiB"], rows)}\n`,
  );
} finally {
  lab.end();
}
