/**
 * The key of a resource, `crate[item]/name[item]` (semantics §1), taken apart and compared with names. Must not know resources.
 * A configcrate's name holds neither bracket nor slash, and the item of one no bracket; all else may hold anything.
 */

interface KeyParts {
  readonly crate: string;
  /** Of a configcrate that is there once for each. */
  readonly crateItem: string | undefined;
  /** What follows the slash: the name and, where it has one, its own item. */
  readonly rest: string | undefined;
}

/** Also of what is no whole key: `crate`, `crate[item]`. */
export function partsOf(key: string): KeyParts {
  const [, crate = key, crateItem, rest] =
    /^([^[/]*)(?:\[([^[\]]*)\])?(?:\/(.*))?$/s.exec(key) ?? [];
  return { crate, crateItem, rest };
}

/** Does a name mean this key? `crate`, `crate[item]`, `crate/name`, `crate/name[item]`: an item that is left out is any. */
export function isNamed(name: string, key: string): boolean {
  const [wanted, there] = [partsOf(name), partsOf(key)];
  return (
    wanted.crate === there.crate &&
    (wanted.crateItem === undefined || wanted.crateItem === there.crateItem) &&
    (wanted.rest === undefined ||
      wanted.rest === there.rest ||
      (there.rest?.startsWith(`${wanted.rest}[`) === true && there.rest.endsWith("]")))
  );
}

/** A key without its items: all expansions of one resource. */
export function groupOf(key: string): string {
  const { crate, rest } = partsOf(key);
  return rest === undefined ? crate : `${crate}/${rest.replace(/\[[^\]]*\]$/, "")}`;
}
