import { beforeAll, describe, expect, test } from "bun:test";
import { VigoError } from "../../src/core/errors.ts";
import { certificateIn } from "../../src/core/tools/certificate-facts.ts";
import { certLifecycle } from "../../src/core/traits/cert_lifecycle.ts";
import { collect } from "../support/collect.ts";
import { fakeHost } from "../support/fake-host.ts";

const day = 86_400_000;
let [web, ca] = ["", ""];
let ends = 0;
beforeAll(async () => {
  [web, ca] = (await Promise.all(
    ["web", "ca"].map((name) => Bun.file(`tests/fixtures/certificates/${name}.pem`).text()),
  )) as [string, string];
  const { stdout } = Bun.spawnSync([
    "openssl",
    "x509",
    "-noout",
    "-enddate",
    "-in",
    "tests/fixtures/certificates/web.pem",
  ]);
  ends = Date.parse(stdout.toString().replace("notAfter=", ""));
});

describe("cert_lifecycle", () => {
  test("of a server: its own, not those of authorities", async () => {
    const files = {
      "/etc/letsencrypt/live/example.com/cert.pem": web,
      "/etc/letsencrypt/live/example.com/privkey.pem":
        "-----BEGIN PRIVATE KEY-----\nAA==\n-----END PRIVATE KEY-----\n",
      "/etc/letsencrypt/live/example.com/fullchain.pem": web + ca,
      "/etc/ssl/certs/ca-certificates.crt": ca.repeat(140),
      "/etc/ssl/certs/own.pem": ca,
      "/etc/ssl/certs/broken.pem":
        "-----BEGIN CERTIFICATE-----\nnonsense\n-----END CERTIFICATE-----\n",
      "/etc/ssl/certs/notes.txt": web,
      "/usr/share/ca-certificates/mozilla/X.crt": ca,
    };
    const nodes = {
      "/etc/ssl/certs/X.pem": {
        kind: "symlink",
        target: "/usr/share/ca-certificates/mozilla/X.crt",
      },
    } as const;
    const { host } = fakeHost({ files, nodes, now: new Date(ends - 58.5 * day) });
    const value = await collect(certLifecycle, host);
    expect(value?.certificates.map(({ path }) => path)).toEqual([
      "/etc/letsencrypt/live/example.com/cert.pem",
      "/etc/letsencrypt/live/example.com/fullchain.pem",
      "/etc/ssl/certs/own.pem",
    ]);
    expect(value?.certificates[0]).toEqual({
      path: "/etc/letsencrypt/live/example.com/cert.pem",
      cn: "www.example.com",
      sans: ["www.example.com", "example.com", "192.0.2.7", "2001:DB8:0:0:0:0:0:7"],
      issuer: "Example Root",
      serial: "04F1A2",
      not_after: new Date(ends).toISOString(),
      days_left: 58,
      is_ca: false,
    });
    expect(value?.certificates[2]).toMatchObject({
      cn: "Example Root",
      issuer: "Example Root",
      is_ca: true,
    });
  });

  test("what has ended counts on below zero", () => {
    const told = (now: number) => certificateIn(web, "/x", new Date(now))?.days_left;
    expect([ends - day, ends - 1, ends, ends + 1, ends + day].map(told)).toEqual([1, 0, 0, -1, -1]);
  });

  test("folders that only root may read are left out without root", async () => {
    const { host } = fakeHost({ files: { "/etc/ssl/own.pem": web } });
    const list: typeof host.list = async (path) => {
      if (path.startsWith("/etc/letsencrypt")) throw new VigoError("denied", "cannot list");
      return host.list(path);
    };
    expect((await collect(certLifecycle, { ...host, list }))?.certificates).toHaveLength(1);
  });

  test("a machine without any", async () => {
    expect(await collect(certLifecycle, fakeHost().host)).toEqual({ certificates: [] });
  });
});
