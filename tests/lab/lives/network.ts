/** Lives of certificates, firewalls, networks and containers, on a host that may change its own network. Must not know hosts. */
import type { Life } from "../life.ts";

/** networkd puts a port back by itself, now and then before anybody looks. */
const bridgeHarm: Readonly<Record<string, string>> = {
  netplan: "echo '# x' >>/etc/netplan/60-vigo-bridge6.yaml",
  networkd: "echo '# x' >>/etc/systemd/network/10-vigo-bridge6.network",
  networkmanager: "ip link set cable1 nomaster; ip address del 10.67.0.1/24 dev bridge6",
};

/** A cable with two ends, a bridge with one of them in it. */
function interfaces(backend: string): Life {
  const by = backend === "ifupdown" ? "" : `, backend: ${backend}`;
  const bridge = backend === "ifupdown" ? "" : ", bridge: { members: [cable1], stp: false }";
  const state = (name: string) =>
    `ip -br address show ${name} scope global | tr -s ' '; ip -o link show ${name} | grep -o 'mtu [0-9]*'`;
  return {
    wish: [
      `{ name: end, type: network_interface, interface: cable0, addresses: [10.66.0.5/24, 'fd66::5/64'], gateway: [10.66.0.1], mtu: 1400${by} }`,
      `{ name: bridge, type: network_interface, interface: ${bridge === "" ? "cable1" : "bridge6"}, addresses: [10.67.0.1/24]${bridge}${by} }`,
    ],
    ask: `${state("cable0")}; ip -br -4 address show ${bridge === "" ? "cable1" : "bridge6"} | tr -s ' '; ip route show default | grep -c 10.66.0.1; ip -o link show cable1 | grep -c 'master bridge6' || :`,
    stands: `cable0@cable1 UP 10.66.0.5/24 fd66::5/64 \nmtu 1400\n${bridge === "" ? "cable1@cable0" : "bridge6"} UP 10.67.0.1/24 \n1\n${bridge === "" ? 0 : 1}\n`,
    harm: {
      "end.gateway": "ip route del default via 10.66.0.1",
      "end.state": "ip address del fd66::5/64 dev cable0",
      "end.addresses": "ip address del 10.66.0.5/24 dev cable0",
      "end.mtu": "ip link set cable0 mtu 1500",
      ...(backend === "ifupdown"
        ? { "bridge.addresses": "ip address del 10.67.0.1/24 dev cable1" }
        : { "bridge.bridge bridge.addresses": bridgeHarm[backend] ?? "" }),
    },
    away: [
      `{ name: end, type: network_interface, interface: cable0, state: absent${by} }`,
      `{ name: bridge, type: network_interface, interface: ${bridge === "" ? "cable1" : "bridge6"}, state: absent${bridge}${by} }`,
    ],
    gone: "ip -o link show bridge6 2>/dev/null; ls /etc/netplan /etc/network/interfaces.d /etc/NetworkManager/system-connections | grep vigo; ls /etc/systemd/network | grep vigo",
  };
}

/** Somebody's certificate for the same key. */
const remade = ({
  subject = "/O=Lab/CN=web",
  names = "DNS:web.lab,IP:10.0.0.1,IP:fd00::1",
  ca = "TRUE",
  days = 90,
}) =>
  `openssl req -x509 -config /srv/req.cnf -key /srv/own.key -subj ${subject} -days ${days} -addext basicConstraints=critical,CA:${ca} -addext subjectAltName=${names} -out /srv/own.pem`;

/** What the host makes for the life of a certificate that is brought, and what stands for it. */
export const networkBefore =
  "cd /root; openssl req -x509 -newkey ed25519 -nodes -subj /CN=brought -days 3000 -keyout brought.key -out brought.pem 2>/dev/null; openssl pkey -in brought.key -pubout -out brought.pub";

export const network: Readonly<Record<string, Life>> = {
  "certificate, as openssl reads it": {
    before: "printf '[req]\\ndistinguished_name=dn\\n[dn]\\n' >/srv/req.cnf",
    wish: [
      "{ name: own, type: certificate, path: /srv/own.pem, key: /srv/own.key, common_name: web, organization: Lab, names: [web.lab, 10.0.0.1, 'fd00::1'], days: 90, renew_before: 20, is_ca: true, owner: daemon, mode: '0640', trust: true }",
      "{ name: asked, type: certificate, path: /srv/db.pem, key: /srv/db.key, request: /srv/db.csr, common_name: db, key_kind: rsa-2048, group: adm }",
    ],
    ask: "openssl verify -CAfile /srv/own.pem /srv/own.pem; openssl x509 -in /srv/own.pem -noout -subject -checkip fd00::1; openssl x509 -in /srv/own.pem -noout -ext basicConstraints; openssl x509 -in /srv/own.pem -noout -checkend $((86400 * 89)); grep -lrF \"$(sed -n 2p /srv/own.pem)\" /usr/local/share/ca-certificates | wc -l; openssl req -in /srv/db.csr -noout -subject -verify 2>&1; openssl pkey -in /srv/db.key -noout -text | head -1; stat -c '%a %U %G' /srv/own.key /srv/db.key /srv/own.pem",
    stands:
      "/srv/own.pem: OK\nsubject=O = Lab, CN = web\nIP fd00::1 does match certificate\nX509v3 Basic Constraints: critical\n    CA:TRUE\nCertificate will not expire\n1\nCertificate request self-signature verify OK\nsubject=CN = db\nPrivate-Key: (2048 bit, 2 primes)\n600 daemon root\n600 root adm\n640 daemon root\n",
    harm: {
      "own.common_name": remade({ subject: "/O=Lab/CN=evil" }),
      "own.organization": remade({ subject: "/O=Evil/CN=web" }),
      "own.names": remade({ names: "DNS:web.lab" }),
      "own.is_ca": remade({ ca: "FALSE" }),
      "own.days own.renew_before": remade({ days: 10 }),
      "own.mode": "chmod 644 /srv/own.pem",
      "own.owner": "chown games /srv/own.key",
      "own.trust": "rm /usr/local/share/ca-certificates/*; update-ca-certificates >/dev/null",
      "own.key": "rm /srv/own.key",
      "own.state": "rm /srv/own.pem",
      "asked.group": "chgrp root /srv/db.key",
      "asked.request": "echo >/srv/db.csr",
      "asked.key_kind": "openssl genpkey -algorithm ed25519 -out /srv/db.key",
    },
    away: [
      "{ name: own, type: certificate, path: /srv/own.pem, key: /srv/own.key, trust: true, state: absent }",
      "{ name: asked, type: certificate, path: /srv/db.pem, key: /srv/db.key, request: /srv/db.csr, state: absent }",
    ],
    gone: "ls /srv | grep -v req.cnf; ls /usr/local/share/ca-certificates; ls /etc/ssl/certs | grep own",
  },
  "certificate, brought": {
    wish: [
      "{ name: brought, type: certificate, path: /srv/brought.pem, key: /srv/brought.key, content: CERTIFICATE, key_content: PRIVATE }",
    ],
    ask: "openssl x509 -in /srv/brought.pem -noout -subject; openssl pkey -in /srv/brought.key -pubout | cmp - /root/brought.pub; stat -c %a /srv/brought.key",
    stands: "subject=CN = brought\n600\n",
    harm: {
      "brought.content":
        "openssl req -x509 -key /srv/brought.key -subj /CN=evil -out /srv/brought.pem",
      "brought.key_content": "openssl genpkey -algorithm ed25519 -out /srv/brought.key",
    },
    away: [
      "{ name: brought, type: certificate, path: /srv/brought.pem, key: /srv/brought.key, state: absent }",
    ],
    gone: "ls /srv | grep brought",
  },
  "nftables, in the words of nft": {
    wish: [
      `{ name: filter, type: nftables, table: ours, persist: true, content: "set seen { type ipv4_addr; flags dynamic,timeout; timeout 1h; }\\nchain input {\\n  type filter hook input priority 0; policy accept;\\n  ct state established,related accept\\n  tcp dport {80,443} add @seen { ip saddr } counter accept\\n}\\n" }`,
      "{ name: rules, type: nftables, table: more, family: ip, rules: ['out type filter hook output priority 0;', 'out tcp dport 25 reject'] }",
    ],
    ask: "nft -s list chain inet ours input; nft list chain ip more out | grep -c 'tcp dport 25 reject'; tail -1 /etc/nftables.conf; nft delete table inet ours; nft -f /etc/nftables.conf; nft list tables | sort",
    stands: `table inet ours {
	chain input {
		type filter hook input priority filter; policy accept;
		ct state established,related accept
		tcp dport { 80, 443 } add @seen { ip saddr } counter accept
	}
}
1
include "/etc/nftables.d/*.nft"
table inet filter
table inet ours
table ip more
`,
    harm: {
      "filter.content":
        "nft add rule inet ours input drop; nft add element inet ours seen '{ 9.9.9.9 }'",
      "filter.persist": "echo >/etc/nftables.d/inet-ours.nft",
      "rules.rules": "nft flush chain ip more out",
      "rules.family rules.state": "nft delete table ip more; echo >/etc/nftables.d/ip-more.nft",
    },
    away: [
      "{ name: filter, type: nftables, table: ours, state: absent }",
      "{ name: rules, type: nftables, table: more, family: ip, state: absent }",
    ],
    gone: "nft list tables | grep -e ours -e more; ls /etc/nftables.d",
  },
  "firewall, as nftables has it": {
    wish: [
      "{ name: office, type: firewall, port: 2222, from: 10.0.0.0/8, comment: office, priority: 10 }",
      "{ name: nobody, type: firewall, port: 2222, action: deny, priority: 20, depends_on: [office] }",
      "{ name: names, type: firewall, service: domain, proto: any, direction: out, interface: eth9, to: 'fd00::/8', action: reject }",
    ],
    ask: "nft list table inet vigo; nft delete table inet vigo; nft -f /etc/nftables.d/inet-vigo.nft; nft list table inet vigo | grep -c comment",
    stands: `table inet vigo {
	chain input {
		type filter hook input priority filter; policy accept;
		ip saddr 10.0.0.0/8 tcp dport 2222 accept comment "10 office"
		tcp dport 2222 drop comment "20"
	}

	chain output {
		type filter hook output priority filter; policy accept;
		oifname "eth9" ip6 daddr fd00::/8 meta l4proto { tcp, udp } th dport 53 reject with icmpv6 port-unreachable comment "500"
	}
}
3
`,
    harm: {
      "names.action names.service names.proto names.direction names.interface names.to":
        "nft flush chain inet vigo output",
      "office.comment office.from": "sed -i /office/d /etc/nftables.d/inet-vigo.nft",
      "nobody.state nobody.priority":
        "nft insert rule inet vigo input tcp dport 2222 accept comment '\"9\"'",
    },
    away: [
      "{ name: office, type: firewall, port: 2222, from: 10.0.0.0/8, state: absent }",
      "{ name: nobody, type: firewall, port: 2222, state: absent }",
      "{ name: names, type: firewall, service: domain, proto: any, direction: out, interface: eth9, to: 'fd00::/8', state: absent }",
    ],
    gone: "nft list table inet vigo | grep comment; ls /etc/nftables.d",
  },
  "firewall, as firewalld has it": {
    wish: [
      "{ name: open, type: firewall, port: 8080, proto: any }",
      "{ name: rich, type: firewall, port: 6000-6100, from: 10.0.0.0/8, action: deny, priority: -5 }",
    ],
    ask: "for p in '' --permanent; do firewall-cmd $p --list-ports; firewall-cmd $p --list-services; firewall-cmd $p --list-rich-rules; done",
    stands: ["", ""]
      .map(
        () =>
          '8080/tcp 8080/udp\ndhcpv6-client ssh\nrule priority="-5" family="ipv4" source address="10.0.0.0/8" port port="6000-6100" protocol="tcp" drop\n',
      )
      .join(""),
    harm: {
      "open.port open.proto": "firewall-cmd -q --remove-port=8080/udp",
      "rich.action": `for p in --permanent --zone=public; do firewall-cmd -q $p --remove-rich-rule='rule priority="-5" family="ipv4" source address="10.0.0.0/8" port port="6000-6100" protocol="tcp" drop'; firewall-cmd -q $p --add-rich-rule='rule priority="-5" family="ipv4" source address="10.0.0.0/8" port port="6000-6100" protocol="tcp" accept'; done`,
      "rich.state": `for p in --permanent --zone=public; do for a in drop accept; do firewall-cmd -q $p --remove-rich-rule='rule priority="-5" family="ipv4" source address="10.0.0.0/8" port port="6000-6100" protocol="tcp" '$a; done; done`,
    },
    away: [
      "{ name: open, type: firewall, port: 8080, proto: any, state: absent }",
      "{ name: rich, type: firewall, port: 6000-6100, from: 10.0.0.0/8, priority: -5, state: absent }",
    ],
    gone: "firewall-cmd --permanent --list-all | grep -e 8080 -e http -e priority; firewall-cmd --list-all | grep -e 8080 -e http -e priority",
  },
  "firewall, as ufw has it": {
    wish: [
      "{ name: ssh, type: firewall, service: ssh, comment: ours }",
      "{ name: office, type: firewall, port: 6000-6100, proto: udp, from: 10.0.0.0/8, interface: host0, action: reject }",
      "{ name: six, type: firewall, port: 9, from: 'fd00::/8', direction: out, action: deny }",
    ],
    ask: "ufw show added | sed 1d | sort; iptables -S ufw-user-input | grep -c 6000:6100; ip6tables -S ufw6-user-output | grep -o 'fd00.*'",
    stands: `ufw allow 22/tcp comment 'ours'
ufw deny out from fd00::/8 to any port 9 proto tcp
ufw reject in on host0 from 10.0.0.0/8 to any port 6000:6100 proto udp
1
fd00::/8 -p tcp -m tcp --dport 9 -j DROP
`,
    harm: {
      "ssh.service ssh.state": "ufw delete allow 22/tcp",
      "office.action": "ufw deny in on host0 from 10.0.0.0/8 to any port 6000:6100 proto udp",
      "six.port six.from six.direction":
        "ufw delete deny out from fd00::/8 to any port 9 proto tcp",
    },
    away: [
      "{ name: ssh, type: firewall, service: ssh, state: absent }",
      "{ name: office, type: firewall, port: 6000-6100, proto: udp, from: 10.0.0.0/8, interface: host0, state: absent }",
      "{ name: six, type: firewall, port: 9, from: 'fd00::/8', direction: out, state: absent }",
    ],
    gone: "ufw show added | grep -E '22|6000|fd00'",
  },
  "route, as the kernel has it": {
    wish: [
      "{ name: net, type: route, destination: 10.8.0.0/16, gateway: 10.77.0.1, persist: true }",
      "{ name: out, type: route, destination: default, interface: host0, metric: 70, persist: false }",
      "{ name: six, type: route, destination: 'fd08::/64', gateway: 'fe80::1', interface: host0, persist: false }",
    ],
    ask: "ip route del 10.8.0.0/16; systemctl daemon-reload; systemctl restart vigo-route-10-8-0-0-16-0; ip route show 10.8.0.0/16; ip route show default; ip -6 route show fd08::/64; systemctl is-enabled vigo-route-10-8-0-0-16-0",
    stands:
      "10.8.0.0/16 via 10.77.0.1 dev host0 \ndefault dev host0 scope link metric 70 \nfd08::/64 via fe80::1 dev host0 metric 1024 pref medium\nenabled\n",
    harm: {
      "net.gateway": "ip route replace 10.8.0.0/16 dev host0",
      "net.persist": "systemctl -q disable vigo-route-10-8-0-0-16-0",
      "net.state": "ip route del 10.8.0.0/16",
      "out.metric out.interface": "ip route del default metric 70",
      "six.gateway": "ip -6 route replace fd08::/64 via fe80::2 dev host0",
    },
    away: [
      "{ name: net, type: route, destination: 10.8.0.0/16, state: absent }",
      "{ name: out, type: route, destination: default, metric: 70, persist: false, state: absent }",
      "{ name: six, type: route, destination: 'fd08::/64', persist: false, state: absent }",
    ],
    gone: "ip route show default; ip route show 10.8.0.0/16; ip -6 route show fd08::/64; ls /etc/systemd/system | grep vigo",
  },
  "container, by podman": {
    wish: [
      "{ name: web, type: container, container: web, image: 'localhost/tiny:1', command: [/bin/sleep, '1000'], ports: ['8080:80'], volumes: ['/srv:/srv:ro'], environment: { SECRET: 'geheim x' }, networks: [lan], labels: [tier=web], restart: always, healthcheck: { command: 'true', interval: 3600 } }",
      "{ name: idle, type: container, container: idle, image: 'localhost/tiny:1', command: [/bin/sleep, '1001'], state: stopped }",
    ],
    ask: "podman ps -a --format '{{.Names}} {{.Status}}' | sed -e 's/ Up .*/ up/' -e 's/ \\(Created\\|Exited\\).*/ off/' | sort; podman port web; podman exec web /bin/sh -c 'echo $SECRET'; podman inspect web --format '{{.HostConfig.RestartPolicy.Name}} {{index .Config.Labels \"tier\"}} {{.HostConfig.Binds}} {{.Config.Cmd}} {{.Config.Healthcheck.Test}} {{.ImageName}} {{range $k, $v := .NetworkSettings.Networks}}{{$k}}{{end}}'",
    stands:
      "idle off\nweb up\n80/tcp -> 0.0.0.0:8080\ngeheim x\nalways web [/srv:/srv:ro,rprivate,rbind] [/bin/sleep 1000] [CMD-SHELL true] localhost/tiny:1 lan\n",
    harm: {
      "web.state": "podman stop -t 0 web",
      "web.image web.command web.ports web.volumes web.environment web.networks web.labels web.restart web.healthcheck":
        "podman tag localhost/tiny:1 localhost/other:1; podman rm -f -t 0 web; podman run -q -d --name web localhost/other:1 /bin/sleep 500",
      "idle.state": "podman start idle",
    },
    away: [
      "{ name: web, type: container, container: web, state: absent }",
      "{ name: idle, type: container, container: idle, state: absent }",
    ],
    gone: "podman ps -aq",
  },
  "compose, by podman-compose": {
    before:
      "mkdir -p /srv/shop; printf 'services:\\n  web:\\n    image: localhost/tiny:1\\n    stop_grace_period: 0s\\n    command: [/bin/sleep, \"1001\"]\\n' >/srv/shop/compose.yaml",
    wish: [
      `{ name: blog, type: compose, project: blog, content: "services:\\n  web:\\n    image: localhost/tiny:1\\n    stop_grace_period: 0s\\n    command: [/bin/sleep, '1000']\\n" }`,
      "{ name: shop, type: compose, project: shop, path: /srv/shop/compose.yaml }",
    ],
    ask: "podman ps -a --format '{{.Names}} {{.Status}} {{.Command}}' | sed 's/Up [^/]* ago/Up/' | sort; stat -c %a /etc/compose/blog/compose.yaml",
    stands: "blog_web_1 Up /bin/sleep 1000\nshop_web_1 Up /bin/sleep 1001\n600\n",
    harm: {
      "blog.state": "podman rm -f -t 0 blog_web_1",
      "blog.content": "echo >/etc/compose/blog/compose.yaml",
      "shop.path shop.state": "podman rm -f -t 0 shop_web_1",
    },
    away: [
      "{ name: blog, type: compose, project: blog, state: down }",
      "{ name: shop, type: compose, project: shop, path: /srv/shop/compose.yaml, state: down }",
    ],
    gone: "podman ps -aq; ls /etc/compose",
  },
  ...Object.fromEntries(
    (["networkd", "networkmanager", "netplan", "ifupdown"] as const).map((backend) => [
      `network_interface, by ${backend}`,
      interfaces(backend),
    ]),
  ),
};
