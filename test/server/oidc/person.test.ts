import { describe, expect, test } from "bun:test";
import { LoginRefused } from "../../../src/server/oidc/faults.ts";
import type { Claims } from "../../../src/server/oidc/claims.ts";
import { personOf } from "../../../src/server/oidc/person.ts";

const person = (userinfo: Claims, idToken: Claims = {}, requireVerifiedEmail = false) =>
  personOf("https://idp.example", "alice", userinfo, idToken, { requireVerifiedEmail });

const EMAIL = "alice@example.com";

describe("a person", () => {
  test("is told by userinfo, and by the ID token where userinfo is silent", () => {
    expect(person({ email: EMAIL, name: "Alice" }, { email: "old@example.com", name: "A" })).toEqual({
      issuer: "https://idp.example",
      sub: "alice",
      email: EMAIL,
      name: "Alice",
      emailVerified: false,
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
    ["group:kernel@example.com"],
  ])("does not have the address %p", (email) => {
    expect(() => person({ email })).toThrow(LoginRefused);
  });

  test.each([
    ["one text", "kernel", ["kernel"]],
    ["a list, each once", ["a", "b", "a", "/lab/x"], ["a", "b", "/lab/x"]],
    ["what is no name left out", ["", 7, null, {}, ["c"], "a\u001b[2J", "b\u202e", "x".repeat(201), "ok"], ["ok"]],
    ["long names", ["x".repeat(200)], ["x".repeat(200)]],
    [
      "no more than 200",
      Array.from({ length: 300 }, (_, i) => `g${i}`),
      Array.from({ length: 200 }, (_, i) => `g${i}`),
    ],
    ["nothing", undefined, []],
    ["null", null, []],
    ["an object", { a: 1 }, []],
  ])("is in the groups that the claim tells: %s", (_, groups, expected) => {
    const rules = { requireVerifiedEmail: false, groupsClaim: "groups" };
    expect(personOf("i", "s", { email: EMAIL, groups }, {}, rules).groups).toEqual(expected);
    expect(personOf("i", "s", { email: EMAIL }, { groups }, rules).groups).toEqual(expected);
    expect(person({ email: EMAIL, groups })).not.toHaveProperty("groups");
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

/** Only an address that the provider vouches for opens an account that waits for it. */
describe("an address counts as verified", () => {
  test.each<[string, Claims, Claims, boolean]>([
    ["when userinfo says so", { email: EMAIL, email_verified: true }, {}, true],
    ["when the ID token says so of the same address", { email: EMAIL }, { email: EMAIL, email_verified: true }, true],
    ["when it is said in words", { email: EMAIL, email_verified: "true" }, {}, true],
    [
      "not when it is said of another address",
      { email: EMAIL },
      { email: "b@example.com", email_verified: true },
      false,
    ],
    ["not when nothing is said", { email: EMAIL }, {}, false],
  ])("%s", (_case, userinfo, idToken, verified) => expect(person(userinfo, idToken).emailVerified).toBe(verified));
});

describe("a person's role is", () => {
  const roles = { staff: "contributor", "lab-managers": "manager", "lab-admins": "admin" } as const;
  const roleOf = (userinfo: Claims, idToken: Claims = {}, claim = "groups") => {
    const rules = { requireVerifiedEmail: false, roles: { claim, roles } };
    return personOf("https://idp.example", "alice", { email: EMAIL, ...userinfo }, idToken, rules).role;
  };

  test.each<[string, Claims, Claims, string]>([
    ["the strongest of their groups", { groups: ["staff", "lab-admins", "lab-managers"] }, {}, "admin"],
    ["that of a single group", { groups: "lab-managers" }, {}, "manager"],
    ["told by the ID token where userinfo is silent", {}, { groups: ["lab-managers"] }, "manager"],
    ["told by userinfo where both speak", { groups: ["staff"] }, { groups: ["lab-admins"] }, "contributor"],
    ["contributor without a group that counts", { groups: ["others", "LAB-ADMINS", "admin"] }, {}, "contributor"],
    ["contributor without groups", {}, {}, "contributor"],
    ["contributor when the groups are nonsense", { groups: [7, null, { a: 1 }, ["lab-admins"]] }, {}, "contributor"],
    ["contributor when they are names of an object's own", { groups: ["constructor", "__proto__"] }, {}, "contributor"],
    ["contributor when the list is text", { groups: "staff lab-admins" }, {}, "contributor"],
  ])("%s", (_case, userinfo, idToken, role) => expect(roleOf(userinfo, idToken)).toBe(role));

  test("found by the path of a claim, or by a name with dots", () => {
    expect(roleOf({ realm_access: { roles: ["lab-admins"] } }, {}, "realm_access.roles")).toBe("admin");
    expect(roleOf({ "https://example.com/groups": ["lab-admins"] }, {}, "https://example.com/groups")).toBe("admin");
    expect(roleOf({ realm_access: "text" }, {}, "realm_access.roles")).toBe("contributor");
  });

  test("not the provider's to give where roles are given by hand", () =>
    expect(person({ email: EMAIL, groups: ["lab-admins"] })).not.toHaveProperty("role"));
});
