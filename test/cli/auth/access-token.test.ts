import { describe, expect, test } from "bun:test";
import { readClaims } from "../../../src/cli/auth/access-token.ts";
import { callerOf, requireRole } from "../../../src/cli/auth/caller.ts";
import { AuthenticationError } from "../../../src/cli/auth/errors.ts";
import { accessToken } from "../support/scripted-server.ts";

describe("an access token", () => {
  test("names its owner, their role and its end", () => {
    expect(readClaims(accessToken({ client_id: "müller", role: "admin" }, 1_800_000_000))).toEqual({
      clientId: "müller",
      role: "admin",
      expiresAt: 1_800_000_000,
    });
  });

  test("without a role is a contributor's", () => {
    expect(readClaims(accessToken({ client_id: "me" }))).toMatchObject({ role: "contributor" });
  });

  test.each(["", "not-a-token", "a.b.c", "a.W10.c", `a.${Buffer.from("[]").toString("base64url")}.c`, "..", "a"])(
    "that is none has no claims: %j",
    (token) => expect(readClaims(token)).toEqual({ clientId: undefined, role: undefined, expiresAt: undefined }),
  );

  test.each([{ client_id: 7, role: [] }, { client_id: "", role: "" }, { client_id: null }])(
    "with claims of other types names nobody: %j",
    (permissions) =>
      expect(readClaims(accessToken(permissions))).toMatchObject({ clientId: undefined, role: "contributor" }),
  );
});

describe("the role gate (cli section 5.7)", () => {
  const caller = (role?: string) =>
    callerOf(role === undefined ? "unreadable" : accessToken({ client_id: "me", role }));

  test("lets the named roles pass", () => {
    expect(requireRole(caller("manager"), ["admin", "manager"])).toMatchObject({ clientId: "me", role: "manager" });
  });

  test.each([
    ["contributor", ["admin", "manager"], "Authorization Error: Command requires role: admin, manager"],
    ["manager", ["admin"], "Authorization Error: Command requires role: admin"],
    [undefined, ["admin"], "Authorization Error: Command requires role: admin"],
  ])("stops %p from what needs %p", (role, roles, message) => {
    expect(() => requireRole(caller(role), roles)).toThrow(message);
    expect(() => requireRole(caller(role), roles)).toThrow(AuthenticationError);
  });

  test("asks nobody to log in", () => {
    expect(() => requireRole(undefined, ["admin"])).toThrow("Authentication with Testflinger server failed");
  });
});
