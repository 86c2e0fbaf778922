import { describe, expect, test } from "bun:test";
import {
  decodeJwt,
  decodeProtectedHeader,
  generateKeyPair,
  type JWTHeaderParameters,
  type JWTPayload,
  SignJWT,
  UnsecuredJWT,
} from "jose";
import { Problem } from "../../../src/server/http/problem.ts";
import { AccessTokens } from "../../../src/server/tokens/access-token.ts";
import { SigningKeys } from "../../../src/server/tokens/signing-keys.ts";
import { TestClock } from "../../support/clock.ts";

const KEY = new TextEncoder().encode("a signing key for tests, longer than 32 bytes");
const clock = new TestClock();
const keys = new SigningKeys([KEY]);
const tokens = new AccessTokens({ keys, leeway: 5, now: clock.now });
const NOW = Math.floor(clock.now().getTime() / 1000);

const CLAIMS: JWTPayload = {
  sub: "access_token",
  iat: NOW,
  exp: NOW + 600,
  permissions: { client_id: "ci", role: "manager" },
};

const signed = (claims: JWTPayload, header: Partial<JWTHeaderParameters> = {}, key: Uint8Array = KEY) =>
  new SignJWT(claims).setProtectedHeader({ alg: "HS256", typ: "JWT", ...header }).sign(key);

/** Status and message of the refusal. */
async function refusal(token: string): Promise<[number, unknown]> {
  try {
    await tokens.verify(token);
  } catch (error) {
    if (error instanceof Problem) return [error.status, error.content];
    throw error;
  }
  throw new Error("the token was accepted");
}

const without = (claim: string): JWTPayload =>
  Object.fromEntries(Object.entries(CLAIMS).filter(([name]) => name !== claim));

/** ASVS 5.0 controls 9.2.1 (its time), 9.2.4 and 10.3.1 (for whom it is) and 10.3.2 (what it allows). */
describe("an access token", () => {
  test("speaks for the client that it was issued to, for ten minutes and the leeway", async () => {
    const issued = await tokens.issue("ci", { role: "manager", max_priority: { "*": 5 }, allowed_queues: ["q"] });
    const caller = {
      clientId: "ci",
      role: "manager",
      permissions: { role: "manager", max_priority: { "*": 5 }, allowed_queues: ["q"] },
    };
    expect(await tokens.verify(issued)).toEqual(caller as never);
    const later = (seconds: number) =>
      new AccessTokens({ keys, leeway: 5, now: () => new Date(+clock.now() + seconds * 1000) });
    expect(await later(604).verify(issued)).toEqual(caller as never);
    expect(later(606).verify(issued)).rejects.toThrow("Token has expired");
  });

  test("that was accepted before is still held to its times", async () => {
    const moving = new TestClock();
    const known = new AccessTokens({ keys, leeway: 5, now: moving.now });
    const issued = await known.issue("ci", {});
    for (const seconds of [0, 604]) {
      moving.advance(seconds);
      expect(await known.verify(issued)).toMatchObject({ clientId: "ci" });
    }
    moving.advance(2);
    await expect(known.verify(issued)).rejects.toThrow("Token has expired");
    moving.advance(-612);
    await expect(known.verify(issued)).rejects.toThrow("Token not yet valid");
  });

  test("that differs in one letter from one accepted before is refused", async () => {
    const issued = await tokens.issue("ci", {});
    await tokens.verify(issued);
    const other = issued.at(-2) === "A" ? "B" : "A";
    await expect(tokens.verify(issued.slice(0, -2) + other + issued.slice(-1))).rejects.toThrow(
      "Invalid Token signature",
    );
  });

  /** RFC 9068 section 2.2, beside the reference's claims. */
  test("has the reference's claims, and those that tell what it is for", async () => {
    const [one, two] = [await tokens.issue("ci", { role: "agent" }, "login"), await tokens.issue("ci", {}, "login")];
    expect(decodeJwt(one)).toEqual({
      iss: "testflinger",
      aud: "testflinger",
      sub: "access_token",
      client_id: "ci",
      jti: expect.stringMatching(/^[0-9a-f-]{36}$/),
      sid: "login",
      iat: NOW,
      exp: NOW + 600,
      permissions: { client_id: "ci", role: "agent" },
    });
    expect(decodeProtectedHeader(one)).toEqual({ alg: "HS256", typ: "JWT", kid: keys.current.id });
    expect(decodeJwt(two).jti).not.toBe(decodeJwt(one).jti);
    expect(keys.current.id).not.toContain(Buffer.from(KEY).toString("base64url").slice(0, 8));
  });

  test("of the reference is accepted", async () => {
    expect(await tokens.verify(await signed(CLAIMS))).toMatchObject({ clientId: "ci", role: "manager" });
  });

  test.each<[string, JWTPayload, Partial<JWTHeaderParameters>]>([
    ["without a type", CLAIMS, { typ: undefined }],
    ["with another sub", { ...CLAIMS, sub: "something else" }, {}],
    ["that names us as audience", { ...CLAIMS, aud: ["other", "testflinger"] }, {}],
    ["of our own form", { ...CLAIMS, iss: "testflinger", aud: "testflinger", client_id: "ci" }, {}],
    ["with its type in small letters", CLAIMS, { typ: "jwt" }],
    ["with a role in capitals", { ...CLAIMS, permissions: { client_id: "ci", role: "MANAGER" } }, {}],
    ["issued within the leeway", { ...CLAIMS, iat: NOW + 5 }, {}],
  ])("%s is accepted", async (_case, claims, header) => {
    expect(await tokens.verify(await signed(claims, header))).toMatchObject({ clientId: "ci", role: "manager" });
  });

  test("without a role is one of a contributor, without a client of nobody", async () => {
    expect(await tokens.verify(await signed({ ...CLAIMS, permissions: { client_id: null } }))).toMatchObject({
      clientId: null,
      role: "contributor",
    });
  });

  test.each<[string, number, string, () => Promise<string> | string]>([
    ["that has expired", 401, "Token has expired", () => signed({ ...CLAIMS, exp: NOW - 6 })],
    ["issued in the future", 401, "Token not yet valid", () => signed({ ...CLAIMS, iat: NOW + 6 })],
    ["valid in the future", 401, "Token not yet valid", () => signed({ ...CLAIMS, nbf: NOW + 6 })],
    ["signed with another key", 403, "Invalid Token signature", () => signed(CLAIMS, {}, new Uint8Array(32))],
    ["without exp", 403, "Token missing required claim: exp", () => signed(without("exp"))],
    ["without iat", 403, "Token missing required claim: iat", () => signed(without("iat"))],
    ["without sub", 403, "Token missing required claim: sub", () => signed(without("sub"))],
    ["with a number as sub", 403, "Invalid Token", () => signed({ ...CLAIMS, sub: 5 as never })],
    ["with text as iat", 403, "Invalid Token", () => signed({ ...CLAIMS, iat: "x" as never })],
    ["without permissions", 403, "Invalid Token", () => signed(without("permissions"))],
    ["without a client", 403, "Invalid Token", () => signed({ ...CLAIMS, permissions: { role: "admin" } })],
    ["of a client that is no text", 403, "Invalid Token", () => signed({ ...CLAIMS, permissions: { client_id: 5 } })],
    [
      "with an unknown role",
      403,
      "Invalid Token",
      () => signed({ ...CLAIMS, permissions: { client_id: "ci", role: "king" } }),
    ],
    [
      "with a null role",
      403,
      "Invalid Token",
      () => signed({ ...CLAIMS, permissions: { client_id: "ci", role: null } }),
    ],
    ["of another issuer", 403, "Invalid Token", () => signed({ ...CLAIMS, iss: "another" })],
    ["for another audience", 403, "Invalid Token", () => signed({ ...CLAIMS, aud: ["another"] })],
    ["of another kind", 403, "Invalid Token", () => signed(CLAIMS, { typ: "logout+jwt" })],
    ["with HS512", 403, "Invalid Token", () => signed(CLAIMS, { alg: "HS512" }, new Uint8Array(64))],
    ["without a signature", 403, "Invalid Token", () => new UnsecuredJWT(CLAIMS).encode()],
    [
      "signed with a private key",
      403,
      "Invalid Token",
      async () =>
        new SignJWT(CLAIMS).setProtectedHeader({ alg: "ES256" }).sign((await generateKeyPair("ES256")).privateKey),
    ],
    ["that is one word", 403, "Unable to decode token", () => "nonsense"],
    ["of two parts", 403, "Unable to decode token", () => "a.b"],
    ["whose header is nonsense", 403, "Unable to decode token", () => "a.b.c"],
    ["that is empty", 403, "Unable to decode token", () => ""],
    ["with nothing behind the header", 403, "Invalid Token signature", () => "eyJhbGciOiJIUzI1NiJ9.."],
  ])("%s is refused with %p %s", async (_case, status, message, make) => {
    expect(await refusal(await make())).toEqual([status, message]);
  });
});
