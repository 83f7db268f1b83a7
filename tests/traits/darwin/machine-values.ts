/** What the recorded Mac is made of, trait by trait. Must not know how it was recorded. */

export const machineValues = {
  hardware: {
    cpu_count: 8,
    cpu_model: "Apple M2",
    cpu_vendor: "Apple",
    memory_mb: 16_384,
    architecture_bits: 64,
  },
  // 65,536 + 196,608 + 131,072 pages of 16 KiB.
  memory: { total_mb: 16_384, available_mb: 6_144, used_pct: 62.5 },
  swap: { total_mb: 2_048, used_mb: 1_024, devices: [] },
  mountpoints: {
    mounts: [
      {
        path: "/",
        device: "/dev/disk3s1s1",
        fstype: "apfs",
        options: ["sealed", "local", "read-only", "journaled"],
      },
      { path: "/dev", device: "devfs", fstype: "devfs", options: ["local", "nobrowse"] },
      {
        path: "/System/Volumes/Data",
        device: "/dev/disk3s5",
        fstype: "apfs",
        options: ["local", "journaled", "nobrowse", "protect", "root data"],
      },
      {
        path: "/System/Volumes/Data/home",
        device: "map auto_home",
        fstype: "autofs",
        options: ["automounted", "nobrowse"],
      },
      {
        path: "/Volumes/media (1)",
        device: "//dana@nas.example.com/media",
        fstype: "smbfs",
        options: ["nodev", "nosuid", "mounted by dana"],
      },
    ],
  },
  filesystem: {
    root_used_pct: 40,
    mounts: {
      "/": { size_mb: 476_837, used_pct: 40, inodes_used_pct: 25 },
      "/System/Volumes/Data": { size_mb: 476_837, used_pct: 40, inodes_used_pct: 0 },
    },
  },
  blockdevices: {
    devices: {
      disk0: {
        size_bytes: 500_277_792_768,
        vendor: "",
        model: "EXAMPLE SSD AP0512Z",
        serial: "0ba0123456789c01",
        firmware: "532.140.",
        readonly: false,
        rotational: false,
      },
    },
  },
  dmi: {
    bios_vendor: "Apple Inc.",
    bios_version: "11881.41.5",
    bios_date: "",
    board_vendor: "Apple Inc.",
    board_name: "J413",
    board_version: "",
    board_serial: "",
    product_vendor: "Apple Inc.",
    product_name: "MacBook Air",
    product_version: "Mac14,2",
    product_serial: "XK0EXAMPLE1",
    product_uuid: "0E5A1C7B-3F42-5D60-8A91-6B7C8D9E0F12",
    product_sku: "Z15S000EXD/A",
    chassis_type: "laptop",
    memory_devices: [
      { locator: "", size_mb: 16_384, speed_mts: 0, manufacturer: "Hynix", part_number: "" },
    ],
  },
  hypervisor: { kind: "other", role: "host" },
  virtualization: { is_vm: false, is_container: false, technology: "none" },
  display: {
    server: "quartz",
    outputs: [{ name: "Color LCD", width: 2_560, height: 1_664, refresh_hz: 60 }],
  },
  battery: { present: true, percent: 87, charging: false },
  usb: {
    devices: [
      {
        port: "0x00100000",
        id: "05ac:1006",
        vendor: "Apple Inc.",
        product: "Example Hub",
        class: "",
      },
      {
        port: "0x00110000",
        id: "046d:c31c",
        vendor: "Logitech",
        product: "USB Keyboard",
        class: "",
      },
    ],
  },
};
