import { describe, expect, test } from "bun:test";
import { generateKeyPair, type JWTPayload, SignJWT, UnsecuredJWT } from "jose";
import * as answers from "../../support/idp/answers.ts";
import { ALICE, type Logins, useLogins } from "../../support/idp/logins.ts";
import { SigningKey } from "../../support/idp/signing-key.ts";

const logins = useLogins();

const INVALID = "OIDC provider returned an ID token that is not valid";
const UNKNOWN = { detail: {}, message: "Invalid or expired request_id" };

/** The one poll of a login that the person has finished. */
async function outcome(
  { server, idp }: Logins,
  claims: JWTPayload = ALICE,
): Promise<{ status: number; body: unknown; id: string }> {
  const { request_id } = await server.begin();
  idp.approve(claims);
  const response = await server.poll(request_id);
  return { status: response.status, body: await response.json(), id: request_id };
}

/** Nobody got in, nobody was created, and asking again does not help. */
async function expectEnded(made: Logins, id: string): Promise<void> {
  made.clock.advance(10);
  expect(await (await made.server.poll(id)).json()).toEqual(UNKNOWN);
  expect(await made.store.clients.list()).toEqual([]);
}

const wrongTokens: Record<string, (made: Logins, claims: JWTPayload) => string | Promise<string>> = {
  "of another issuer": ({ idp }, claims) => idp.key.sign({ ...claims, iss: "https://evil.example" }),
  "of an issuer that is spelt a little differently": ({ idp }, claims) =>
    idp.key.sign({ ...claims, iss: `${idp.issuer}/` }),
  "for another client": ({ idp }, claims) => idp.key.sign({ ...claims, aud: "another-client" }),
  "for several clients without naming ours": ({ idp }, claims) =>
    idp.key.sign({ ...claims, aud: [claims.aud as string, "another"] }),
  "authorised for another client": ({ idp }, claims) => idp.key.sign({ ...claims, azp: "another-client" }),
  "that has expired": ({ idp }, claims) => idp.key.sign({ ...claims, exp: claims.iat! - 60 }),
  "without exp": ({ idp }, { exp: _exp, ...claims }) => idp.key.sign(claims),
  "without iat": ({ idp }, { iat: _iat, ...claims }) => idp.key.sign(claims),
  "without aud": ({ idp }, { aud: _aud, ...claims }) => idp.key.sign(claims),
  "without sub": ({ idp }, { sub: _sub, ...claims }) => idp.key.sign(claims),
  "with an empty sub": ({ idp }, claims) => idp.key.sign({ ...claims, sub: "" }),
  "that is not signed": (_, claims) => new UnsecuredJWT(claims).encode(),
  "signed with the client's secret": (_, claims) =>
    new SignJWT(claims)
      .setProtectedHeader({ alg: "HS256", kid: "key-1" })
      .sign(new TextEncoder().encode("s3cret".repeat(8))),
  "signed by somebody else under the same key id": async (_, claims) => (await SigningKey.create("key-1")).sign(claims),
  "signed with an algorithm that the provider does not use": async (_, claims) => {
    const { privateKey } = await generateKeyPair("RS256");
    return new SignJWT(claims).setProtectedHeader({ alg: "RS256", kid: "key-1" }).sign(privateKey);
  },
  "whose claims were changed": async ({ idp }, claims) => {
    const [header, , signature] = (await idp.key.sign(claims)).split(".");
    return `${header}.${Buffer.from(JSON.stringify({ ...claims, sub: "mallory" })).toString("base64url")}.${signature}`;
  },
  "that is an access token (RFC 9068 section 2.1)": ({ idp }, claims) => idp.key.sign(claims, { typ: "at+jwt" }),
  "that is a logout token": ({ idp }, claims) => idp.key.sign(claims, { typ: "logout+jwt" }),
  "with a critical header that is unknown": ({ idp }, claims) => idp.key.sign(claims, { crit: ["exp2"], exp2: 1 }),
  "signed by a key that it brings along": async ({ idp }, claims) => {
    const own = await SigningKey.create("key-1");
    return own.sign(claims, { jwk: own.jwk, jku: `${idp.issuer}/jwks` });
  },
  "issued in the far future": ({ idp }, claims) =>
    idp.key.sign({ ...claims, iat: claims.iat! + 86_400, exp: claims.iat! + 90_000 }),
  "that holds in the far future": ({ idp }, claims) => idp.key.sign({ ...claims, nbf: claims.iat! + 86_400 }),
  "whose sub is a number": ({ idp }, claims) => idp.key.sign({ ...claims, sub: 7 as unknown as string }),
  "whose end is a text": ({ idp }, claims) => idp.key.sign({ ...claims, exp: "9999999999" as unknown as number }),
  "that is encrypted": () => "a.b.c.d.e",
  "that is no JWT": () => "nonsense",
};

/** OpenID Connect Core section 3.1.3.7, RFC 8725; ASVS 5.0 controls 6.8.2, 9.1.1 to 9.2.3, 10.5.2 and 10.5.4. */
describe("the ID token", () => {
  test.each(Object.entries(wrongTokens))("%s is refused and creates nothing", async (_case, forge) => {
    const made = await logins({ clientSecret: "s3cret".repeat(8) });
    made.idp.idToken = (claims) => forge(made, claims);
    const { status, body, id } = await outcome(made);
    expect({ status, body }).toEqual({ status: 502, body: { detail: {}, message: INVALID } });
    expect(made.server.events()).toEqual(["authn_login_fail:unknown"]);
    await expectEnded(made, id);
  });

  test("signed with a shared secret is refused even if the provider announces that", async () => {
    const made = await logins({ clientSecret: "s3cret".repeat(8) });
    made.idp.metadata.id_token_signing_alg_values_supported = ["HS256", "none", "ES256"];
    made.idp.idToken = (claims) => wrongTokens["signed with the client's secret"]!(made, claims);
    expect(await outcome(made)).toMatchObject({ status: 502, body: { message: INVALID } });
  });

  test.each(["unknown", "", "../../key-1", "key-1\0", "0".repeat(10_000)])(
    "under the key id %.20j, which the provider does not have, lets nobody in",
    async (kid) => {
      const made = await logins();
      made.idp.idToken = (claims) => made.idp.key.sign(claims, { kid });
      expect(await outcome(made)).toMatchObject({
        status: 502,
        body: { message: "OIDC provider returned an unexpected response" },
      });
      expect(await made.store.clients.list()).toEqual([]);
    },
  );

  test("must be there", async () => {
    const made = await logins();
    made.idp.idToken = () => undefined;
    const { status, body, id } = await outcome(made);
    expect({ status, body }).toEqual({
      status: 502,
      body: { detail: {}, message: "OIDC provider did not return an ID token" },
    });
    await expectEnded(made, id);
  });

  test("may name our client among others, if it was issued to ours", async () => {
    const made = await logins();
    made.idp.idToken = (claims) =>
      made.idp.key.sign({ ...claims, aud: ["testflinger-client", "another"], azp: "testflinger-client" });
    expect(await outcome(made)).toMatchObject({ status: 200 });
  });

  test("of a clock that is half a minute ahead is accepted", async () => {
    const made = await logins();
    made.idp.idToken = (claims) => made.idp.key.sign({ ...claims, nbf: claims.iat! + 25 });
    expect(await outcome(made)).toMatchObject({ status: 200 });
  });
});

/** ASVS 5.0 controls 9.1.3 (keys of the issuer only) and 16.5.2. */
describe("the provider's keys", () => {
  test("are fetched once for many logins", async () => {
    const made = await logins();
    await outcome(made);
    await outcome(made);
    expect(made.idp.callsOf("/jwks")).toHaveLength(1);
  });

  test.each([
    ["a new id", "key-2"],
    ["the old id", "key-1"],
  ])("may be rotated at any time, under %s", async (_case, id) => {
    const made = await logins();
    expect(await outcome(made)).toMatchObject({ status: 200 });
    made.idp.key = await SigningKey.create(id);
    expect(await outcome(made)).toMatchObject({ status: 200 });
    expect(made.idp.callsOf("/jwks")).toHaveLength(2);
  });

  test("may be published late: a later poll finishes the login", async () => {
    const made = await logins();
    made.idp.publishedKeys = [await SigningKey.create("old")];
    const { status, body, id } = await outcome(made);
    expect({ status, body }).toEqual({
      status: 502,
      body: { detail: {}, message: "OIDC provider returned an unexpected response" },
    });
    delete made.idp.publishedKeys;
    made.clock.advance(5);
    await made.server.finish(id);
    expect(made.idp.callsOf("/token")).toHaveLength(1);
  });

  test.each([
    ["down", answers.down, "Failed to communicate with OIDC provider"],
    ["slow", answers.hang, "Failed to communicate with OIDC provider"],
    ["broken", answers.html(500), "OIDC provider returned an unexpected response"],
    ["no JSON", answers.html(), "OIDC provider returned an unexpected response"],
    ["no key set", answers.json({ keys: 5 }), "OIDC provider returned an unexpected response"],
  ])("are asked for again when the key set is %s", async (_case, answer, message) => {
    const made = await logins({ providerTimeLimit: 20 });
    made.idp.next("/jwks", answer);
    const { status, body, id } = await outcome(made);
    expect({ status, body }).toEqual({ status: 502, body: { detail: {}, message } });
    made.clock.advance(5);
    await made.server.finish(id);
    expect(made.idp.callsOf("/token")).toHaveLength(1);
  });

  test.each([undefined, "http://idp.example/jwks", "file:///etc/passwd", "nonsense"])(
    "are not fetched from %p",
    async (uri) => {
      const made = await logins();
      made.idp.metadata.jwks_uri = uri;
      expect(await outcome(made)).toMatchObject({
        status: 502,
        body: { message: "OIDC provider returned an unexpected response" },
      });
      expect(made.idp.calls.map(({ path }) => path)).not.toContain(uri === undefined ? "/jwks" : uri);
    },
  );
});

describe("userinfo", () => {
  test("of another person is refused and creates nothing", async () => {
    const made = await logins();
    made.idp.next("/userinfo", answers.json({ ...ALICE, sub: "mallory" }));
    const { status, body, id } = await outcome(made);
    expect({ status, body }).toEqual({
      status: 502,
      body: { detail: {}, message: "OIDC provider named two different people" },
    });
    await expectEnded(made, id);
  });

  test.each([
    ["is down", answers.down],
    ["is slow", answers.hang],
    ["is broken", answers.html(500)],
    ["is HTML", answers.html()],
    ["refuses the token", answers.json({}, 401)],
    ["names nobody", answers.json({ email: "alice@example.com" })],
    ["is a list", answers.json([])],
  ])("that %s does not burn the login: the provider is not asked for tokens again", async (_case, answer) => {
    const made = await logins({ providerTimeLimit: 20 });
    made.idp.next("/userinfo", answer);
    const { status, body, id } = await outcome(made);
    expect({ status, body }).toEqual({
      status: 502,
      body: { detail: {}, message: "Failed to retrieve user information from OIDC provider" },
    });
    expect(await made.store.clients.list()).toEqual([]);
    made.clock.advance(5);
    await made.server.finish(id);
    expect(made.idp.callsOf("/token")).toHaveLength(1);
  });

  test("is needed", async () => {
    const made = await logins();
    delete made.idp.metadata.userinfo_endpoint;
    expect(await outcome(made)).toMatchObject({
      status: 502,
      body: { message: "Failed to retrieve user information from OIDC provider" },
    });
  });

  test("may be told in any content type", async () => {
    const made = await logins();
    made.idp.next(
      "/userinfo",
      () => new Response(JSON.stringify(ALICE), { headers: { "content-type": "text/plain" } }),
    );
    expect(await outcome(made)).toMatchObject({ status: 200 });
  });

  test("what is kept of a half-finished login is sealed", async () => {
    const made = await logins();
    made.idp.next("/userinfo", answers.down);
    const { id } = await outcome(made);
    const hash = new Bun.CryptoHasher("sha256").update(id).digest("hex");
    const kept = await made.store.deviceLogins.find(hash, made.clock.now());
    expect(kept!.sealedIdentity).toBeString();
    expect(Buffer.from(kept!.sealedIdentity!, "base64url").toString("latin1")).not.toContain("idp-access-token");
  });
});

describe("the email address", () => {
  test("must be there", async () => {
    const made = await logins();
    const { status, body, id } = await outcome(made, { sub: "alice", name: "Alice" });
    expect({ status, body }).toEqual({
      status: 502,
      body: { detail: {}, message: "OIDC provider did not return an email address" },
    });
    await expectEnded(made, id);
  });

  test("that is not verified is refused and creates nothing", async () => {
    const made = await logins();
    const { status, body, id } = await outcome(made, { ...ALICE, email_verified: false });
    expect(status).toBe(403);
    expect(body).toMatchObject({ message: expect.stringContaining("alice@example.com is not verified") });
    expect(made.server.events()).toEqual(["authn_login_fail:alice@example.com"]);
    await expectEnded(made, id);
  });

  test("need not be called verified, unless the operator asks for it", async () => {
    const { email_verified: _, ...claims } = ALICE;
    expect(await outcome(await logins(), claims)).toMatchObject({ status: 200 });
    expect(await outcome(await logins({ requireVerifiedEmail: true }), claims)).toMatchObject({ status: 403 });
    expect(await outcome(await logins({ requireVerifiedEmail: true }), ALICE)).toMatchObject({ status: 200 });
  });

  test("of a password client is a conflict that leaves both as they are", async () => {
    const made = await logins();
    await made.store.clients.create({
      id: ALICE.email,
      secretHash: "hash",
      permissions: { role: "manager" },
      createdAt: made.clock.now(),
    });
    const before = await made.store.clients.list();
    const { status, body, id } = await outcome(made);
    expect(status).toBe(409);
    expect(body).toMatchObject({
      message: expect.stringContaining("alice@example.com already belongs to another account"),
    });
    expect(await made.store.clients.list()).toEqual(before);
    made.clock.advance(5);
    expect(await (await made.server.poll(id)).json()).toEqual(UNKNOWN);
  });

  test("of another subject is a conflict that leaves both as they are", async () => {
    const made = await logins();
    await outcome(made);
    const before = await made.store.clients.list();
    expect(await outcome(made, { ...ALICE, sub: "mallory" })).toMatchObject({ status: 409 });
    expect(await made.store.clients.list()).toEqual(before);
  });

  test("may change: the account, its grants and its logins follow the subject", async () => {
    const made = await logins();
    const { request_id } = await made.server.begin();
    made.idp.approve(ALICE);
    const { refresh_token } = await made.server.finish(request_id);
    await made.store.clients.update(ALICE.email, { role: "manager", max_priority: { "*": 5 } });
    expect(await outcome(made, { ...ALICE, email: "alice@new.example" })).toMatchObject({ status: 200 });
    expect(await made.store.clients.list()).toMatchObject([
      { id: "alice@new.example", permissions: { role: "manager", max_priority: { "*": 5 } } },
    ]);
    expect(await made.store.refreshTokens.find(refresh_token)).toMatchObject({ clientId: "alice@new.example" });
  });
});
