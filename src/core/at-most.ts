/** Work on many things, a few at a time. Must not know what is done. */

/** Ends when all have; rejects with the first failure, once what is under way has ended. */
export async function atMost<T>(
  count: number,
  items: Iterable<T>,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const left = items[Symbol.iterator]();
  let failed = false;
  const one = async () => {
    for (let next = left.next(); next.done !== true && !failed; next = left.next())
      try {
        await work(next.value);
      } catch (error) {
        failed = true;
        throw error;
      }
  };
  const ended = await Promise.allSettled(Array.from({ length: count }, one));
  for (const end of ended) if (end.status === "rejected") throw end.reason;
}
