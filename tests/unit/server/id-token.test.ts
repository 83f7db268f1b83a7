import { expect, test } from "bun:test";
import {
  constants,
  createHmac,
  createPrivateKey,
  generateKeyPairSync,
  type KeyObject,
  sign,
} from "node:crypto";
import { VigoError } from "../../../src/core/errors.ts";
import {
  claimsOf,
  type Expected,
  keySet,
  type ProviderKey,
} from "../../../src/modes/server/auth/oidc/id-token.ts";

const now = 1_700_000_000_000;
const expected: Expected = { issuer: "https://idp", clientId: "vigo", nonce: "n", now };
const good = {
  iss: "https://idp",
  sub: "7",
  aud: "vigo",
  exp: now / 1_000 + 60,
  iat: now / 1_000,
  nonce: "n",
};

const pairs = {
  RS256: generateKeyPairSync("rsa", { modulusLength: 2048 }),
  PS256: generateKeyPairSync("rsa", { modulusLength: 2048 }),
  ES256: generateKeyPairSync("ec", { namedCurve: "P-256" }),
  EdDSA: generateKeyPairSync("ed25519"),
};
type Algorithm = keyof typeof pairs;
const names = Object.keys(pairs) as Algorithm[];

const keys: readonly ProviderKey[] = keySet.parse({
  keys: names.map((kid) => ({ ...pairs[kid].publicKey.export({ format: "jwk" }), kid })),
}).keys;

const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");

function signature(alg: string, key: KeyObject, text: string): string {
  const bytes = Buffer.from(text);
  if (alg === "EdDSA") return sign(null, bytes, key).toString("base64url");
  const more =
    alg === "PS256"
      ? { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 }
      : { dsaEncoding: "ieee-p1363" as const };
  return sign("sha256", bytes, { key, ...more }).toString("base64url");
}

function token(claims: object = good, alg: Algorithm = "ES256", head: object = {}): string {
  const text = `${part({ alg, kid: alg, ...head })}.${part(claims)}`;
  return `${text}.${signature(alg, pairs[alg].privateKey, text)}`;
}

const read = (text: string) => {
  try {
    return claimsOf(text, keys, expected)?.sub;
  } catch (caught) {
    if (caught instanceof VigoError) return caught.message.replace("the provider's ID token ", "");
    throw caught;
  }
};

test.each(names)("%s is verified", (alg) => {
  const right = token(good, alg);
  expect(read(right)).toBe("7");
  const [head, , tail] = right.split(".");
  expect(read(`${head}.${part({ ...good, sub: "8" })}.${tail}`)).toBeUndefined();
  expect(read(token(good, alg, { kid: "unknown" }))).toBeUndefined();
  expect(read(`${right.slice(0, -8)}AAAAAAAA`)).toBeUndefined();
});

/** An example that others made: RFC 7515, appendix A.3, is signed with P-256; the claims are no ID token's. */
test("the example of RFC 7515, A.3, has a good signature", () => {
  const key = {
    kty: "EC",
    crv: "P-256",
    x: "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
    y: "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
  };
  const text =
    "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q";
  expect(() => claimsOf(text, [key], expected)).toThrow("lacks claims that every ID token has");
  expect(claimsOf(text.replace("DtEh", "DtEi"), [key], expected)).toBeUndefined();
});

test.each([
  ["nothing at all", "", "is no signed token"],
  ["five parts", "a.b.c.d.e", "is no signed token"],
  ["no signature", `${part({ alg: "none" })}.${part(good)}.`, "is signed with none"],
])("refused: %s", (_, text, why) => {
  expect(read(text)).toBe(why);
});

test("refused: signed with what is public", () => {
  const text = `${part({ alg: "HS256", kid: "RS256" })}.${part(good)}`;
  const pem = pairs.RS256.publicKey.export({ type: "spki", format: "pem" });
  const mac = createHmac("sha256", pem).update(text).digest("base64url");
  expect(read(`${text}.${mac}`)).toBe("is signed with HS256");
});

test("refused: an algorithm that the key is not for", () => {
  const text = `${part({ alg: "PS256", kid: "RS256" })}.${part(good)}`;
  const key = createPrivateKey(pairs.RS256.privateKey.export({ type: "pkcs8", format: "pem" }));
  const only = keys.map((one) => (one.kid === "RS256" ? { ...one, alg: "RS256" } : one));
  expect(claimsOf(`${text}.${signature("PS256", key, text)}`, only, expected)).toBeUndefined();
  const encrypting = keys.map((one) => ({ ...one, use: "enc" }));
  expect(claimsOf(token(), encrypting, expected)).toBeUndefined();
});

test.each([
  ["another issuer", { iss: "https://idp/" }, "is from https://idp/"],
  ["another client", { aud: "other" }, "is for somebody else"],
  ["a client among others", { aud: ["other", "vigo"] }, "was given to somebody else"],
  ["another party", { azp: "other" }, "was given to somebody else"],
  ["the past", { exp: now / 1_000 - 60 }, "has expired: are both clocks right?"],
  ["the future", { iat: now / 1_000 + 61 }, "is from the future: are both clocks right?"],
  ["another login", { nonce: "m" }, "belongs to another login"],
  ["nobody", { sub: "" }, "lacks claims that every ID token has"],
])("refused: %s", (_, more, why) => {
  expect(read(token({ ...good, ...more }))).toBe(why);
});

test("several audiences with us as the party are fine", () => {
  expect(read(token({ ...good, aud: ["other", "vigo"], azp: "vigo" }))).toBe("7");
});
