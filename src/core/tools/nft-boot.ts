/** What the service nftables loads at boot: files of ours in `/etc/nftables.d`, and the line that includes them. */
import { VigoError } from "../errors.ts";
import type { Host, ReadHost } from "../host.ts";
import { withLine } from "../text/file-line.ts";
import type { FileEdit } from "./edited-file.ts";
import { type OwnFile, writeOwnFile } from "./own-file.ts";

export const nftFolder = "/etc/nftables.d";

const mainFiles: ReadonlyMap<string, string> = new Map([
  ["debian", "/etc/nftables.conf"],
  ["arch", "/etc/nftables.conf"],
  ["rhel", "/etc/sysconfig/nftables.conf"],
  ["alpine", "/etc/nftables.nft"],
]);

/** The edit that makes the service load ours. */
export function nftInclude({ os }: ReadHost): FileEdit {
  const path = mainFiles.get(os.family);
  if (path === undefined)
    throw new VigoError("failed", `persist: not for ${os.distro}`, {
      hint: "say persist: false, and have the table loaded at boot by other means",
    });
  const line = `include "${nftFolder}/*.nft"`;
  const edit: FileEdit["edit"] = (doc) => withLine(doc, { line, position: "end" });
  return { path, present: true, create: false, edit };
}

export async function storeNft(host: Host, own: OwnFile): Promise<void> {
  if (own.text !== undefined && (await host.stat(nftFolder)) === undefined)
    await host.mkdir(nftFolder, { mode: 0o755 });
  await writeOwnFile(host, own);
}
