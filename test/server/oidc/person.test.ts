import { describe, expect, test } from "bun:test";
import { LoginRefused } from "../../../src/server/oidc/faults.ts";
import { type Claims, personOf } from "../../../src/server/oidc/person.ts";

const person = (userinfo: Claims, idToken: Claims = {}, requireVerified = false) =>
  personOf("https://idp.example", "alice", userinfo, idToken, requireVerified);

const EMAIL = "alice@example.com";

describe("a person", () => {
  test("is told by userinfo, and by the ID token where userinfo is silent", () => {
    expect(person({ email: EMAIL, name: "Alice" }, { email: "old@example.com", name: "A" })).toEqual({
      issuer: "https://idp.example",
      sub: "alice",
      email: EMAIL,
      name: "Alice",
    });
    expect(person({}, { email: EMAIL, name: "A" })).toMatchObject({ email: EMAIL, name: "A" });
  });

  test.each([[undefined], [7], [null], [{}]])("whose name is %p has none", (name) => {
    expect(person({ email: EMAIL, name }).name).toBe("");
  });

  test("has a name that no terminal obeys and that ends", () => {
    expect(person({ email: EMAIL, name: `A\u001b[2J\u202e${"x".repeat(500)}` }).name).toBe(`A[2J${"x".repeat(196)}`);
  });

  test.each([
    [undefined],
    [7],
    [""],
    ["alice"],
    ["@example.com"],
    ["alice@"],
    ["a b@example.com"],
    ["a@b\n"],
    ["a@b\u202ec"],
    [`${"a".repeat(320)}@b`],
    ["testflinger-admin"],
    ["a@b@c"],
  ])("does not have the address %p", (email) => {
    expect(() => person({ email })).toThrow(LoginRefused);
  });

  test.each(["ünal@exämple.com", "a+b@localhost"])("may have the address %p", (email) => {
    expect(person({ email }).email).toBe(email);
  });

  // email_verified of userinfo, of the ID token; accepted by default, accepted when verified addresses are required
  test.each([
    [true, undefined, true, true],
    ["true", undefined, true, true],
    [undefined, true, true, true],
    [undefined, undefined, true, false],
    [null, null, true, false],
    [false, undefined, false, false],
    ["false", undefined, false, false],
    [0, undefined, false, false],
    ["yes", undefined, false, false],
    [undefined, false, false, false],
    [true, false, false, false],
    [false, true, false, false],
  ])(
    "with email_verified %p in userinfo and %p in the ID token is let in: %p, and with the strict setting: %p",
    (userinfo, idToken, byDefault, strictly) => {
      const admitted = (requireVerified: boolean) => {
        try {
          person(
            { email: EMAIL, email_verified: userinfo },
            { email: EMAIL, email_verified: idToken },
            requireVerified,
          );
          return true;
        } catch (error) {
          expect(error).toBeInstanceOf(LoginRefused);
          return false;
        }
      };
      expect([admitted(false), admitted(true)]).toEqual([byDefault, strictly]);
    },
  );

  test("is not vouched for by what the ID token says of another address", () => {
    expect(() => person({ email: EMAIL }, { email: "other@example.com", email_verified: true }, true)).toThrow(
      LoginRefused,
    );
  });
});
