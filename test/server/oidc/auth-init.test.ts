import { describe, expect, test } from "bun:test";
import * as answers from "../../support/idp/answers.ts";
import { useLogins } from "../../support/idp/logins.ts";

const logins = useLogins();
const CHALLENGE = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

describe("auth-init", () => {
  test("passes the provider's fields on unchanged, hides the device code and adds a request id", async () => {
    const { server, idp } = await logins();
    idp.deviceAuthorization.extra_field = { kept: ["as", "it", "is"] };
    const { device_code, ...shown } = idp.deviceAuthorization;
    const response = await server.post("/oidc/auth-init");
    expect(response.status).toBe(200);
    const body = await response.json();
    expect(body).toEqual({ ...shown, request_id: expect.stringMatching(/^[A-Za-z0-9_-]{43}$/) });
    expect(JSON.stringify(body)).not.toContain(device_code as string);
  });

  test("must not be cached, whether it succeeds or fails", async () => {
    const { server, idp } = await logins();
    expect((await server.post("/oidc/auth-init")).headers.get("cache-control")).toBe("no-store");
    idp.next("/device", answers.html());
    expect((await server.post("/oidc/auth-init")).headers.get("cache-control")).toBe("no-store");
  });

  /** ASVS 5.0 control 6.5.2. */
  test("keeps neither the request id nor the device code in clear", async () => {
    const { server, store, clock } = await logins();
    const { request_id } = await server.begin();
    const hash = new Bun.CryptoHasher("sha256").update(request_id).digest("hex");
    const kept = await store.deviceLogins.find(hash, clock.now());
    expect(kept).toMatchObject({ requestHash: hash, interval: 5, expiresAt: new Date(+clock.now() + 300_000) });
    expect(JSON.stringify(kept)).not.toContain(request_id);
    expect(JSON.stringify(kept)).not.toContain("device-code");
    expect(Buffer.from(kept!.sealedDeviceCode, "base64url").toString("latin1")).not.toContain("device-code");
  });

  test("a public client sends its id in the body and no Authorization header", async () => {
    const { server, idp } = await logins();
    await server.begin();
    expect(idp.callsOf("/device")).toEqual([
      {
        path: "/device",
        authorization: null,
        form: { client_id: "testflinger-client", scope: "openid profile email" },
      },
    ]);
  });

  test("a confidential client sends HTTP Basic as well", async () => {
    const { server, idp } = await logins({ clientSecret: "s3cret" });
    await server.begin();
    expect(idp.callsOf("/device")[0]).toMatchObject({
      authorization: `Basic ${btoa("testflinger-client:s3cret")}`,
      form: { client_id: "testflinger-client" },
    });
  });

  test.each([
    ["nobody answers", answers.down, 502, "Failed to communicate with OIDC provider"],
    ["the answer is HTML", answers.html(), 502, "OIDC provider returned an unexpected response"],
    ["the answer is a list", answers.json([]), 502, "OIDC provider returned an unexpected response"],
    [
      "the answer is a redirect",
      answers.redirect("https://evil.example/"),
      502,
      "OIDC provider returned an unexpected response",
    ],
    ["the answer never ends", answers.flood, 502, "Failed to communicate with OIDC provider"],
    [
      "the client is refused",
      answers.oauthError("unauthorized_client"),
      502,
      "OIDC provider rejected device authorization request",
    ],
    [
      "the client secret is wrong",
      answers.oauthError("invalid_client", 401),
      502,
      "OIDC provider rejected device authorization request",
    ],
    ["the provider is broken", answers.html(500), 502, "OIDC provider rejected device authorization request"],
    [
      "there is no device code",
      answers.json({ user_code: "A", verification_uri: "https://idp.example/" }),
      502,
      "OIDC provider response missing device_code",
    ],
    [
      "the device code is a number",
      answers.json({ device_code: 7 }),
      502,
      "OIDC provider response missing device_code",
    ],
  ])("when %s the answer is a clear error", async (_case, answer, status, message) => {
    const { server, idp } = await logins();
    idp.next("/device", answer);
    const response = await server.post("/oidc/auth-init");
    expect(response.status).toBe(status);
    expect(await response.json()).toEqual({ detail: {}, message });
  });

  test.each([
    ["hangs", answers.hang],
    ["stops in the middle of its answer", answers.stall],
  ])("a provider that %s is given up after the time limit", async (_case, answer) => {
    const { server, idp } = await logins({ providerTimeLimit: 20 });
    idp.next("/device", answer);
    const response = await server.post("/oidc/auth-init");
    expect(response.status).toBe(502);
    expect(await response.json()).toEqual({ detail: {}, message: "Failed to communicate with OIDC provider" });
  });

  test("the provider's own words reach the log only", async () => {
    const { server, idp } = await logins();
    idp.next("/device", answers.oauthError("call +1 555 0100 now"));
    expect(await (await server.post("/oidc/auth-init")).text()).not.toContain("555");
    expect(server.lines.join()).toContain("call +1 555 0100 now");
    expect(server.lines.join()).not.toContain("text of the provider");
  });

  test("a provider without the device flow is named", async () => {
    const { server, idp } = await logins();
    delete idp.metadata.device_authorization_endpoint;
    const response = await server.post("/oidc/auth-init");
    expect(response.status).toBe(500);
    expect(await response.json()).toEqual({
      detail: {},
      message: "OIDC provider does not support device authorization",
    });
  });

  test.each([
    ["JSON of other fields", { body: '{"anything":1}', headers: { "content-type": "application/json" } }],
    ["broken JSON", { body: "{", headers: { "content-type": "application/json" } }],
    ["text", { body: "x", headers: { "content-type": "text/plain" } }],
  ])("ignores a body of %s, as the reference does", async (_case, init) => {
    const { server } = await logins();
    expect((await server.send("/oidc/auth-init", init)).status).toBe(200);
  });

  test.each([[7], [null], ["short"], [`${CHALLENGE}=`]])(
    "refuses the code_challenge %p and names it",
    async (code_challenge) => {
      const { server, idp } = await logins();
      const response = await server.post("/oidc/auth-init", { code_challenge });
      expect(response.status).toBe(422);
      expect(await response.json()).toEqual({
        detail: { json: { code_challenge: [expect.any(String)] } },
        message: "Validation error",
      });
      expect(idp.callsOf("/device")).toEqual([]);
    },
  );

  test("an address that begins too many logins has to wait, others do not notice", async () => {
    const { server, clock, idp } = await logins({ limits: { authInit: 2 } });
    await server.begin();
    await server.begin();
    const refused = await server.post("/oidc/auth-init");
    expect(refused.status).toBe(429);
    expect(refused.headers.get("retry-after")).toBe("300");
    expect(idp.callsOf("/device")).toHaveLength(2);
    clock.advance(300);
    await server.begin();
  });

  /** Auth section 8, no. 16: `auth-init` is open, and every login that is begun is a call to the provider and a record. */
  test("while ten thousand logins are pending no more are begun, by whatever addresses, and the provider is left alone", async () => {
    const { server, store, idp } = await logins();
    let pending = 9_999;
    const countPending = async () => pending;
    const deviceLogins = Object.assign(Object.create(store.deviceLogins), {
      countPending,
      add: (...login: Parameters<typeof store.deviceLogins.add>) => store.deviceLogins.add(...login),
    });
    const full = server.replica({ store: { ...store, deviceLogins } });
    await full.begin();
    pending = 10_000;
    const refused = await full.post("/oidc/auth-init");
    expect([refused.status, refused.headers.get("retry-after")]).toEqual([429, "60"]);
    expect((await refused.json()).message).toContain("Too many logins are waiting");
    expect(idp.callsOf("/device")).toHaveLength(1);
  });
});
