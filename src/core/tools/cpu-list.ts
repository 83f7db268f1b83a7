/** Lists of processors as the kernel writes them, `0-3,8`. Must not know what they are for. */

/** How many; 0 when it is not such a list. */
export function countCpus(list: string): number {
  if (!/^\d+(?:-\d+)?(?:,\d+(?:-\d+)?)*$/.test(list)) return 0;
  return list
    .split(",")
    .map((range) => range.split("-").map(Number))
    .reduce((sum, [first = 0, last = first]) => sum + last - first + 1, 0);
}
