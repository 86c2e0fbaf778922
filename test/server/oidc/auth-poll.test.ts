import { describe, expect, test } from "bun:test";
import { decodeJwt } from "jose";
import * as answers from "../../support/idp/answers.ts";
import { ALICE, useLogins } from "../../support/idp/logins.ts";

const logins = useLogins();

const UNKNOWN = { detail: {}, message: "Invalid or expired request_id" };
const VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

/** RFC 8628 sections 3.4, 3.5 and 5; ASVS 5.0 controls 10.1.1 (the provider's tokens stay with the server), 10.1.2 and 10.5.2. */
describe("auth-poll", () => {
  test("a finished login gives the tokens of a new contributor and ends", async () => {
    const { server, idp, store, clock } = await logins();
    const { request_id } = await server.begin();
    idp.approve(ALICE);
    const response = await server.poll(request_id);
    expect(response.status).toBe(200);
    expect(response.headers.get("cache-control")).toBe("no-store");
    const tokens = await response.json();
    expect(JSON.stringify(tokens)).not.toContain("idp-access-token");
    expect(tokens).toEqual({
      access_token: expect.any(String),
      token_type: "Bearer",
      expires_in: 600,
      refresh_token: expect.stringMatching(/^[A-Za-z0-9]{48}$/),
    });
    expect(decodeJwt(tokens.access_token).permissions).toEqual({ client_id: "alice@example.com", role: "contributor" });
    expect(await store.clients.find("alice@example.com")).toMatchObject({
      subject: { sub: "alice", issuer: idp.issuer },
      name: "Alice A",
      lastLogin: clock.now(),
    });
    clock.advance(10);
    const again = await server.poll(request_id);
    expect(again.status).toBe(400);
    expect(await again.json()).toEqual(UNKNOWN);
    expect(idp.callsOf("/token")).toHaveLength(1);
  });

  test("tells the audit log of the login", async () => {
    const { server, idp } = await logins();
    const { request_id } = await server.begin();
    idp.approve(ALICE);
    const { refresh_token } = await server.finish(request_id);
    expect(server.events()).toEqual([
      "authn_token_created:alice@example.com,contributor",
      "authn_login_success:alice@example.com",
    ]);
    for (const secret of [request_id, refresh_token, "idp-access-token"])
      expect(server.lines.join()).not.toContain(secret);
  });

  test("sends the device grant with the credentials of the client", async () => {
    const { server, idp } = await logins({ clientSecret: "s3cret" });
    await server.poll((await server.begin()).request_id);
    expect(idp.callsOf("/token")).toEqual([
      {
        path: "/token",
        authorization: `Basic ${btoa("testflinger-client:s3cret")}`,
        form: {
          grant_type: "urn:ietf:params:oauth:grant-type:device_code",
          device_code: "device-code",
          client_id: "testflinger-client",
        },
      },
    ]);
  });

  test("is pending until the person has logged in", async () => {
    const { server, idp, clock } = await logins();
    const { request_id } = await server.begin();
    const pending = await server.poll(request_id);
    expect(pending.status).toBe(400);
    expect(await pending.json()).toEqual({ error: "authorization_pending" });
    expect(pending.headers.get("cache-control")).toBe("no-store");
    idp.approve(ALICE);
    clock.advance(5);
    await server.finish(request_id);
  });

  test("slow_down of the provider makes the interval longer", async () => {
    const { server, idp, clock } = await logins();
    const { request_id } = await server.begin();
    idp.next("/token", answers.oauthError("slow_down"));
    const slowed = await server.poll(request_id);
    expect(slowed.status).toBe(400);
    expect(await slowed.json()).toEqual({ error: "slow_down" });
    expect(slowed.headers.get("retry-after")).toBe("5");
    clock.advance(9.9);
    expect(await (await server.poll(request_id)).json()).toEqual({ error: "slow_down" });
    expect(idp.callsOf("/token")).toHaveLength(1);
  });

  test("a poll that comes too early is slowed down without asking the provider, and the longer interval stays", async () => {
    const { server, idp, clock } = await logins();
    const { request_id } = await server.begin();
    await server.poll(request_id);
    for (const [wait, interval] of [
      [4.9, "10"],
      [9.9, "15"],
    ] as const) {
      clock.advance(wait);
      const early = await server.poll(request_id);
      expect(early.status).toBe(400);
      expect(await early.json()).toEqual({ error: "slow_down" });
      expect(early.headers.get("retry-after")).toBe(interval);
    }
    expect(idp.callsOf("/token")).toHaveLength(1);
    clock.advance(15);
    expect(await (await server.poll(request_id)).json()).toEqual({ error: "authorization_pending" });
    clock.advance(14.9);
    expect(await (await server.poll(request_id)).json()).toEqual({ error: "slow_down" });
    expect(idp.callsOf("/token")).toHaveLength(2);
  });

  test("while one poll asks the provider another one is told to slow down", async () => {
    const { server, idp, clock } = await logins();
    const { request_id } = await server.begin();
    const asked = Promise.withResolvers<void>();
    const answer = Promise.withResolvers<Response>();
    idp.next("/token", () => {
      asked.resolve();
      return answer.promise;
    });
    const first = server.poll(request_id);
    await asked.promise;
    clock.advance(6);
    const second = await server.replica().poll(request_id);
    expect(await second.json()).toEqual({ error: "slow_down" });
    expect(second.headers.get("retry-after")).toBe("5");
    answer.resolve(Response.json({ error: "authorization_pending" }, { status: 400 }));
    expect(await (await first).json()).toEqual({ error: "authorization_pending" });
    expect(idp.callsOf("/token")).toHaveLength(1);
  });

  test.each(["access_denied", "expired_token", "invalid_grant", "invalid_client", "some_other_error"])(
    "%s of the provider ends the login",
    async (error) => {
      const { server, idp, clock } = await logins();
      const { request_id } = await server.begin();
      idp.fail(error);
      const response = await server.poll(request_id);
      expect(response.status).toBe(400);
      expect(await response.json()).toEqual({ error });
      expect(response.headers.get("retry-after")).toBeNull();
      clock.advance(5);
      expect(await (await server.poll(request_id)).json()).toEqual(UNKNOWN);
    },
  );

  test.each(["<script>alert(1)</script>", "call +1 555 0100", "\u001b[2J"])(
    "the error %p is not passed on",
    async (error) => {
      const { server, idp } = await logins();
      const { request_id } = await server.begin();
      idp.fail(error);
      expect(await (await server.poll(request_id)).json()).toEqual({ error: "server_error" });
    },
  );

  test("the status of the provider's answer does not matter", async () => {
    const { server, idp, clock } = await logins();
    const { request_id } = await server.begin();
    idp.next("/token", answers.oauthError("authorization_pending", 200));
    expect(await (await server.poll(request_id)).json()).toEqual({ error: "authorization_pending" });
    clock.advance(5);
    idp.next("/token", answers.oauthError("authorization_pending", 401));
    expect(await (await server.poll(request_id)).json()).toEqual({ error: "authorization_pending" });
  });

  test.each([
    ["nobody answers", answers.down, "Failed to communicate with OIDC provider"],
    ["the provider is slow", answers.hang, "Failed to communicate with OIDC provider"],
    ["the answer never ends", answers.flood, "Failed to communicate with OIDC provider"],
    ["the answer is HTML", answers.html(), "OIDC provider returned an unexpected response"],
    ["the provider is broken", answers.html(500), "OIDC provider returned an unexpected response"],
    ["the answer is empty", answers.json({}), "OIDC provider returned an unexpected response"],
    ["the error is no text", answers.oauthError({ deep: 1 }), "OIDC provider returned an unexpected response"],
    ["the access token is no text", answers.json({ access_token: 5 }), "OIDC provider returned an unexpected response"],
  ])("when %s the login lives on", async (_case, answer, message) => {
    const { server, idp, clock } = await logins({ providerTimeLimit: 20 });
    const { request_id } = await server.begin();
    idp.approve(ALICE);
    idp.next("/token", answer);
    const failed = await server.poll(request_id);
    expect(failed.status).toBe(502);
    expect(await failed.json()).toEqual({ detail: {}, message });
    clock.advance(5);
    await server.finish(request_id);
  });

  test("a provider without a token endpoint is named", async () => {
    const { server, idp } = await logins();
    delete idp.metadata.token_endpoint;
    const response = await server.poll((await server.begin()).request_id);
    expect(response.status).toBe(500);
    expect(await response.json()).toEqual({ detail: {}, message: "OIDC provider metadata missing token endpoint" });
  });

  test("unknown, malformed and expired request ids look alike", async () => {
    const { server, clock, idp } = await logins();
    const { request_id } = await server.begin();
    clock.advance(300);
    for (const id of [request_id, "A".repeat(43), "x", "..%2F", "%00"]) {
      const response = await server.poll(id);
      expect(response.status).toBe(400);
      expect(await response.json()).toEqual(UNKNOWN);
      expect(response.headers.get("cache-control")).toBe("no-store");
    }
    expect(idp.callsOf("/token")).toEqual([]);
  });

  test("a login that another secret has sealed is unknown", async () => {
    const { server } = await logins();
    const { request_id } = await server.begin();
    const other = server.replica({ secret: "another secret" });
    expect(await (await other.poll(request_id)).json()).toEqual(UNKNOWN);
  });

  /** ASVS 5.0 controls 6.6.2 (a login is finished by whoever began it) and 6.6.3 (guessing ends it). */
  describe("with a code challenge", () => {
    test("only the verifier finishes the login", async () => {
      const { server, idp, watch } = await logins();
      watch.permit(CHALLENGE, "a challenge is no secret (RFC 7636 section 4.2); it is tried as the verifier here");
      const { request_id } = await server.begin({ code_challenge: CHALLENGE });
      idp.approve(ALICE);
      for (const body of [undefined, {}, { code_verifier: CHALLENGE }, { code_verifier: "" }]) {
        const response = await server.poll(request_id, body);
        expect(response.status).toBe(400);
        expect(await response.json()).toEqual({ error: "invalid_grant" });
      }
      expect(idp.callsOf("/token")).toEqual([]);
      await server.finish(request_id, { code_verifier: VERIFIER });
    });

    test("five wrong verifiers end the login", async () => {
      const { server, idp } = await logins();
      const { request_id } = await server.begin({ code_challenge: CHALLENGE });
      idp.approve(ALICE);
      for (let attempt = 0; attempt < 5; attempt++)
        expect(await (await server.poll(request_id, { code_verifier: "A".repeat(43) })).json()).toEqual({
          error: "invalid_grant",
        });
      expect(await (await server.poll(request_id, { code_verifier: VERIFIER })).json()).toEqual(UNKNOWN);
    });

    /** Whoever removes the challenge on the way to the server could otherwise finish the login without a verifier. */
    test("a verifier for a login without a challenge is refused", async () => {
      const { server } = await logins();
      const { request_id } = await server.begin();
      expect(await (await server.poll(request_id, { code_verifier: VERIFIER })).json()).toEqual({
        error: "invalid_grant",
      });
    });

    test("a verifier that is no text is refused by name", async () => {
      const { server } = await logins();
      const { request_id } = await server.begin({ code_challenge: CHALLENGE });
      const response = await server.poll(request_id, { code_verifier: 5 });
      expect(response.status).toBe(422);
      expect(await response.json()).toMatchObject({ detail: { json: { code_verifier: ["Not a valid string."] } } });
    });
  });
});
