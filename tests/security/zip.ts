/** Makes zip archives entry by entry, wrong ones too, stored as they are (APPNOTE 4.3). Must not know what reads them. */
import { crc32 } from "node:zlib";

export interface ZipEntry {
  readonly name: string;
  readonly body: string;
  /** Of Unix, with the kind of file (d: an ordinary file, 0644). */
  readonly mode?: number;
}

export function zip(entries: readonly ZipEntry[]): Uint8Array {
  const locals: Buffer[] = [];
  const central: Buffer[] = [];
  let at = 0;
  for (const { name, body, mode = 0o100644 } of entries) {
    const [file, data] = [Buffer.from(name), Buffer.from(body)];
    const shared = Buffer.alloc(26);
    shared.writeUInt16LE(20, 0);
    shared.writeUInt32LE(crc32(data), 10);
    shared.writeUInt32LE(data.length, 14);
    shared.writeUInt32LE(data.length, 18);
    shared.writeUInt16LE(file.length, 22);
    const more = Buffer.alloc(14);
    more.writeUInt32LE(mode * 65_536, 6);
    more.writeUInt32LE(at, 10);
    const local = Buffer.concat([Buffer.from("PK\x03\x04"), shared, file, data]);
    // Made by Unix, so that the mode counts.
    central.push(Buffer.concat([Buffer.from("PK\x01\x02\x14\x03"), shared, more, file]));
    locals.push(local);
    at += local.length;
  }
  const directory = Buffer.concat(central);
  const end = Buffer.alloc(18);
  end.writeUInt16LE(entries.length, 4);
  end.writeUInt16LE(entries.length, 6);
  end.writeUInt32LE(directory.length, 8);
  end.writeUInt32LE(at, 12);
  return Buffer.concat([...locals, directory, Buffer.from("PK\x05\x06"), end]);
}
