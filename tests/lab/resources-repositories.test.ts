/**
 * Repositories with their keys, packages and software from no repository, and what is installed beyond what is declared: on real
 * hosts, by the real tools.
 */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { createHash } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { aptRepository } from "./apt-repository.ts";
import { asRedhat, asSuse } from "./foreign-packages.ts";
import type { LabHost } from "./host.ts";
import { Lab, noLab } from "./lab.ts";
import { applying } from "./applying.ts";
import { filled, lifeTimeoutMs, liveThrough } from "./life.ts";
import { debianSources, dnfRepository, zypperRepository } from "./lives/repositories.ts";
import { signIndex, signingKey } from "./signed-repository.ts";
import { builtVigo } from "./vigo.ts";

type Known = Readonly<Record<"URL" | "FPR" | "SHA", string>>;

const debianPackages = ["gpg", "gpg-agent", "flatpak", "ostree"];

/** Two remotes that have one application. */
const flatpakRemotes = `
  mkdir -p /srv/flat/rt/usr /srv/flat/rt/files /srv/flat/app/files /srv/flat/app/export; cd /srv/flat
  printf '[Runtime]\nname=org.vigo.Platform\nruntime=org.vigo.Platform/x86_64/1\n' >rt/metadata
  printf '[Application]\nname=org.vigo.Hello\nruntime=org.vigo.Platform/x86_64/1\ncommand=x\n' >app/metadata
  for arch in $(flatpak --default-arch); do sed -i "s/x86_64/$arch/" */metadata; done
  flatpak build-export --disable-sandbox --runtime repo rt 1; flatpak build-export --disable-sandbox repo app stable
  cp -a repo repo2; for at in lab=repo other=repo2; do
    flatpak remote-add --system --no-gpg-verify \${at%=*} /srv/flat/\${at#*=}; done`;

/** A package signed with the host's key, in a repository of its own whose index is signed too, as zypper wants it. */
const signedRpm = `
  cd /srv; sed 's/vigo-other/vigo-signed/g; s/^Version.*/Version: 1/' vigo-other.spec >vigo-signed.spec
  sed -i 's/echo 2-1/echo 1-1/' vigo-signed.spec
  rpmbuild -bb --quiet --define '_rpmdir /srv/signed' --define '_topdir /srv/rpmbuild' vigo-signed.spec 2>&1
  rpmsign --define '_gpg_name lab@example.com' --define '_gpg_path /srv/gpg' --define '__gpg /usr/bin/gpg' --addsign signed/noarch/*.rpm 2>&1
  createrepo_c -q signed
  gpg --batch --quiet --homedir /srv/gpg --armor --detach-sign signed/repodata/repomd.xml`;

describe.skipIf(noLab() !== undefined)("on real hosts", () => {
  let lab: Lab;
  let folder: string;
  let url: string;
  beforeAll(async () => {
    lab = new Lab();
    folder = aptRepository(lab.folder("apt"), ["1.0", "1.1"]);
    url = await lab.serve(folder);
  });
  afterAll(() => lab?.end());

  describe("with apt", () => {
    let host: LabHost;
    let known: Known;
    beforeAll(async () => {
      [host] = (await lab.boot(["debian"], {
        vigo: builtVigo(),
        packages: debianPackages,
      })) as [LabHost];
      await host.sh(flatpakRemotes);
      const { key, fingerprint } = await signingKey(host);
      writeFileSync(join(folder, "key.asc"), key);
      await signIndex(host, folder);
      const deb = await Bun.file(join(folder, "hello-vigo_1.0_all.deb")).bytes();
      const sha256 = createHash("sha256").update(deb).digest("hex");
      known = { URL: url, FPR: fingerprint, SHA: sha256 };
      await host.put(
        "/srv/new.deb",
        await Bun.file(join(folder, "hello-vigo_1.1_all.deb")).bytes(),
      );
      await host.sh(`cd /srv; mkdir -p tool-1.4/bin; printf '#!/bin/sh\\necho tool 1.4\\n' >tool-1.4/bin/tool
        echo read >tool-1.4/readme; chmod 755 tool-1.4/bin/tool; tar czf tool-1.4.tar.gz tool-1.4`);
      const release = await host.ok(["base64", "/srv/tool-1.4.tar.gz"]);
      writeFileSync(join(folder, "tool-1.4.tar.gz"), Buffer.from(release, "base64"));
    }, 300_000);

    for (const [name, life] of Object.entries(debianSources))
      test(name, () => liveThrough(host, name, filled(life, known)), lifeTimeoutMs);

    test("a package that somebody installed by hand is reported", async () => {
      await host.sh("dpkg -i /srv/new.deb");
      const wish = "{ name: only, type: package_set, packages: [sudo], keep: ['[!h]*'] }";
      const { resources } = await applying(host)("report", [wish]);
      expect(resources[0]).toMatchObject({
        outcome: "failed",
        reason: expect.stringMatching(/^a package is installed and not declared: hello-vigo \(/),
      });
    }, 60_000);

    test("another key than the declared one is refused, and nothing written", async () => {
      const wish = `{ name: bad, type: repository, repository: bad, repo: 'deb ${url} ./', key_url: '${url}/key.asc', key_fingerprint: ${"0".repeat(40)} }`;
      const { resources } = await applying(host)("bad", [wish]);
      expect(resources[0]).toMatchObject({
        outcome: "failed",
        reason: expect.stringContaining(`is ${known.FPR}, not 0000`),
      });
      expect(await host.sh("ls /etc/apt/sources.list.d /etc/apt/keyrings")).not.toContain("bad");
    }, 60_000);
  });

  describe.each([
    [
      "dnf",
      ["rpm", "dnf", "dnf-plugins-core", "createrepo-c", "gpg", "gpg-agent"],
      asRedhat,
      dnfRepository,
    ],
    ["zypper", ["rpm", "zypper", "createrepo-c", "gpg", "gpg-agent"], asSuse, zypperRepository],
  ] as const)("with %s", (name, packages, become, life) => {
    let host: LabHost;
    let known: Known;
    beforeAll(async () => {
      [host] = (await lab.boot([name], { vigo: builtVigo(), packages })) as [LabHost];
      await become(host);
      const { key, fingerprint } = await signingKey(host);
      const served = lab.folder(`keys-${name}`);
      writeFileSync(join(served, "key.asc"), key);
      known = { URL: await lab.serve(served), FPR: fingerprint, SHA: "" };
      await host.sh(signedRpm);
    }, 300_000);

    test("repository, signed", () => liveThrough(host, name, filled(life, known)), lifeTimeoutMs);
  });
});
