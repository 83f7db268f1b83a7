/** Vigo in the lab: the executable under test and its units, as an administrator would install them. */
import { existsSync } from "node:fs";
import type { LabHost } from "./host.ts";

/** What `bun run build` makes. */
export function builtVigo(): string {
  const path = "dist/vigo";
  if (!existsSync(path)) throw new Error(`there is no ${path}: run \`bun run build\` first`);
  return path;
}

export const unit = (name: "server" | "agent"): Promise<string> =>
  Bun.file(`packaging/vigo-${name}.service`).text();

/** As the README says: the program, its user, its home and its unit. */
export async function installServer(host: LabHost): Promise<void> {
  await host.put("/etc/systemd/system/vigo-server.service", await unit("server"));
  await host.sh(`
    install -m 0755 /opt/vigo/vigo /usr/local/bin/vigo
    useradd --system --home-dir /srv/vigo --shell /usr/sbin/nologin vigo
    install -d -o vigo -g vigo -m 0750 /srv/vigo
    systemctl daemon-reload
    systemctl enable -q --now vigo-server`);
}
