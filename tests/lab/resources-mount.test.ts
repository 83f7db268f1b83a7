/** The `mount` type without disks, on a real Debian host: in memory, folders in another place, what may be away; and fstab. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import type { LabHost } from "./host.ts";
import { bootHosts, type Lab, noLab } from "./lab.ts";
import { applying } from "./applying.ts";
import { lifeTimeoutMs, liveThrough } from "./life.ts";
import { mounts } from "./lives/mounts.ts";
import { builtVigo } from "./vigo.ts";

/** As somebody left it: what is not ours in it is compared at the end. */
const fstab =
  "# <file system> <mount point> <type>\n\n#tmpfs /srv/mem ext4\n//nas/share\t/mnt/nas   cifs noauto  0 0 # not now";

const why = noLab();

describe.skipIf(why !== undefined)("on a real host", () => {
  let lab: Lab;
  let host: LabHost;
  beforeAll(async () => {
    lab = await bootHosts(1, { vigo: builtVigo() });
    [host] = lab.hosts as [LabHost];
    await host.put("/etc/fstab", fstab);
    await host.put("/srv/pages/page", "hi\n");
    await host.sh("chmod 640 /etc/fstab; chown root:adm /etc/fstab");
  }, 300_000);
  afterAll(() => lab?.end());

  for (const [name, life] of Object.entries(mounts))
    test(name, () => liveThrough(host, name, life), lifeTimeoutMs);

  test("what is not ours in fstab is as it was", async () => {
    expect(await host.get("/etc/fstab")).toBe(fstab);
    expect(await host.sh("stat -c '%a %U %G' /etc/fstab")).toBe("640 root adm\n");
  });

  test("another thing that is mounted there goes, and what is in use says so", async () => {
    const wish = "{ name: mem, type: mount, path: /srv/other, device: tmpfs, fstype: tmpfs }";
    await host.sh("mkdir -p /srv/other; mount --bind /srv/pages /srv/other");
    expect((await applying(host)("other", [wish])).outcome).toBe("changed");
    expect(await host.sh("findmnt -rno FSTYPE /srv/other")).toBe("tmpfs\n");
    await host.sh("systemd-run -q --unit=holder --working-directory=/srv/other sleep 600");
    const out = ["{ name: mem, type: mount, path: /srv/other, state: unmounted }"];
    const { resources } = await applying(host)("busy", out);
    expect(resources[0]?.reason).toMatch(/^umount \/srv\/other: .*busy.*fuser -vm \/srv\/other/);
    await host.sh("systemctl stop holder");
    expect((await applying(host)("busy", out)).outcome).toBe("changed");
    expect(await host.sh("grep -c other /etc/fstab")).toBe("1\n");
  }, 300_000);
});
