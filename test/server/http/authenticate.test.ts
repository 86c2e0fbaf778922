import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { SignJWT } from "jose";
import { SIGNING_KEY, type TestApp, testApp } from "../../support/test-app.ts";

/** A route for people: admin, manager, contributor. */
const PATH = "/v1/agents/data";

const NOW = Math.floor(Date.now() / 1000);
const CLAIMS = { sub: "access_token", iat: NOW, exp: NOW + 600, permissions: { client_id: "ci", role: "contributor" } };

const signed = (claims: Record<string, unknown>, key = SIGNING_KEY): Promise<string> =>
  new SignJWT({ ...CLAIMS, ...claims })
    .setProtectedHeader({ alg: "HS256", typ: "JWT" })
    .sign(new TextEncoder().encode(key));

let app: TestApp;
afterEach(() => app.close());

/** Status, message and challenge of the answer to this Authorization header. */
async function answerTo(authorization?: string): Promise<unknown[]> {
  const headers: Record<string, string> = authorization === undefined ? {} : { authorization };
  const answer = await app.fetch(new Request(`http://localhost${PATH}`, { headers }));
  const { message } = (await answer.json()) as { message?: string };
  return [answer.status, message, answer.headers.get("www-authenticate")];
}

const events = (): string[] => app.lines.flatMap((line) => JSON.parse(line).owasp_event?.event ?? []);

const SERVED = [200, undefined, null];
const LOG_IN = [401, "Authentication is required for specified endpoint", 'Bearer realm="testflinger"'];
const WRONG_ROLE = [403, "Specified action requires role: admin, manager, contributor", null];
const RENEW = (message: string) => [401, message, 'Bearer realm="testflinger", error="invalid_token"'];
const REFUSED = (message: string) => [403, message, null];

/** ASVS 5.0 controls 7.2.1 and 9.1.1 (the server checks every token), 9.2.1 and 10.3.2 (the role that a token tells decides). */
describe.each([false, true])("with OIDC on: %p (server-api section 1.10)", (oidc) => {
  beforeEach(async () => void (app = await testApp({ oidc })));

  test.each<[string, string | undefined, unknown[], unknown[]]>([
    ["no header", undefined, SERVED, LOG_IN],
    ["another scheme", "Basic Y2k6c2VjcmV0", WRONG_ROLE, LOG_IN],
    ["a scheme in small letters", "bearer x", WRONG_ROLE, LOG_IN],
    ["the scheme alone", "Bearer", WRONG_ROLE, LOG_IN],
  ])("%s", async (_, header, off, on) => expect(await answerTo(header)).toEqual(oidc ? on : off));

  test.each<[string, () => Promise<string> | string, unknown[]]>([
    ["of a client that may", () => signed({}), SERVED],
    [
      "of a client without a role, which makes it a contributor",
      () => signed({ permissions: { client_id: "ci" } }),
      SERVED,
    ],
    ["of another role", () => signed({ permissions: { client_id: "lab", role: "agent" } }), WRONG_ROLE],
    ["that has expired", () => signed({ iat: NOW - 1000, exp: NOW - 60 }), RENEW("Token has expired")],
    ["from the future", () => signed({ iat: NOW + 60 }), RENEW("Token not yet valid")],
    [
      "signed with another key",
      () => signed({}, "another key that has 32 bytes, too"),
      REFUSED("Invalid Token signature"),
    ],
    ["without an end", () => signed({ exp: undefined }), REFUSED("Token missing required claim: exp")],
    ["that is none", () => "gibberish", REFUSED("Unable to decode token")],
  ])("a token %s", async (_, token, wanted) => expect(await answerTo(`Bearer ${await token()}`)).toEqual(wanted));

  test("a token of nobody has its role while login is off, and is no identity while it is on", async () => {
    const token = await signed({ permissions: { client_id: null, role: "manager" } });
    expect(await answerTo(`Bearer ${token}`)).toEqual(oidc ? LOG_IN : SERVED);
  });
});

/** ASVS 5.0 controls 16.2.5 and 16.3.2. */
describe("what was refused is a security event:", () => {
  beforeEach(async () => void (app = await testApp({ oidc: true })));

  test("a request without an identity", async () => {
    await answerTo();
    expect(events()).toEqual([`authz_fail:unauthenticated,${PATH}`]);
  });

  test("a role that is not enough, with whose it is", async () => {
    await answerTo(`Bearer ${await app.token("lab-1", { role: "agent" })}`);
    expect(events()).toEqual([`authz_fail:lab-1,${PATH}`]);
    expect(app.lines.join()).toContain("requires role: admin, manager, contributor");
  });

  test("and does not hold the token", async () => {
    const token = await app.token("lab-1", { role: "agent" });
    await answerTo(`Bearer ${token}`);
    expect(app.lines.join()).not.toContain(token);
  });
});
