import { describe, expect, test } from "bun:test";
import { decodeProtectedHeader, SignJWT } from "jose";
import { AccessTokens } from "../../../src/server/tokens/access-token.ts";
import { SigningKeys } from "../../../src/server/tokens/signing-keys.ts";
import { TestClock } from "../../support/clock.ts";

const bytes = (text: string) => new TextEncoder().encode(text.repeat(32));
const [OLD, NEW, FOREIGN] = [bytes("o"), bytes("n"), bytes("f")];
const clock = new TestClock();
const tokensOf = (...keys: Uint8Array[]) =>
  new AccessTokens({ keys: new SigningKeys(keys), leeway: 5, now: clock.now });
const caller = { clientId: "ci", role: "agent" } as const;

/** ASVS 5.0 control 11.2.2 (keys can be replaced); RFC 7515 section 4.1.4. */
describe("a new signing key in front of the old one", () => {
  test("signs, while tokens of the old one stay valid", async () => {
    const former = await tokensOf(OLD).issue("ci", { role: "agent" });
    const both = tokensOf(NEW, OLD);
    expect(await both.verify(former)).toMatchObject(caller);
    const present = await both.issue("ci", { role: "agent" });
    expect(await both.verify(present)).toMatchObject(caller);
    expect(await tokensOf(NEW).verify(present)).toMatchObject(caller);
    await expect(tokensOf(OLD).verify(present)).rejects.toThrow("Invalid Token signature");
    expect(decodeProtectedHeader(present).kid).not.toBe(decodeProtectedHeader(former).kid);
  });

  test("may first be spread behind the old one, so that every server knows it before the first token", async () => {
    const rolledOut = tokensOf(OLD, NEW);
    expect(await rolledOut.verify(await tokensOf(NEW, OLD).issue("ci", { role: "agent" }))).toMatchObject(caller);
  });

  test("makes tokens of the old one worthless once that is gone", async () => {
    const former = await tokensOf(OLD).issue("ci", { role: "agent" });
    await expect(tokensOf(NEW).verify(former)).rejects.toThrow("Invalid Token signature");
  });

  test("verifies tokens without a key id, as those of the reference are, with every key", async () => {
    const now = Math.floor(clock.now().getTime() / 1000);
    const claims = { sub: "access_token", iat: now, exp: now + 600, permissions: { client_id: "ci", role: "agent" } };
    const signed = (key: Uint8Array) => new SignJWT(claims).setProtectedHeader({ alg: "HS256", typ: "JWT" }).sign(key);
    const both = tokensOf(NEW, OLD);
    for (const key of [OLD, NEW]) expect(await both.verify(await signed(key))).toMatchObject(caller);
    await expect(both.verify(await signed(FOREIGN))).rejects.toThrow("Invalid Token signature");
  });

  test("has the same id on every server, and another one than every other key", () => {
    const id = new SigningKeys([NEW]).current.id;
    expect(new SigningKeys([OLD, NEW]).all[1]!.id).toBe(id);
    expect(new Set(new SigningKeys([OLD, NEW, FOREIGN]).all.map((key) => key.id)).size).toBe(3);
  });

  test("is needed", () => expect(() => new SigningKeys([])).toThrow("a signing key is needed"));
});
