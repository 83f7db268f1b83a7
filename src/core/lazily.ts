/** A field whose value is made when it is first read, and kept. Must not know what it is. */

/** The same object with one field more; freezing it later is fine. */
export function lazily<T extends object, K extends string, V>(
  object: T,
  name: K,
  make: () => V,
): T & { readonly [N in K]: V } {
  let made: { readonly value: V } | undefined;
  const get = () => {
    made ??= { value: make() };
    return made.value;
  };
  return Object.defineProperty(object, name, { enumerable: true, get }) as T & {
    readonly [N in K]: V;
  };
}
