/** The types of structured files, archives, downloads, and a few of the system, on a real Debian host. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { createHash } from "node:crypto";
import { writeFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { tar } from "../support/tar.ts";
import type { LabHost } from "./host.ts";
import { bootHosts, type Lab, noLab } from "./lab.ts";
import { applying, type Life, liveThrough } from "./life.ts";
import { proven } from "./proof.ts";
import { builtVigo } from "./vigo.ts";

const packed = gzipSync(
  tar([
    { name: "tool-1/", type: "5", mode: 0o755 },
    { name: "tool-1/run", body: "go\n", mode: 0o755 },
    { name: "tool-1/latest", type: "2", target: "run" },
  ]),
);
const sha256 = createHash("sha256").update(packed).digest("hex");

const lives = (url: string): Readonly<Record<string, Life>> => ({
  json_file: {
    wish: [
      "{ name: size, type: json_file, target_path: /srv/app.json, key: log.size, value: 10 }",
      "{ name: tags, type: json_file, target_path: /srv/app.json, key: tags, value: [a, '2', true] }",
    ],
    ask: "cat /srv/app.json; stat -c '%a %U' /srv/app.json",
    stands:
      '{\n\t// kept\n\t"log": {"size": 10},\n\t"tags": [\n\t\t"a",\n\t\t2,\n\t\ttrue\n\t]\n}640 daemon\n',
    harm: `sed -i 's/10/11/; s/"a"/"b"/' /srv/app.json`,
    found: ["size", "tags"],
    away: [
      "{ name: size, type: json_file, target_path: /srv/app.json, key: log.size, state: absent }",
      "{ name: tags, type: json_file, target_path: /srv/app.json, key: tags, state: absent }",
    ],
    gone: "grep -E 'size|tags' /srv/app.json",
  },
  yaml_file: {
    wish: [
      "{ name: port, type: yaml_file, target_path: /srv/app.yaml, key: web.port, value: 8080 }",
      "{ name: hosts, type: yaml_file, target_path: /srv/app.yaml, key: 'web.hosts[1]', value: b }",
    ],
    ask: "cat /srv/app.yaml",
    stands: "# head\nweb:\n    port: 8080   # kept\n    hosts:\n    - 'a'\n    - b\n\n# tail\n",
    harm: "sed -i 's/8080/80/; /- b/d' /srv/app.yaml",
    found: ["port", "hosts"],
    away: ["{ name: web, type: yaml_file, target_path: /srv/app.yaml, key: web, state: absent }"],
    gone: "grep -v '^#' /srv/app.yaml | grep .",
  },
  toml_file: {
    wish: [
      "{ name: level, type: toml_file, target_path: /srv/app.toml, key: log.level, value: debug }",
      "{ name: mirror, type: toml_file, target_path: /srv/app.toml, key: mirror, value: { url: x, port: 80 } }",
    ],
    ask: "cat /srv/app.toml",
    stands: "# head\n[log] # kept\nlevel = 'debug'\n\n[mirror]\nport = 80\nurl = \"x\"\n",
    harm: "sed -i 's/debug/info/; s/80/81/' /srv/app.toml",
    found: ["level", "mirror"],
    away: [
      "{ name: log, type: toml_file, target_path: /srv/app.toml, key: log, state: absent }",
      "{ name: mirror, type: toml_file, target_path: /srv/app.toml, key: mirror, state: absent }",
    ],
    gone: "grep -v '^#' /srv/app.toml | grep .",
  },
  xml_file: {
    wish: [
      "{ name: port, type: xml_file, target_path: /srv/app.xml, xpath: \"/a/b[@id='1']\", attribute: port, value: 81 }",
      "{ name: text, type: xml_file, target_path: /srv/app.xml, xpath: /a/c, value: 'x < y' }",
    ],
    ask: "cat /srv/app.xml",
    stands: "<a>\n  <!-- kept -->\n  <b id='1' port='81'/>\n  <c>x &lt; y</c>\n</a>",
    harm: "sed -i 's/81/80/; /<c>/d' /srv/app.xml",
    found: ["port", "text"],
    away: [
      "{ name: port, type: xml_file, target_path: /srv/app.xml, xpath: /a/b, state: absent }",
      "{ name: text, type: xml_file, target_path: /srv/app.xml, xpath: /a/c, state: absent }",
    ],
    gone: "grep -E '<[bc]' /srv/app.xml",
  },
  download: {
    wish: [
      `{ name: tool, type: download, url: '${url}/tool.tgz', target_path: /srv/tool.tgz, sha256: ${sha256}, mode: '0640', group: adm }`,
    ],
    ask: "stat -c '%a %U %G' /srv/tool.tgz; sha256sum </srv/tool.tgz",
    stands: `640 root adm\n${sha256}  -\n`,
    harm: "echo x >>/srv/tool.tgz; chmod 666 /srv/tool.tgz",
    found: ["tool"],
    away: ["{ name: tool, type: download, target_path: /srv/tool.tgz, state: absent }"],
    gone: "ls /srv/tool.tgz 2>/dev/null",
  },
  archive: {
    wish: [
      `{ name: tool, type: archive, source_url: '${url}/tool.tgz', target_path: /srv/tool, sha256: ${sha256}, strip_components: 1 }`,
    ],
    ask: "cat /srv/tool/latest; stat -c '%a %U' /srv/tool/run",
    stands: "go\n755 root\n",
    harm: "rm /srv/tool/run; touch /srv/tool/mine",
    found: ["tool"],
    away: [
      `{ name: tool, type: archive, source_url: '${url}/tool.tgz', target_path: /srv/tool, state: absent }`,
    ],
    gone: "ls -A /srv/tool | grep -v mine",
  },
  cron: {
    wish: [
      "{ name: night, type: cron, cron: night, command: 'date +%F >/srv/night', hour: 2, minute: 30 }",
      "{ name: often, type: cron, cron: often, command: 'true', schedule: '*/5 * * * *', user: games, file: crontab }",
    ],
    ask: "stat -c '%a %U' /etc/cron.d/night; crontab -l -u games; stat -c '%a %U %G' /var/spool/cron/crontabs/games",
    stands: "644 root\n1 * * * * false\n# vigo: often\n*/5 * * * * true\n600 games crontab\n",
    harm: "chmod 666 /etc/cron.d/night; crontab -l -u games | sed 's/true/x/' | crontab -u games -",
    found: ["night", "often"],
    away: [
      "{ name: night, type: cron, cron: night, state: absent }",
      "{ name: often, type: cron, cron: often, user: games, file: crontab, state: absent }",
    ],
    gone: "ls /etc/cron.d/night 2>/dev/null; crontab -l -u games | grep -v false",
  },
  alternatives: {
    wish: [
      "{ name: ed, type: alternatives, alternative: lab-ed, path: /bin/cat, link: /usr/bin/lab-ed, priority: 10 }",
    ],
    ask: "readlink -f /usr/bin/lab-ed; update-alternatives --query lab-ed | grep -E '^(Status|Priority)'",
    stands: "/usr/bin/cat\nStatus: manual\nPriority: 10\n",
    harm: "update-alternatives --quiet --auto lab-ed",
    found: ["ed"],
    away: ["{ name: ed, type: alternatives, alternative: lab-ed, path: /bin/cat, state: absent }"],
    gone: "ls /usr/bin/lab-ed /etc/alternatives/lab-ed 2>/dev/null",
  },
});

const why = noLab();

describe.skipIf(why !== undefined)("on a real host", () => {
  let lab: Lab;
  let host: LabHost;
  let url: string;
  beforeAll(async () => {
    lab = await bootHosts(1, { vigo: builtVigo() });
    [host] = lab.hosts as [LabHost];
    const folder = lab.folder("files");
    writeFileSync(`${folder}/tool.tgz`, packed);
    url = (await lab.serve(folder)).replace(/\/$/, "");
    await host.put("/srv/app.json", '{\n\t// kept\n\t"log": {"size": 1}\n}');
    await host.sh("chmod 640 /srv/app.json; chown daemon /srv/app.json; mkdir /srv/tool");
    await host.put(
      "/srv/app.yaml",
      "# head\nweb:\n    port: 80   # kept\n    hosts:\n    - 'a'\n\n# tail\n",
    );
    await host.put("/srv/app.toml", "# head\n[log] # kept\nlevel = 'info'\n");
    await host.put("/srv/app.xml", "<a>\n  <!-- kept -->\n  <b id='1' port='80'/>\n</a>");
    await host.sh("echo '1 * * * * false' | crontab -u games -");
  }, 300_000);
  afterAll(() => lab?.end());

  for (const name of Object.keys(lives("")))
    test(
      name,
      async () => {
        const life = lives(url)[name];
        if (life === undefined) throw new Error(`no life of ${name}`);
        await liveThrough(host, name, life);
      },
      180_000,
    );

  test("time zone and name of the machine", async () => {
    const apply = applying(host);
    const wish = [
      "{ name: zone, type: timezone, timezone: Europe/Vienna }",
      "{ name: called, type: hostname, hostname: lab.example.net }",
    ];
    const first = await apply("names", wish);
    expect(first.resources.map(({ outcome, reason }) => reason ?? outcome)).toEqual([
      "changed",
      "changed",
    ]);
    expect((await apply("names", wish)).outcome).toBe("ok");
    expect(
      await host.sh("date +%Z | tr -d 'ES'; cat /etc/timezone; hostname; cat /etc/hostname"),
    ).toBe("CT\nEurope/Vienna\nlab.example.net\nlab.example.net\n");
    await host.sh("hostname other; ln -sf /usr/share/zoneinfo/UTC /etc/localtime");
    const mended = await apply("names", wish);
    expect(
      mended.resources.map(({ changes }) => changes.map(({ field, cause }) => [field, cause])),
    ).toEqual([[["zone", "drift"]], [["running", "drift"]]]);
    proven(host, "timezone", "hostname");
  }, 60_000);
});
