/** `vigo cli server status` */
import { serverStatus } from "../../../../core/api/server.ts";
import { command } from "../../command.ts";
import { relative } from "../../print/moment.ts";
import { facts } from "../../print/table.ts";
import { stood } from "../../print/text.ts";

export default command({
  args: {},
  run: (_, { call }) => call(serverStatus, { params: {} }),
  print: (server, screen) => {
    const now = new Date();
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
      ["database", `${database.driver}, ${(database.size_bytes / 1_048_576).toFixed(1)} MiB`],
      ["ports", `agents ${server.grpc_port}, HTTPS ${server.api_port}`],
      ["CA", `sha256 ${server.ca_fingerprint}`],
      ["certificate", `ends ${relative(server.certificate_expires_at, now)}`],
    ]);
  },
});
