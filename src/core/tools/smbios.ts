/**
 * The firmware's table of memory devices, as `/sys/firmware/dmi/tables/DMI` has it. Format: DMTF DSP0134, structure type 17.
 * Must not know why anybody asks.
 */

export interface MemoryDevice {
  readonly locator: string;
  /** MiB. */
  readonly size_mb: number;
  readonly speed_mts: number;
  readonly manufacturer: string;
  readonly part_number: string;
}

interface Structure {
  readonly type: number;
  readonly view: DataView;
  /** Counted from 1. */
  readonly strings: readonly string[];
}

/** Sockets that hold something. A table that ends early gives what came before. */
export function memoryDevices(table: Uint8Array): readonly MemoryDevice[] {
  return [...structures(table)]
    .filter(({ type, view }) => type === 17 && view.byteLength >= 0x15)
    .map(memoryDevice)
    .filter(({ size_mb }) => size_mb > 0);
}

/** Each is a type, its length, a handle, its fields, and texts that end with an empty one. */
function* structures(table: Uint8Array): Generator<Structure> {
  let at = 0;
  while (at + 4 <= table.length) {
    const [type = 0, length = 0] = table.subarray(at);
    if (length < 4 || at + length > table.length) return;
    let end = at + length;
    while (end + 1 < table.length && (table[end] !== 0 || table[end + 1] !== 0)) end += 1;
    const texts = new TextDecoder("latin1").decode(table.subarray(at + length, end));
    yield {
      type,
      view: new DataView(table.buffer, table.byteOffset + at, length),
      strings: texts.split("\0"),
    };
    if (type === 127) return;
    at = end + 2;
  }
}

function memoryDevice({ view, strings }: Structure): MemoryDevice {
  const text = (offset: number) =>
    offset < view.byteLength ? (strings[view.getUint8(offset) - 1] ?? "").trim() : "";
  return {
    locator: text(0x10),
    size_mb: sizeOf(view),
    speed_mts: view.byteLength >= 0x17 ? known(view.getUint16(0x15, true)) : 0,
    manufacturer: text(0x17),
    part_number: text(0x1a),
  };
}

const known = (value: number) => (value === 0xffff ? 0 : value);

/** In MiB, in KiB with the highest bit, 0xffff unknown, 0x7fff: too big for the field, see the next one. */
function sizeOf(view: DataView): number {
  const size = view.getUint16(0x0c, true);
  if (size === 0xffff) return 0;
  if (size === 0x7fff) return view.byteLength >= 0x20 ? view.getUint32(0x1c, true) & 0x7fffffff : 0;
  return (size & 0x8000) === 0 ? size : Math.floor((size & 0x7fff) / 1024);
}
