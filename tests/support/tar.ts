/** Makes tar archives entry by entry, wrong ones too. Must not know what reads them. */
export interface TarEntry {
  readonly name: string;
  readonly body?: string;
  /** `0` file, `2` symlink, `5` folder … */
  readonly type?: string;
  readonly target?: string;
  readonly mode?: number;
}

export const tar = (entries: readonly TarEntry[]): string =>
  `${entries.map(block).join("")}${"\0".repeat(1024)}`;

function block({ name, body = "", type = "0", target = "", mode = 0o644 }: TarEntry): string {
  const octal = (value: number, length: number) =>
    `${value.toString(8).padStart(length - 1, "0")}\0`;
  const padded = (text: string, length: number) => text.padEnd(length, "\0");
  const head = [
    padded(name, 100),
    octal(mode, 8),
    octal(0, 8),
    octal(0, 8),
    octal(Buffer.byteLength(body), 12),
    octal(0, 12),
    " ".repeat(8),
    type,
    padded(target, 100),
    "ustar\0",
    "00",
  ]
    .join("")
    .padEnd(512, "\0");
  const sum = Buffer.from(head).reduce((all, byte) => all + byte, 0);
  const signed = `${head.slice(0, 148)}${sum.toString(8).padStart(6, "0")}\0 ${head.slice(156)}`;
  return signed + body + "\0".repeat((512 - (Buffer.byteLength(body) % 512)) % 512);
}
