/** Which packages somebody looks for, by patterns of name and version. Must not know where they are installed. */
import { VigoError } from "../../../core/errors.ts";
import { hostPattern } from "../../../core/policy/hostname.ts";
import type { Installed } from "./packages.ts";

export interface Wanted {
  /** A pattern: `libssl*`. */
  readonly name: string;
  readonly version?: string | undefined;
}

export interface Found {
  readonly name: string;
  readonly version: string;
}

/** Says which of them are installed. Throws `invalid` for what is no pattern. */
export function found({ name, version }: Wanted): (installed: Installed) => readonly Found[] {
  const names = pattern("name", name);
  const fits = version === undefined ? () => true : pattern("version", version).matches;
  return (installed) => {
    const only = names.literal ? installed.get(name) : undefined;
    if (only !== undefined) return fits(only) ? [{ name, version: only }] : [];
    return [...installed]
      .filter(([of, its]) => names.matches(of) && fits(its))
      .map(([of, its]) => ({ name: of, version: its }));
  };
}

/** `openssl@3.0.*` */
export function readWanted(written: string): Wanted {
  const at = written.indexOf("@", 1);
  return at < 0
    ? { name: written }
    : { name: written.slice(0, at), version: written.slice(at + 1) };
}

function pattern(what: string, source: string) {
  const made = hostPattern(source);
  if (!("error" in made)) return made;
  throw new VigoError("invalid", `${what} of the package: ${made.error}`);
}
