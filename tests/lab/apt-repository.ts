/**
 * A small apt repository, made with Debian's own tools: a package `hello-vigo` in two versions, whose service counts its starts
 * and reloads and remembers the configuration it read last. Must not know hosts.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { outside } from "./outside.ts";

const service = `[Unit]
Description=Counts its starts and reloads

[Service]
ExecStart=/usr/sbin/hello-vigo
ExecReload=/bin/kill -HUP $MAINPID
# Who starts it finds the folder.
Type=exec
StateDirectory=hello-vigo

[Install]
WantedBy=multi-user.target
`;

/** It remembers before it counts, so whoever sees the count finds the configuration there. */
const program = `#!/bin/sh
state=/var/lib/hello-vigo
count() {
  cp /etc/hello-vigo.conf "$state/config"
  n=$(cat "$state/$1" 2>/dev/null || echo 0)
  echo $((n + 1)) >"$state/$1.new" && mv "$state/$1.new" "$state/$1"
}
trap 'count reloads' HUP
count starts
while :; do
  sleep 3600 &
  wait $!
  kill $! 2>/dev/null
done
`;

const control = (version: string) => `Package: hello-vigo
Version: ${version}
Architecture: all
Maintainer: Vigo's tests <nobody@example.com>
Description: a service that counts
`;

function build(folder: string, version: string): void {
  const root = join(folder, "build", version);
  const file = (path: string, content: string, mode = 0o644) => {
    mkdirSync(join(root, path, ".."), { recursive: true });
    writeFileSync(join(root, path), content, { mode });
  };
  file("DEBIAN/control", control(version));
  file("DEBIAN/conffiles", "/etc/hello-vigo.conf\n");
  file("etc/hello-vigo.conf", `greeting from the package, ${version}\n`);
  file("lib/systemd/system/hello-vigo.service", service);
  file("usr/sbin/hello-vigo", program, 0o755);
  outside("dpkg-deb", "--build", "--root-owner-group", root, join(folder, "pool"));
}

/** Gives the folder to serve; adding a version means calling it again with all of them. */
export function aptRepository(folder: string, versions: readonly string[]): string {
  mkdirSync(join(folder, "pool"), { recursive: true });
  for (const version of versions) build(folder, version);
  const index = outside(
    "sh",
    "-c",
    'cd "$1" && dpkg-scanpackages -m . 2>/dev/null',
    "sh",
    join(folder, "pool"),
  );
  writeFileSync(join(folder, "pool/Packages"), index);
  return join(folder, "pool");
}

/** The line of sources.list(5) for it. */
export const aptSource = (url: string): string => `deb [trusted=yes] ${url} ./\n`;
