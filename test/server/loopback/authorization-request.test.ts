import { describe, expect, test } from "bun:test";
import {
  answerUrl,
  authorizationRequestOf,
  isLoopbackUri,
} from "../../../src/server/loopback/authorization-request.ts";
import { Problem } from "../../../src/server/http/problem.ts";

/** Codes go to a port of the person's own machine and nowhere else (RFC 8252 sections 7.3 and 8.3, CWE-601, ASVS 5.0 control 10.4.1). */
describe("a redirect URI", () => {
  test.each(["http://127.0.0.1:49152/callback", "http://[::1]:1/", "http://127.0.0.1:65535/"])("%s is usable", (uri) =>
    expect(isLoopbackUri(uri)).toBe(true),
  );

  test.each([
    "",
    "http://127.0.0.1/callback",
    "http://127.0.0.1:80/callback",
    "http://127.0.0.1:0/callback",
    "http://127.0.0.1:65536/callback",
    "http://127.0.0.1:099/callback",
    "https://127.0.0.1:5000/callback",
    "http://localhost:5000/callback",
    "http://127.0.0.2:5000/callback",
    "http://127.1:5000/callback",
    "http://2130706433:5000/callback",
    "http://0x7f.0.0.1:5000/callback",
    "http://0177.0.0.1:5000/callback",
    "http://0.0.0.0:5000/callback",
    "http://[::ffff:127.0.0.1]:5000/callback",
    "http://[0:0:0:0:0:0:0:1]:5000/callback",
    "http://127.0.0.1.evil.example:5000/callback",
    "http://127.0.0.1:5000@evil.example/callback",
    "http://user@127.0.0.1:5000/callback",
    "http://evil.example:5000/#127.0.0.1",
    "http://127.0.0.1:5000\\@evil.example/",
    "http://127.0.0.1:5000/callback?x=1",
    "http://127.0.0.1:5000/callback#x",
    "http://127.0.0.1:5000/../callback",
    "http://127.0.0.1:5000//evil.example",
    " http://127.0.0.1:5000/callback",
    "http://127.0.0.1:5000/callback\n",
    "HTTP://127.0.0.1:5000/callback",
    "http:127.0.0.1:5000/callback",
    "testflinger://callback",
    "javascript:alert(1)",
    "//127.0.0.1:5000/callback",
  ])("%j is refused", (uri) => expect(isLoopbackUri(uri)).toBe(false));
});

const GOOD = {
  redirect_uri: "http://127.0.0.1:49152/callback",
  state: "s".repeat(43),
  code_challenge: "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
  code_challenge_method: "S256",
};

/** ASVS 5.0 control 10.4.6: no code without a challenge, and no `plain` one. */
describe("an authorization request", () => {
  test("is read", () =>
    expect(authorizationRequestOf(new URLSearchParams(GOOD))).toEqual({
      redirectUri: GOOD.redirect_uri,
      state: GOOD.state,
      codeChallenge: GOOD.code_challenge,
    }));

  test.each<[string, Partial<typeof GOOD>]>([
    ["redirect_uri", { redirect_uri: "https://evil.example/" }],
    ["redirect_uri", { redirect_uri: undefined }],
    ["state", { state: "short" }],
    ["state", { state: `${"s".repeat(42)}<` }],
    ["state", { state: undefined }],
    ["code_challenge", { code_challenge: "plain" }],
    ["code_challenge", { code_challenge: undefined }],
    ["code_challenge_method", { code_challenge_method: "plain" }],
    ["code_challenge_method", { code_challenge_method: undefined }],
  ])("without a usable %s is refused: %j (RFC 9700 section 2.1.1)", (parameter, change) => {
    const given = Object.entries({ ...GOOD, ...change }).filter(([, value]) => value !== undefined);
    const read = () => authorizationRequestOf(new URLSearchParams(given as [string, string][]));
    expect(read).toThrow(Problem);
    expect(read).toThrow(`its ${parameter} is not usable`);
  });

  test("is answered at the port, with its state", () => {
    const request = authorizationRequestOf(new URLSearchParams(GOOD));
    expect(answerUrl(request, { code: "a+b&c" })).toBe(`${GOOD.redirect_uri}?code=a%2Bb%26c&state=${GOOD.state}`);
    expect(answerUrl(request, { error: "access_denied" })).toBe(
      `${GOOD.redirect_uri}?error=access_denied&state=${GOOD.state}`,
    );
  });
});
