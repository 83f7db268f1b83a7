/** What the recorded Windows machine is made of, trait by trait. Must not know how it was recorded. */

export const machineValues = {
  hardware: {
    cpu_count: 12,
    cpu_model: "Intel(R) Core(TM) i5-10500 CPU @ 3.10GHz",
    cpu_vendor: "GenuineIntel",
    memory_mb: 16_246,
    architecture_bits: 64,
  },
  memory: { total_mb: 16_246, available_mb: 8_123, used_pct: 50 },
  swap: {
    total_mb: 2_432,
    used_mb: 312,
    devices: [
      { path: "C:\\pagefile.sys", type: "file", size_mb: 2_432, used_mb: 312, priority: 0 },
    ],
  },
  mountpoints: {
    mounts: [
      {
        path: "C:\\",
        device: "\\\\?\\Volume{11111111-2222-3333-4444-555555555555}\\",
        fstype: "ntfs",
        options: [],
      },
      {
        path: "E:\\",
        device: "\\\\?\\Volume{88888888-2222-3333-4444-555555555555}\\",
        fstype: "exfat",
        options: [],
      },
    ],
  },
  filesystem: {
    root_used_pct: 25,
    mounts: {
      "C:\\": { size_mb: 487_327, used_pct: 25, inodes_used_pct: 0 },
      "E:\\": { size_mb: 30_517, used_pct: 50, inodes_used_pct: 0 },
    },
  },
  blockdevices: {
    devices: {
      PhysicalDrive0: {
        size_bytes: 512_110_190_592,
        vendor: "",
        model: "Example NVMe 512GB",
        serial: "ACE4_2E00_0000_0001.",
        firmware: "4106",
        readonly: false,
        rotational: false,
      },
      PhysicalDrive1: {
        size_bytes: 2_000_398_934_016,
        vendor: "EXAMPLE",
        model: "ST2000",
        serial: "WX01",
        firmware: "CC43",
        readonly: true,
        rotational: true,
      },
    },
  },
  dmi: {
    bios_vendor: "Dell Inc.",
    bios_version: "2.24.0",
    bios_date: "05/22/2024",
    board_vendor: "Dell Inc.",
    board_name: "0X8DXD",
    board_version: "A01",
    board_serial: "/EXMPL42/CNEXAMPLE01/",
    product_vendor: "Dell Inc.",
    product_name: "OptiPlex 7080",
    product_version: "",
    product_serial: "EXMPL42",
    product_uuid: "4c4c4544-0045-5810-804d-c2c04f343233",
    product_sku: "09C7",
    chassis_type: "desktop",
    memory_devices: [
      {
        locator: "DIMM1",
        size_mb: 16_384,
        speed_mts: 2_666,
        manufacturer: "Hynix",
        part_number: "HMA82GU6DJR8N-XN",
      },
    ],
  },
  secureboot: { enabled: true, setup_mode: false },
  tpm: { present: true, version: "2.0" },
  hypervisor: { kind: "none", role: "none" },
  virtualization: { is_vm: false, is_container: false, technology: "none" },
  display: {
    server: "windows",
    outputs: [{ name: "Intel(R) UHD Graphics 630", width: 1_920, height: 1_080, refresh_hz: 60 }],
  },
  battery: { present: false, percent: 0, charging: false },
  usb: {
    devices: [
      {
        port: "5&1A2B3C4D&0&4",
        id: "046d:c31c",
        vendor: "(Standard USB Host Controller)",
        product: "USB Composite Device",
        class: "USB",
      },
      {
        port: "6&2D3E4F50&0&0000",
        id: "046d:c31c",
        vendor: "(Standard system devices)",
        product: "USB Input Device",
        class: "HIDClass",
      },
    ],
  },
  pci: {
    devices: [
      {
        slot: "3&11583659&0&B8",
        id: "8086:06d2",
        vendor: "Standard SATA AHCI Controller",
        product: "Standard SATA AHCI Controller",
        class: "HDC",
      },
    ],
  },
};
