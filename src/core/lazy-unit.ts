/**
 * A unit of a registry that is loaded when more than its name is asked for: a run pays for the few types and traits it needs, and not
 * for all there are. Must not know any unit.
 */

/** Looks like what `load` gives, which is called once at most. `name` is its name. */
export function lazyUnit<T extends object & { readonly name: string }>(
  name: string,
  load: () => T,
): T {
  let loaded: T | undefined;
  const unit = () => (loaded ??= load());
  return new Proxy({} as T, {
    get: (_, field) => (field === "name" ? name : Reflect.get(unit(), field)),
    has: (_, field) => Reflect.has(unit(), field),
    ownKeys: () => Reflect.ownKeys(unit()),
    // A field that the stand-in does not have may not be called fixed.
    getOwnPropertyDescriptor: (_, field) => {
      const found = Reflect.getOwnPropertyDescriptor(unit(), field);
      return found && { ...found, configurable: true };
    },
    set: () => false,
    defineProperty: () => false,
    deleteProperty: () => false,
  });
}
