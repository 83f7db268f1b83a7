/**
 * Why a request over HTTP got no answer, in words for people. Never the address: that of a webhook is a secret, and what programs say
 * of their troubles may hold it. Must not know what was asked for.
 */

const reasons: Readonly<Record<string, string>> = {
  ECONNREFUSED: "nobody listens there",
  ECONNRESET: "the connection was cut",
  EHOSTUNREACH: "there is no way to it",
  ENETUNREACH: "there is no way to it",
  ENOTFOUND: "there is no such host",
  EAI_AGAIN: "its name cannot be looked up at the moment",
  EPROTO: "it speaks no TLS there",
  ETIMEDOUT: "no answer in time",
  TimeoutError: "no answer in time",
  UnexpectedRedirect: "it redirects, and that is not followed",
  CERT_HAS_EXPIRED: "its certificate has ended",
  ERR_TLS_CERT_ALTNAME_INVALID: "its certificate is of another name",
};

export function whyUnreached(error: unknown): string {
  const { code, name } = error as { readonly code?: unknown; readonly name?: unknown };
  const words = [code, name].filter((word) => typeof word === "string");
  const known = words.map((word) => reasons[word]).find((reason) => reason !== undefined);
  if (known !== undefined) return known;
  const [word = "it failed"] = words;
  return /CERT|SIGNATURE|ISSUER/.test(word)
    ? `its certificate is from no authority that this machine knows (${word})`
    : word;
}
