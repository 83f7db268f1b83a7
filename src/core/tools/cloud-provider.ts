/** Whose cloud a machine is in, as its firmware says. Must not know where the firmware was read. */

export interface Firmware {
  readonly vendor: string;
  readonly product: string;
  readonly asset: string;
  readonly bios: string;
}

const vendors: readonly (readonly [start: string, provider: string])[] = [
  ["Amazon EC2", "aws"],
  ["Google", "gcp"],
  ["DigitalOcean", "digitalocean"],
  ["Hetzner", "hetzner"],
  ["OpenStack", "openstack"],
  ["Vultr", "vultr"],
  ["Scaleway", "scaleway"],
  ["Alibaba Cloud", "alibaba"],
  ["Linode", "linode"],
  ["Akamai", "linode"],
];
const assets: Readonly<Record<string, string>> = {
  "7783-7084-3265-9085-8269-3286-77": "azure",
  "OracleCloud.com": "oracle",
  "Amazon EC2": "aws",
};

/** The tag of Azure and Oracle is theirs alone; their vendor is that of any such hypervisor. */
export const providerOf = ({ vendor, product, asset, bios }: Firmware): string | undefined =>
  assets[asset] ??
  vendors.find(([start]) => vendor.startsWith(start) || product.startsWith(start))?.[1] ??
  (/amazon/i.test(bios) ? "aws" : undefined);
