/**
 * Lives of what only a kernel of one's own has: VLANs and bonds, as networkd makes them, a lease, and a clock to set. Two cables lead
 * from the machine to itself; at the end of the first somebody gives leases. Must not know machines.
 */
import type { Life } from "../../lab/life.ts";

export const networkBefore = `
  for n in 0 2; do ip link add cable$n type veth peer name cable$((n + 1)); ip link set cable$((n + 1)) up; done
  printf '[Match]\\nName=cable1\\n[Network]\\nAddress=10.66.0.1/24\\nDHCPServer=yes\\n[DHCPServer]\\nPoolOffset=50\\nPoolSize=1\\n' >/etc/systemd/network/05-lab.network
  systemctl start systemd-networkd; systemctl start systemd-timesyncd`;

export const network: Readonly<Record<string, Life>> = {
  "network_interface, a VLAN and a bond": {
    wish: [
      "{ name: cable, type: network_interface, interface: cable0, dhcp: ipv4, backend: networkd }",
      "{ name: office, type: network_interface, interface: office, vlan: { parent: cable0, id: 20 }, addresses: [10.20.0.5/24], backend: networkd }",
      "{ name: pair, type: network_interface, interface: pair, bond: { members: [cable2, cable3], mode: active-backup }, addresses: [10.30.0.5/24], backend: networkd }",
      "{ name: hub, type: network_interface, interface: hub, bridge: { members: [], stp: true }, addresses: [10.40.0.5/24], backend: networkd }",
    ],
    ask: "n=0; until ip -br -4 address show cable0 | grep -q 10.66.0. || [ $n -gt 60 ]; do n=$((n + 1)); sleep 0.3; done; for i in cable0 office pair hub; do ip -br -4 address show $i | tr -s ' ' | cut -d' ' -f1,3; done; ip -d link show office | grep -o 'vlan protocol 802.1Q id 20'; cat /sys/class/net/pair/bonding/mode; tr ' ' '\\n' </sys/class/net/pair/bonding/slaves | sort | tr '\\n' ' '; cat /sys/class/net/hub/bridge/stp_state; ip -br link show cable2 | grep -c ' UP '",
    stands:
      "cable0@cable1 10.66.0.50/24\noffice@cable0 10.20.0.5/24\npair 10.30.0.5/24\nhub 10.40.0.5/24\nvlan protocol 802.1Q id 20\nactive-backup 1\ncable2 cable3 1\n1\n",
    harm: {
      "cable.dhcp": "sed -i s/^DHCP=.*/DHCP=no/ /etc/systemd/network/10-vigo-cable0.network",
      "office.state": "ip link delete office",
      // In the kernel too, which changes neither while it is there.
      "office.vlan":
        "sed -i s/Id=20/Id=30/ /etc/systemd/network/10-vigo-office.netdev; ip link delete office 2>/dev/null || true; ip link add link cable0 name office up type vlan id 30",
      "pair.bond":
        "sed -i s/active-backup/balance-rr/ /etc/systemd/network/10-vigo-pair.netdev; ip link delete pair; ip link add pair up type bond mode balance-rr",
      "pair.addresses":
        "ip address del 10.30.0.5/24 dev pair 2>/dev/null || true; ip link set cable2 nomaster 2>/dev/null || true",
      "hub.bridge": "ip link set hub type bridge stp_state 0",
      "hub.addresses": "ip address del 10.40.0.5/24 dev hub",
    },
    away: [
      "{ name: office, type: network_interface, interface: office, vlan: { parent: cable0, id: 20 }, backend: networkd, state: absent }",
      "{ name: pair, type: network_interface, interface: pair, bond: { members: [cable2, cable3] }, backend: networkd, state: absent }",
      "{ name: cable, type: network_interface, interface: cable0, backend: networkd, state: absent, depends_on: office }",
      "{ name: hub, type: network_interface, interface: hub, bridge: { members: [] }, backend: networkd, state: absent }",
    ],
    gone: "ip -o link show office 2>/dev/null; ip -o link show pair 2>/dev/null; ip -o link show hub 2>/dev/null; find /etc/systemd/network -type f | grep vigo",
  },
  "ntp, as timesyncd has it in force": {
    wish: ["{ name: time, type: ntp, servers: [10.66.0.1, ntp.lab], client: timesyncd }"],
    ask: "timedatectl show-timesync -p SystemNTPServers; systemctl is-active systemd-timesyncd",
    stands: "SystemNTPServers=10.66.0.1 ntp.lab\nactive\n",
    harm: {
      "time.servers":
        "sed -i s/ntp.lab/evil/ /etc/systemd/timesyncd.conf.d/90-vigo.conf; systemctl restart systemd-timesyncd",
    },
    away: ["{ name: time, type: ntp, servers: [10.66.0.1, ntp.lab], state: absent }"],
    gone: "timedatectl show-timesync -p SystemNTPServers | grep lab",
  },
};
