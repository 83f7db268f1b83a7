/** Words of the language that this version does not know yet: they are refused by name, so that nobody takes them for a typing error. */

/** Types for network devices, reached through a gateway envoy. One that is built is in the registry, and that wins. */
export const reservedTypes: readonly string[] = [
  ...["network_config", "network_acl", "network_vlan", "network_interface_config"],
  ...["network_l3_interface", "network_lag", "network_static_route", "network_bgp"],
  ...["network_ospf", "network_ntp", "network_snmp", "network_user", "network_logging"],
  ...["network_hostname_banner", "network_firmware", "ssh_exec"],
];

/** Attributes of any resource. */
export const reservedAttributes: readonly string[] = ["network_device"];
