import { describe, expect, test } from "bun:test";
import { CompactSign, exportSPKI, generateKeyPair, SignJWT } from "jose";
import { Problem } from "../../../src/server/http/problem.ts";
import { AccessTokens } from "../../../src/server/tokens/access-token.ts";
import { SigningKeys } from "../../../src/server/tokens/signing-keys.ts";
import { TestClock } from "../../support/clock.ts";

const KEY = new TextEncoder().encode("a signing key for tests, longer than 32 bytes");
const clock = new TestClock();
const tokens = new AccessTokens({ keys: new SigningKeys([KEY]), leeway: 5, now: clock.now });
const NOW = Math.floor(clock.now().getTime() / 1000);

const HEADER = { alg: "HS256", typ: "JWT" };
const CLAIMS = {
  iss: "testflinger",
  aud: "testflinger",
  sub: "access_token",
  client_id: "ci",
  iat: NOW,
  exp: NOW + 600,
  permissions: { client_id: "ci", role: "admin" },
};

const encoded = (value: unknown): string =>
  Buffer.from(typeof value === "string" ? value : JSON.stringify(value)).toString("base64url");

/** A token with this header and these claims word for word, signed with the key as HS256 whatever the header says. */
function forged(header: unknown, claims: unknown = CLAIMS, key: Uint8Array | string = KEY): string {
  const data = `${encoded(header)}.${encoded(claims)}`;
  return `${data}.${new Bun.CryptoHasher("sha256", key).update(data).digest("base64url")}`;
}

const refusal = async (token: string) =>
  tokens.verify(token).then(
    () => "accepted",
    (error: unknown) => (error instanceof Problem ? error.status : error),
  );

/** What RFC 8725 section 2 warns of, and ASVS 5.0 controls 9.1.1 to 9.2.4. Every forgery claims to be an admin's. */
describe("a forged access token is refused:", () => {
  test("the forgeries are otherwise fine", async () => expect(await refusal(forged(HEADER))).toBe("accepted"));

  test.each([
    "none",
    "None",
    "NONE",
    "nOnE",
    "",
    "HS256 ",
    "hs256",
    "HS1",
    "HS384",
    "RS256",
    "ES256",
    "dir",
    "PBES2-HS256+A128KW",
  ])("algorithm %j (RFC 8725 section 3.1)", async (alg) => {
    const header = { ...HEADER, alg };
    expect(await refusal(forged(header))).toBe(403);
    expect(await refusal(`${encoded(header)}.${encoded(CLAIMS)}.`)).toBe(403);
  });

  test.each([[undefined], [null], [5], [["HS256"]], [{ a: 1 }]])("algorithm %j, which is no text", async (alg) =>
    expect(await refusal(forged({ ...HEADER, alg }))).toBe(403),
  );

  test("a public key used as the secret (RFC 8725 section 2.1)", async () => {
    const pair = await generateKeyPair("RS256", { extractable: true });
    const pem = await exportSPKI(pair.publicKey);
    expect(await refusal(forged(HEADER, CLAIMS, pem))).toBe(403);
    const signed = await new SignJWT(CLAIMS).setProtectedHeader({ alg: "RS256", typ: "JWT" }).sign(pair.privateKey);
    expect(await refusal(signed)).toBe(403);
  });

  test.each(["", "secret", "my_secret_key", "\0".repeat(32), "testflinger"])(
    "signed with the weak key %j",
    async (key) => {
      if (key) expect(await refusal(forged(HEADER, CLAIMS, key))).toBe(403);
      expect(await refusal(`${encoded(HEADER)}.${encoded(CLAIMS)}.${encoded(key)}`)).toBe(403);
    },
  );

  test.each<[string, object]>([
    ["a key of its own (RFC 7515 section 4.1.3)", { jwk: { kty: "oct", k: Buffer.from("own").toString("base64url") } }],
    ["the address of a key set", { jku: "https://evil.example/jwks" }],
    ["the address of a certificate", { x5u: "https://evil.example/x.pem" }],
    ["a certificate", { x5c: ["AAAA"] }],
  ])("that brings %s along, which counts for nothing", async (_case, extra) =>
    expect(await refusal(forged({ ...HEADER, ...extra }, CLAIMS, "own"))).toBe(403),
  );

  test.each([["unknown"], [""], ["../../dev/null"], ["' OR 1=1 --"], ["0".repeat(16)], [0], [null], [{}], [[]]])(
    "key id %j (RFC 8725 section 3.10)",
    async (kid) => expect(await refusal(forged({ ...HEADER, kid }))).toBe(403),
  );

  test.each(["logout+jwt", "dpop+jwt", "at+jwt", "JWT2", "", "application/jwt+x", "JWS"])(
    "type %j (RFC 8725 section 3.11)",
    async (typ) => expect(await refusal(forged({ ...HEADER, typ }))).toBe(403),
  );

  test.each<[string, object]>([
    ["another issuer", { iss: "https://idp.example" }],
    ["an issuer that only begins like ours", { iss: "testflinger.evil.example" }],
    ["an issuer that is a list", { iss: ["testflinger"] }],
    ["another audience", { aud: "grafana" }],
    ["no audience in the list", { aud: [] }],
    ["an audience that is no text", { aud: { testflinger: true } }],
    ["two clients", { client_id: "somebody" }],
    ["a client that is a list", { client_id: ["ci"], permissions: { client_id: ["ci"], role: "admin" } }],
    ["a role that is a list", { permissions: { client_id: "ci", role: ["admin"] } }],
    ["a role that is an object's", { permissions: { client_id: "ci", role: "constructor" } }],
    ["permissions that are a list", { permissions: ["ci"] }],
    ["permissions that are text", { permissions: '{"client_id":"ci"}' }],
    ["no permissions", { permissions: null }],
  ])("%s (RFC 8725 sections 3.8 and 3.9)", async (_case, claims) =>
    expect(await refusal(forged(HEADER, { ...CLAIMS, ...claims }))).toBe(403),
  );

  test.each<[string, object, number]>([
    ["that has expired", { exp: NOW - 6 }, 401],
    ["that expired in 1970", { exp: 0 }, 401],
    ["that expired before 1970", { exp: -1 }, 401],
    ["from the far future", { iat: NOW + 1e9, exp: NOW + 2e9 }, 401],
    ["valid in the far future", { nbf: 4e9 }, 401],
    ["with an end that is text", { exp: "9999999999" }, 403],
    ["with an end that is a list", { exp: [9e9] }, 403],
    ["without an end", { exp: undefined }, 403],
    ["with no end", { exp: null }, 403],
  ])("one %s (control 9.2.1)", async (_case, claims, status) =>
    expect(await refusal(forged(HEADER, { ...CLAIMS, ...claims }))).toBe(status),
  );

  test("one that never ends, since its number is too large", async () => {
    const endless = JSON.stringify(CLAIMS).replace(`"exp":${NOW + 600}`, '"exp":1e999');
    expect(endless).toContain("1e999");
    expect(await refusal(forged(HEADER, endless))).toBe(403);
  });

  test.each<[string, object]>([
    ["that is unknown", { crit: ["exp2"], exp2: 1 }],
    ["that is not there", { crit: ["b64"] }],
    ["that leaves the claims unencoded (RFC 7797 section 7)", { crit: ["b64"], b64: false }],
    ["of none", { crit: [] }],
    ["that is no list", { crit: "exp" }],
  ])("a critical header %s (RFC 7515 section 4.1.11)", async (_case, extra) =>
    expect(await refusal(forged({ ...HEADER, ...extra }))).toBe(403),
  );

  test.each<[string, () => string | Promise<string>]>([
    ["of five parts, an encrypted one", () => "a.b.c.d.e"],
    ["of four parts", () => `${forged(HEADER)}.x`],
    ["with a compressed payload", () => forged({ ...HEADER, zip: "DEF" }, "\x01\x02")],
    ["whose claims are a list", () => forged(HEADER, [CLAIMS])],
    ["whose claims are text", () => forged(HEADER, '"claims"')],
    ["whose claims are no JSON", () => forged(HEADER, "{")],
    ["whose header is a list", () => forged([HEADER])],
    [
      "with another header than was signed",
      () => forged(HEADER).replace(encoded(HEADER), encoded({ ...HEADER, x: 1 })),
    ],
    ["with other claims than were signed", () => forged(HEADER).replace(encoded(CLAIMS), encoded({ ...CLAIMS, x: 1 }))],
    ["with half a signature", () => forged(HEADER).slice(0, -20)],
    ["with blanks in it", () => forged(HEADER).replace(".", ". ")],
    ["with a line end", () => `${forged(HEADER)}\n`],
    ["in standard base64", () => `${forged(HEADER)}==`],
    ["that is huge", () => forged(HEADER, { ...CLAIMS, filler: "x".repeat(1_000_000) })],
    ["that is nested deep", () => forged(HEADER, `{"a":${"[".repeat(5000)}${"]".repeat(5000)}}`)],
    ["that sets a prototype", () => forged(HEADER, `{"__proto__":${JSON.stringify(CLAIMS)}}`)],
    [
      "in JSON serialization",
      async () =>
        JSON.stringify({ payload: encoded(CLAIMS), signatures: [{ protected: encoded(HEADER), signature: "" }] }),
    ],
    ["that is a signed text", async () => new CompactSign(Buffer.from("text")).setProtectedHeader(HEADER).sign(KEY)],
  ])("one %s", async (_case, make) => expect(await refusal(await make())).toBe(403));

  test("one after the other: none of a thousand changed bytes gets through", async () => {
    const token = forged(HEADER);
    let refused = 0;
    for (let at = 0; at < token.length; at++) {
      const changed = `${token.slice(0, at)}${token[at] === "A" ? "B" : "A"}${token.slice(at + 1)}`;
      if ((await refusal(changed)) !== "accepted") refused++;
    }
    // The last character of a signature carries two bits that no byte of it needs.
    expect(refused).toBeGreaterThanOrEqual(token.length - 1);
  });
});
