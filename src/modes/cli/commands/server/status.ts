/** `vigo cli server status` */
import type { Answer } from "../../../../core/api/endpoint.ts";
import { showTrend } from "../../../../core/api/history.ts";
import { serverStatus } from "../../../../core/api/server.ts";
import type { Screen } from "../../../../core/command/screen.ts";
import { command } from "../../command.ts";
import { printTrend } from "../../print/history.ts";
import { mebibytes } from "../../print/size.ts";
import { relative } from "../../print/moment.ts";
import { facts } from "../../print/table.ts";
import { stood } from "../../print/text.ts";
import { sinceFlag } from "../../since.ts";

export default command({
  args: {
    trend: { type: "boolean", description: "How the fleet has been doing as well." },
    ...sinceFlag("7d"),
  },
  examples: ["vigo cli server status --trend --since 24h"],
  run: async ({ trend, since }, { call }) => {
    const server = await call(serverStatus, { params: {} });
    if (!trend) return server;
    const { samples } = await call(showTrend, { params: {}, query: { since } });
    return { ...server, trend: samples };
  },
  print: (server, screen) => {
    const now = new Date();
    const told = printServer(screen, server, now);
    return "trend" in server ? `${told}\n\n${printTrend(screen, server.trend, now)}` : told;
  },
});

function printServer(
  screen: Pick<Screen, "colour">,
  server: Answer<typeof serverStatus>,
  now: Date,
): string {
  const envoys = Object.entries(server.envoys)
    .filter(([, count]) => count > 0)
    .map(([status, count]) => `${count} ${stood(screen, status)}`);
  const { database, convergence_pct: share } = server;
  return facts([
    ["version", server.version],
    ["id", server.server_id],
    ["started", relative(server.started_at, now)],
    [
      "policy",
      server.policy_version === 0 ? "nothing published yet" : String(server.policy_version),
    ],
    ["envoys", envoys.length === 0 ? "none" : envoys.join(", ")],
    ["converged", share === undefined ? undefined : `${share} %`],
    ["revoked", server.revoked === 0 ? undefined : String(server.revoked)],
    [
      "waiting",
      server.waiting === 0 ? undefined : `${server.waiting} machines: vigo cli enroll pending`,
    ],
    ["database", `${database.driver}, ${mebibytes(database.size_bytes)}`],
    ["ports", `agents ${server.grpc_port}, HTTPS ${server.api_port}`],
    ["CA", `sha256 ${server.ca_fingerprint}`],
    ["certificate", `ends ${relative(server.certificate_expires_at, now)}`],
  ]);
}
