/** Whether two policies mean the same by the references of the configcrates that they have in common. Must not know hosts. */
import type { Place } from "./model.ts";
import type { Policy } from "./policy.ts";
import type { Link, Selector } from "./references.ts";

/** What was found out for the one holds for the other wherever its configcrates are the very same. */
export function areAlikeLinked(one: Policy, other: Policy): boolean {
  const [ours, theirs] = [commonLinks(one, other), commonLinks(other, one)];
  return (
    one.registries.resources === other.registries.resources &&
    one.registries.traits === other.registries.traits &&
    ours.length === theirs.length &&
    ours.every((link, at) => areAlike(link, theirs[at]))
  );
}

const commonLinks = ({ links, crates }: Policy, other: Policy): readonly Link[] => {
  const isCommon = ({ crate }: Selector) => crates.get(crate) === other.crates.get(crate);
  return links.filter(({ from, to }) => isCommon(from) && isCommon(to));
};

const areAlike = (one: Link, other: Link | undefined): boolean =>
  other !== undefined &&
  one.kind === other.kind &&
  one.required === other.required &&
  one.within === other.within &&
  isPlacedAlike(one.place, other.place) &&
  meansTheSame(one.from, other.from) &&
  meansTheSame(one.to, other.to);

const meansTheSame = (one: Selector, other: Selector): boolean =>
  one.crate === other.crate &&
  one.crateItem === other.crateItem &&
  one.resource === other.resource &&
  one.item === other.item;

const isPlacedAlike = (one: Place, other: Place): boolean =>
  one.line === other.line && one.column === other.column && one.file === other.file;
