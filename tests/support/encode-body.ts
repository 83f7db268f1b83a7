/** A body made by hand as it would travel. */
import { type Body, bodyEnds, ownText, placedText } from "../../src/core/bundle/body.ts";
import { sha256 } from "../../src/core/pki/keys.ts";

export function encodeBody({ resources, secrets }: Body) {
  const [start, end] = bodyEnds(secrets);
  const texts = resources.map((one) => placedText(one) + ownText(one));
  const bytes = new TextEncoder().encode(start + texts.join(",") + end);
  return { bytes, digest: sha256(bytes) };
}
