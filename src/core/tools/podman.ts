/** Root's containers of Podman, podman-inspect(1). Its own database says what there is to ask for. Must not know why. */
import { VigoError } from "../errors.ts";
import type { ReadHost } from "../host.ts";
import type { Container } from "./docker.ts";
import { fileText } from "./file-text.ts";
import { unlessDenied } from "./refusal.ts";

const storage = "/var/lib/containers/storage";
const drivers = ["overlay", "vfs", "btrfs", "zfs"];
/** So many at a time fit into what is kept of a command's output. */
const batch = 40;

export async function podmanContainers(host: ReadHost): Promise<readonly Container[]> {
  const files = drivers.map((driver) => `${storage}/${driver}-containers/containers.json`);
  const texts = await Promise.all(files.map((path) => unlessDenied(fileText(host, path))));
  const ids = texts.flatMap((text = "") =>
    [...text.matchAll(/"id"\s*:\s*"([0-9a-f]{64})"/g)].map(([, id = ""]) => id),
  );
  const found: Container[] = [];
  for (let at = 0; at < Math.min(ids.length, 1_000); at += batch)
    found.push(...(await inspected(host, ids.slice(at, at + batch))));
  return found;
}

/** One that went away meanwhile makes the exit code 125, and the others are printed all the same. */
async function inspected(host: ReadHost, ids: readonly string[]): Promise<readonly Container[]> {
  const argv = ["podman", "container", "inspect", "--", ...ids];
  const { stdout, stderr, truncated } = await host.query({ argv, timeoutMs: 8_000 });
  if (stdout.trim() === "" || truncated === true)
    throw new VigoError(
      "failed",
      `podman container inspect: ${stderr.trim() || "too much to read"}`,
    );
  return parseInspected(stdout);
}

interface Inspected {
  readonly Name?: string;
  readonly Image?: string;
  readonly ImageName?: string;
  readonly RestartCount?: number;
  readonly State?: {
    readonly Status?: string;
    readonly Health?: { readonly Status?: string };
    readonly Healthcheck?: { readonly Status?: string };
  };
}

/** The word for health changed with Podman 4. */
export const parseInspected = (json: string): readonly Container[] =>
  (JSON.parse(json) as readonly Inspected[]).map(
    ({ Name = "", Image = "", ImageName = "", RestartCount = 0, State = {} }) => ({
      runtime: "podman",
      name: Name,
      image: ImageName,
      image_id: Image,
      state: State.Status ?? "",
      health: State.Health?.Status ?? State.Healthcheck?.Status ?? "",
      restart_count: RestartCount,
    }),
  );
