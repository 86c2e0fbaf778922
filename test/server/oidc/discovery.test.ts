import { describe, expect, test } from "bun:test";
import * as answers from "../../support/idp/answers.ts";
import { ALICE, useLogins } from "../../support/idp/logins.ts";

const logins = useLogins();
const DOCUMENT = "/.well-known/openid-configuration";

/** ASVS 5.0 controls 10.5.3 (a provider that poses as another one) and 16.5.2 (one that is down or slow). */
describe("discovery", () => {
  test("happens once for logins that begin at the same time, and not again within the hour", async () => {
    const { server, idp, clock } = await logins();
    await Promise.all([server.begin(), server.begin(), server.begin()]);
    clock.advance(3599);
    await server.begin();
    expect(idp.callsOf(DOCUMENT)).toHaveLength(1);
  });

  test("happens again after an hour, so that a moved endpoint is found", async () => {
    const { server, idp, clock } = await logins();
    await server.begin();
    idp.metadata.device_authorization_endpoint = `${idp.issuer}/moved`;
    clock.advance(3600);
    idp.next("/moved", answers.json(idp.deviceAuthorization));
    await server.begin();
    expect(idp.callsOf("/moved")).toHaveLength(1);
  });

  test.each([
    ["down", answers.down, "Failed to communicate with OIDC provider"],
    ["slow", answers.hang, "Failed to communicate with OIDC provider"],
    ["endless", answers.flood, "Failed to communicate with OIDC provider"],
    ["broken", answers.html(500), "OIDC provider returned an unexpected response"],
    ["HTML", answers.html(), "OIDC provider returned an unexpected response"],
    ["a redirect", answers.redirect("https://evil.example/"), "OIDC provider returned an unexpected response"],
    ["a list", answers.json([]), "OIDC provider returned an unexpected response"],
    [
      "without an issuer",
      answers.json({ token_endpoint: "https://idp.example/token" }),
      "OIDC provider returned an unexpected response",
    ],
    [
      "of another issuer",
      answers.json({ issuer: "https://evil.example" }),
      "OIDC provider returned an unexpected response",
    ],
  ])("that is %s fails clearly, and is tried again by the next login", async (_case, answer, message) => {
    const { server, idp } = await logins({ providerTimeLimit: 20 });
    idp.next(DOCUMENT, answer);
    const failed = await server.post("/oidc/auth-init");
    expect(failed.status).toBe(502);
    expect(await failed.json()).toEqual({ detail: {}, message });
    await server.begin();
  });

  test.each([
    ["https://idp.example", "https://idp.example/"],
    ["https://idp.example/", "https://idp.example"],
    ["https://idp.example/realms/lab/", "https://idp.example/realms/lab"],
    ["https://idp.example/realms/lab", "https://idp.example/realms/lab/"],
  ])("an issuer configured as %s and stated as %s is the same", async (issuer, stated) => {
    const { server, idp } = await logins({ issuer });
    idp.metadata.issuer = stated;
    idp.idToken = (claims) => idp.key.sign({ ...claims, iss: stated });
    const { request_id } = await server.begin();
    idp.approve(ALICE);
    await server.finish(request_id);
    expect(idp.calls[0]!.path).toBe(`${new URL(issuer).pathname.replace(/\/$/, "")}${DOCUMENT}`);
  });

  test.each(["device_authorization_endpoint", "token_endpoint", "userinfo_endpoint"])(
    "a provider on https cannot move the %s to plain http",
    async (endpoint) => {
      const { server, idp } = await logins();
      idp.metadata[endpoint] = "http://idp.example/x";
      idp.approve(ALICE);
      const begun = await server.post("/oidc/auth-init");
      const response = begun.ok ? await server.poll((await begun.json()).request_id) : begun;
      expect(response.status).toBe(502);
      expect(idp.callsOf("http://idp.example/x")).toEqual([]);
    },
  );

  test.each([
    ["http://dex:5556", true],
    ["http://127.0.0.1:5556", false],
    ["http://localhost:5556", false],
    ["http://[::1]:5556", false],
    ["https://idp.example", false],
  ])("a server for the issuer %s warns its operator: %p", async (issuer, warns) => {
    const { server, idp } = await logins({ issuer });
    const { request_id } = await server.begin();
    idp.approve(ALICE);
    await server.finish(request_id);
    expect(server.lines.some((line) => line.includes("OIDC_PROVIDER_ISSUER is a plain http URL"))).toBe(warns);
  });
});
