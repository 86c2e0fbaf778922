import { describe, expect, test } from "bun:test";
import { deviceAuthorizationOf } from "../../../src/server/oidc/device-authorization.ts";

const ISSUER = new URL("https://idp.example");
const read = (fields: Record<string, unknown>, issuer = ISSUER) =>
  deviceAuthorizationOf(
    { device_code: "d", user_code: "U", verification_uri: "https://idp.example/activate", ...fields },
    issuer,
  );

describe("a device authorization", () => {
  test.each([
    [undefined, 5],
    [5, 5],
    [0, 0],
    [1.2, 2],
    [-1, 5],
    ["7", 5],
    [null, 5],
  ])("with interval %p is polled every %p seconds", (interval, expected) => {
    expect(read({ interval }).interval).toBe(expected);
  });

  test.each([
    [undefined, 300],
    [60, 60],
    [0, 300],
    ["60", 300],
    [1e12, 86_400],
  ])("with expires_in %p lives %p seconds", (expires_in, expected) => {
    expect(read({ expires_in }).expiresIn).toBe(expected);
  });

  test.each([
    ["https://idp.example/activate"],
    ["https://other.example/activate?x=1#y"],
    ["http://127.0.0.1:9/activate"],
    ["http://localhost/activate"],
    ["http://[::1]:80/"],
  ])("may show %s to people", (uri) => {
    expect(read({ verification_uri: uri, verification_uri_complete: uri }).shown).toMatchObject({
      verification_uri: uri,
    });
  });

  test.each([
    [undefined],
    [7],
    [""],
    ["/activate"],
    ["http://idp.example/activate"],
    ["http://127.0.0.1.evil.example/"],
    ["http://localhost.evil.example/"],
    ["javascript:alert(1)"],
    ["file:///etc/passwd"],
    ["data:text/html,x"],
    ["ssh://idp.example"],
    ["https://idp.example/\u001b[2J"],
    [" https://idp.example"],
  ])("must not send people to %p", (uri) => {
    expect(() => read({ verification_uri: uri })).toThrow("OIDC provider returned an unexpected response");
    if (uri !== undefined)
      expect(() => read({ verification_uri_complete: uri })).toThrow("OIDC provider returned an unexpected response");
  });

  test("may send people to the very host that the operator chose to reach by plain http", () => {
    const dex = new URL("http://dex:5556");
    expect(read({ verification_uri: "http://dex:5556/device" }, dex).deviceCode).toBe("d");
    expect(() => read({ verification_uri: "http://other:5556/device" }, dex)).toThrow();
  });

  test.each([[undefined], [7], [""], ["A\u001b[31m"], ["x".repeat(101)]])(
    "must not have the user code %p",
    (user_code) => {
      expect(() => read({ user_code })).toThrow("OIDC provider returned an unexpected response");
    },
  );
});
