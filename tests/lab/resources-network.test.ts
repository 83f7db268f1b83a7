/**
 * Certificates, firewalls, networks, containers and backups on a real Debian host that may change its own network: what a program
 * reads is what that program says is in force.
 */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import type { LabHost } from "./host.ts";
import { bootHosts, type Lab, noLab } from "./lab.ts";
import { type Life, liveThrough } from "./life.ts";
import { builtVigo } from "./vigo.ts";

const packages = ["ca-certificates", "openssl"];

const lives: Readonly<Record<string, Life>> = {
  "certificate, as openssl reads it": {
    wish: [
      "{ name: own, type: certificate, path: /srv/own.pem, key: /srv/own.key, common_name: web, names: [web.lab, 10.0.0.1, 'fd00::1'], days: 90, trust: true }",
      "{ name: asked, type: certificate, path: /srv/db.pem, key: /srv/db.key, request: /srv/db.csr, common_name: db, key_kind: rsa-2048, group: adm }",
    ],
    ask: "openssl verify /srv/own.pem; openssl x509 -in /srv/own.pem -noout -subject -checkip fd00::1; openssl req -in /srv/db.csr -noout -subject -verify 2>&1; stat -c '%a %G' /srv/own.key /srv/db.key /srv/own.pem",
    stands:
      "/srv/own.pem: OK\nsubject=CN = web\nIP fd00::1 does match certificate\nCertificate request self-signature verify OK\nsubject=CN = db\n600 root\n600 adm\n644 root\n",
    harm: "chmod 644 /srv/own.key; openssl req -x509 -newkey ed25519 -nodes -subj /CN=web -keyout /dev/null -out /srv/own.pem 2>/dev/null; chgrp root /srv/db.key; echo >/srv/db.csr",
    found: ["own", "asked"],
    away: [
      "{ name: own, type: certificate, path: /srv/own.pem, key: /srv/own.key, trust: true, state: absent }",
      "{ name: asked, type: certificate, path: /srv/db.pem, key: /srv/db.key, request: /srv/db.csr, state: absent }",
    ],
    gone: "ls /srv; ls /usr/local/share/ca-certificates; ls /etc/ssl/certs | grep own",
  },
};

const why = noLab();

describe.skipIf(why !== undefined)("on a real host", () => {
  let lab: Lab;
  let host: LabHost;
  beforeAll(async () => {
    lab = await bootHosts(1, { vigo: builtVigo(), packages });
    [host] = lab.hosts as [LabHost];
  }, 300_000);
  afterAll(() => lab?.end());

  for (const [name, life] of Object.entries(lives))
    test(name, () => liveThrough(host, name, life), 180_000);
});
