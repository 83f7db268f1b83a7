/**
 * How much of a device a file system of the ext family can use, from what dumpe2fs(8) prints of it: a last group of blocks that is too
 * small for its own tables is left out, as resize2fs(8) does it. Must not know devices.
 */

/** Blocks that a last group has to have beside its tables. */
const leastData = 50;

/** Undefined where the text has not all that is needed. */
export function usableBytes(printed: string, deviceBytes: number): number | undefined {
  const number = (name: string) => {
    const found = new RegExp(`^${name}:\\s+(\\d+)`, "m").exec(printed)?.[1];
    return found === undefined ? undefined : Number(found);
  };
  const [block, first] = [number("Block size"), number("First block")];
  const [perGroup, inodes] = [number("Blocks per group"), number("Inode blocks per group")];
  if (block === undefined || first === undefined || perGroup === undefined || inodes === undefined)
    return undefined;
  const blocks = Math.floor(deviceBytes / block);
  const left = (blocks - first) % perGroup;
  const groups = Math.ceil((blocks - first) / perGroup);
  const descriptors = Math.ceil((groups * (number("Group descriptor size") ?? 32)) / block);
  const copies = 1 + descriptors + (number("Reserved GDT blocks") ?? 0);
  const tables = 2 + inodes + (hasCopies(groups - 1) ? copies : 0);
  const isUsed = groups <= 1 || left === 0 || left >= tables + leastData;
  return (isUsed ? blocks : blocks - left) * block;
}

/** The superblock and the table of groups are kept in few groups more than once. */
const hasCopies = (group: number): boolean =>
  group <= 1 || [3, 5, 7].some((base) => isPower(group, base));

const isPower = (number: number, base: number): boolean => {
  let power = base;
  while (power < number) power *= base;
  return power === number;
};
