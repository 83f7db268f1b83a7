/** Lives of structured files, archives, downloads, checkouts, jobs and the like. `URL` and `SHA` stand for what the lab serves. Must not know hosts. */
import type { Life } from "../life.ts";

/** There before any of them. */
export const structuredGiven: Readonly<Record<string, string>> = {
  "/srv/app.json": '{\n\t// kept\n\t"log": {"size": 1}\n}',
  "/srv/app.yaml": "# head\nweb:\n    port: 80   # kept\n    hosts:\n    - 'a'\n\n# tail\n",
  "/srv/app.toml": "# head\n[log] # kept\nlevel = 'info'\n",
  "/srv/app.xml": "<a>\n  <!-- kept -->\n  <b id='1' port='80'/>\n  <e/>\n</a>",
};

/** Two repositories, the first with a tag, another branch and a part of its own; and an archive. */
export const structuredBefore = `chmod 640 /srv/app.json; chown daemon /srv/app.json; mkdir /srv/tool /srv/tool2
  echo '1 * * * * false' | crontab -u games -
  mkdir -p /srv/pack/top; echo hi >/srv/pack/top/page; tar -C /srv/pack -czf /srv/pack.tgz top
  export GIT_AUTHOR_NAME=a GIT_AUTHOR_EMAIL=a@b GIT_COMMITTER_NAME=a GIT_COMMITTER_EMAIL=a@b
  git config --system safe.directory '*'
  git init -q -b main /srv/part; cd /srv/part; echo part >part; git add part; git commit -qm one
  systemd-run -q git daemon --base-path=/srv --export-all --listen=127.0.0.1; until git ls-remote -q git://127.0.0.1/part >/dev/null 2>&1; do sleep 0.1; done
  git init -q -b main /srv/repo; cd /srv/repo; echo one >page; git add page; git commit -qm one; git tag v1
  git submodule -q add git://127.0.0.1/part part; echo two >page; git commit -qam two; git clone -q /srv/repo /srv/repo2`;

export const structured: Readonly<Record<string, Life>> = {
  json_file: {
    wish: [
      "{ name: size, type: json_file, target_path: /srv/app.json, key: log.size, value: 10 }",
      "{ name: tags, type: json_file, target_path: /srv/app.json, key: tags, value: [a, '2', true] }",
      "{ name: text, type: json_file, target_path: /srv/fresh.json, key: a.b, value: '7', value_type: text, create: true, indent: 4 }",
    ],
    ask: "cat /srv/app.json; stat -c '%a %U' /srv/app.json; cat /srv/fresh.json",
    stands:
      '{\n\t// kept\n\t"log": {"size": 10},\n\t"tags": [\n\t\t"a",\n\t\t2,\n\t\ttrue\n\t]\n}640 daemon\n{\n    "a": {\n        "b": "7"\n    }\n}\n',
    harm: {
      "size.value": "sed -i s/10/11/ /srv/app.json",
      "tags.value": `sed -i 's/"a"/"b"/' /srv/app.json`,
      "text.value_type": `sed -i 's/"7"/7/' /srv/fresh.json`,
      "text.create text.indent text.key text.state": "rm /srv/fresh.json",
    },
    away: [
      "{ name: size, type: json_file, target_path: /srv/app.json, key: log.size, state: absent }",
      "{ name: tags, type: json_file, target_path: /srv/app.json, key: tags, state: absent }",
      "{ name: text, type: json_file, target_path: /srv/fresh.json, key: a, state: absent }",
    ],
    gone: "grep -E 'size|tags|b' /srv/app.json /srv/fresh.json",
  },
  yaml_file: {
    wish: [
      "{ name: port, type: yaml_file, target_path: /srv/app.yaml, key: web.port, value: 8080 }",
      "{ name: hosts, type: yaml_file, target_path: /srv/app.yaml, key: 'web.hosts[1]', value: b }",
      "{ name: text, type: yaml_file, target_path: /srv/fresh.yaml, key: a.b, value: '7', value_type: text, create: true, indent: 3 }",
    ],
    ask: "cat /srv/app.yaml /srv/fresh.yaml",
    stands:
      "# head\nweb:\n    port: 8080   # kept\n    hosts:\n    - 'a'\n    - b\n\n# tail\na:\n   b: \"7\"\n",
    harm: {
      "port.value": "sed -i s/8080/80/ /srv/app.yaml",
      "hosts.key hosts.state": "sed -i '/- b/d' /srv/app.yaml",
      "text.value_type": `sed -i 's/"7"/7/' /srv/fresh.yaml`,
      "text.create text.indent": "rm /srv/fresh.yaml",
    },
    away: [
      "{ name: web, type: yaml_file, target_path: /srv/app.yaml, key: web, state: absent }",
      "{ name: text, type: yaml_file, target_path: /srv/fresh.yaml, key: a, state: absent }",
    ],
    gone: "grep -v '^#' /srv/app.yaml | grep .; grep b: /srv/fresh.yaml",
  },
  toml_file: {
    wish: [
      "{ name: level, type: toml_file, target_path: /srv/app.toml, key: log.level, value: debug }",
      "{ name: mirror, type: toml_file, target_path: /srv/app.toml, key: mirror, value: { url: x, port: 80 } }",
      "{ name: text, type: toml_file, target_path: /srv/fresh.toml, key: a, value: '7', value_type: text, create: true }",
    ],
    ask: "cat /srv/app.toml /srv/fresh.toml",
    stands: '# head\n[log] # kept\nlevel = \'debug\'\n\n[mirror]\nport = 80\nurl = "x"\na = "7"\n',
    harm: {
      "level.value": "sed -i s/debug/info/ /srv/app.toml",
      "mirror.value": "sed -i s/80/81/ /srv/app.toml",
      "mirror.key mirror.state": "sed -i '/^$/,$d' /srv/app.toml",
      "text.value_type": `sed -i 's/"7"/7/' /srv/fresh.toml`,
      "text.create": "rm /srv/fresh.toml",
    },
    away: [
      "{ name: log, type: toml_file, target_path: /srv/app.toml, key: log, state: absent }",
      "{ name: mirror, type: toml_file, target_path: /srv/app.toml, key: mirror, state: absent }",
      "{ name: text, type: toml_file, target_path: /srv/fresh.toml, key: a, state: absent }",
    ],
    gone: "grep -v '^#' /srv/app.toml | grep .; cat /srv/fresh.toml",
  },
  xml_file: {
    wish: [
      "{ name: port, type: xml_file, target_path: /srv/app.xml, xpath: \"/a/b[@id='1']\", attribute: port, value: 81 }",
      "{ name: text, type: xml_file, target_path: /srv/app.xml, xpath: /a/c, value: 'x < y' }",
      "{ name: attribute, type: xml_file, target_path: /srv/app.xml, xpath: /a/e, attribute: new, value: 1 }",
    ],
    ask: "cat /srv/app.xml",
    stands:
      "<a>\n  <!-- kept -->\n  <b id='1' port='81'/>\n  <e new=\"1\"/>\n  <c>x &lt; y</c>\n</a>",
    harm: {
      "port.value": "sed -i s/81/80/ /srv/app.xml",
      "attribute.attribute": `sed -i 's/ new="1"//' /srv/app.xml`,
      "text.xpath text.state": "sed -i '/<c>/d' /srv/app.xml",
    },
    away: [
      "{ name: port, type: xml_file, target_path: /srv/app.xml, xpath: /a/b, state: absent }",
      "{ name: text, type: xml_file, target_path: /srv/app.xml, xpath: /a/c, state: absent }",
      "{ name: attribute, type: xml_file, target_path: /srv/app.xml, xpath: /a/e, state: absent }",
    ],
    gone: "grep -E '<[bce]' /srv/app.xml",
  },
  download: {
    wish: [
      "{ name: tool, type: download, url: 'URL/tool.tgz', target_path: /srv/tool.tgz, sha256: SHA, mode: '0640', owner: daemon, group: adm }",
      "{ name: fetched, type: file, target_path: /srv/fetched.tgz, source_url: 'URL/tool.tgz', sha256: SHA }",
    ],
    ask: "stat -c '%a %U %G' /srv/tool.tgz; sha256sum </srv/tool.tgz; sha256sum </srv/fetched.tgz",
    stands: "640 daemon adm\nSHA  -\nSHA  -\n",
    harm: {
      "tool.url tool.sha256": "echo x >>/srv/tool.tgz",
      "tool.mode": "chmod 666 /srv/tool.tgz",
      "tool.owner": "chown root /srv/tool.tgz",
      "tool.group": "chgrp root /srv/tool.tgz",
      "tool.state": "rm /srv/tool.tgz",
      "fetched.source_url fetched.sha256": "echo x >>/srv/fetched.tgz",
    },
    away: [
      "{ name: tool, type: download, target_path: /srv/tool.tgz, state: absent }",
      "{ name: fetched, type: file, target_path: /srv/fetched.tgz, state: absent }",
    ],
    gone: "ls /srv/tool.tgz /srv/fetched.tgz 2>/dev/null",
  },
  archive: {
    wish: [
      "{ name: tool, type: archive, source_url: 'URL/tool.tgz', target_path: /srv/tool, sha256: SHA, strip_components: 1 }",
      "{ name: local, type: archive, source_path: /srv/pack.tgz, target_path: /srv/tool2, creates: /srv/tool2/top/page }",
    ],
    ask: "cat /srv/tool/latest; stat -c '%a %U' /srv/tool/run; cat /srv/tool2/top/page",
    stands: "go\n755 root\nhi\n",
    harm: {
      "tool.source_url tool.strip_components": "rm /srv/tool/run",
      "tool.state": "rm -r /srv/tool/* /srv/tool/.vigo*",
      "local.creates local.source_path": "rm /srv/tool2/top/page",
    },
    mild: "touch /srv/tool/mine",
    away: [
      "{ name: tool, type: archive, source_url: 'URL/tool.tgz', target_path: /srv/tool, state: absent }",
      "{ name: local, type: archive, source_path: /srv/pack.tgz, target_path: /srv/tool2, state: absent }",
    ],
    gone: "ls -A /srv/tool | grep -v mine; ls -A /srv/tool2",
  },
  git: {
    wish: [
      "{ name: app, type: git, path: /srv/co/app, repo: /srv/repo, revision: v1, force: true }",
      "{ name: whole, type: git, path: /srv/co/whole, repo: 'file:///srv/repo', depth: 1, submodules: true, user: games }",
    ],
    before: "mkdir -p /srv/co; chown games /srv/co",
    ask: "cd /srv/co; cat app/page whole/page whole/part/part; git -C app remote get-url origin; stat -c %U whole whole/page; git -C whole rev-list --count HEAD; git -C app status --short",
    stands: "one\ntwo\npart\n/srv/repo\ngames\ngames\n1\n",
    harm: {
      "app.repo": "git -C /srv/co/app remote set-url origin /srv/repo2",
      "app.revision": "cd /srv/co/app; git fetch -q origin main; git checkout -q FETCH_HEAD",
      "app.force": "echo mine >/srv/co/app/page",
      "app.state": "rm -r /srv/co/app",
      "whole.submodules": "runuser -u games -- git -C /srv/co/whole submodule -q deinit -f part",
      "whole.depth whole.user": "rm -r /srv/co/whole",
    },
    away: [
      "{ name: app, type: git, path: /srv/co/app, state: absent, force: true }",
      "{ name: whole, type: git, path: /srv/co/whole, state: absent }",
    ],
    gone: "ls /srv/co",
  },
  cron: {
    wish: [
      "{ name: night, type: cron, cron: night, command: 'date +%F >/srv/night', minute: 30, hour: 2, day: 1-7, month: jan, weekday: mon, user: games, environment: { MAILTO: ops } }",
      "{ name: often, type: cron, cron: often, command: 'true', schedule: '*/5 * * * *', user: games, file: crontab }",
    ],
    ask: "stat -c '%a %U' /etc/cron.d/night; grep -v '^# ' /etc/cron.d/night; crontab -l -u games; stat -c '%a %U %G' /var/spool/cron/crontabs/games",
    stands:
      '644 root\nMAILTO="ops"\n30 2 1-7 jan mon games date +\\%F >/srv/night\n1 * * * * false\n# vigo: often\n*/5 * * * * true\n600 games crontab\n',
    harm: {
      "night.state": "rm /etc/cron.d/night; touch /etc/cron.d/night; chmod 666 /etc/cron.d/night",
      "night.minute": "sed -i 's/^30/31/' /etc/cron.d/night",
      "night.hour": "sed -i 's/ 2 1-7/ 3 1-7/' /etc/cron.d/night",
      "night.day": "sed -i s/1-7/1-8/ /etc/cron.d/night",
      "night.month": "sed -i s/jan/feb/ /etc/cron.d/night",
      "night.weekday": "sed -i s/mon/tue/ /etc/cron.d/night",
      "night.user": "sed -i s/games/root/ /etc/cron.d/night",
      "night.environment": "sed -i s/ops/evil/ /etc/cron.d/night",
      "night.command": "sed -i s/date/who/ /etc/cron.d/night",
      "often.command": "crontab -l -u games | sed 's/true/x/' | crontab -u games -",
      "often.schedule": "crontab -l -u games | sed 's,/5,/6,' | crontab -u games -",
      "often.file": "crontab -l -u games | grep -v -e often -e /5 -e /6 | crontab -u games -",
    },
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
    harm: {
      "ed.path":
        "update-alternatives --quiet --install /usr/bin/lab-ed lab-ed /bin/true 5; update-alternatives --quiet --set lab-ed /bin/true; update-alternatives --quiet --remove lab-ed /bin/true; update-alternatives --quiet --auto lab-ed",
      "ed.state ed.link ed.priority": "update-alternatives --quiet --remove-all lab-ed",
    },
    away: ["{ name: ed, type: alternatives, alternative: lab-ed, path: /bin/cat, state: absent }"],
    gone: "ls /usr/bin/lab-ed /etc/alternatives/lab-ed 2>/dev/null",
  },
};
