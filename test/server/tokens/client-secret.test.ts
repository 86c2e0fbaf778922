import { describe, expect, spyOn, test } from "bun:test";
import { hashSecret, secretFault, secretMatches } from "../../../src/server/tokens/client-secret.ts";

/** ASVS 5.0 controls 6.2.1 (length), 6.2.5 (of any composition) and 6.2.9 (64 characters are not too many). */
describe("a new secret", () => {
  test.each([
    "123456789012345",
    "x".repeat(64),
    "x".repeat(72),
    "a:b:c:ü-日本-12345",
    "only small letters",
    "ONLY CAPITALS 1",
    "  \t\u{1f511}!\"#$%&'()*+",
  ])("%p is usable", (secret) => {
    expect(secretFault(secret)).toBeUndefined();
  });

  test.each([
    ["", "Shorter than minimum length 15."],
    ["x".repeat(14), "Shorter than minimum length 15."],
    ["x".repeat(73), "Longer than maximum length of 72 bytes."],
    ["ü".repeat(37), "Longer than maximum length of 72 bytes."],
    ["a-long-enough\0secret", "Must not contain a null character."],
  ])("%p is not: %s", (secret, fault) => {
    expect(secretFault(secret)).toBe(fault);
  });

  /** ASVS 5.0 control 11.4.2. */
  test("is hashed by bcrypt with cost 8, as the reference does", async () => {
    expect(await hashSecret("a-long-enough-secret")).toMatch(/^\$2b\$08\$/);
  });
});

describe("a secret", () => {
  /** ASVS 5.0 control 6.2.8: as it is, neither cut off nor trimmed nor in another case. */
  test("matches its hash and no other secret does", async () => {
    const hash = await hashSecret("x".repeat(72));
    expect(await secretMatches("x".repeat(72), hash)).toBe(true);
    for (const wrong of ["x".repeat(71), "x".repeat(73), ` ${"x".repeat(71)}`, "X".repeat(72), "", "y".repeat(72)])
      expect(await secretMatches(wrong, hash)).toBe(false);
  });

  /** Admin tools of the reference hash with cost 12; other libraries write other prefixes. */
  test.each(["$2a$", "$2b$", "$2y$"])("of other tools is understood: %s", async (prefix) => {
    const hash = await Bun.password.hash("correct horse battery", { algorithm: "bcrypt", cost: 12 });
    expect(await secretMatches("correct horse battery", prefix + hash.slice(4))).toBe(true);
  });

  /** bcrypt repeats the secret with a NUL in between, so that both have the same hash. */
  test("with a null character does not pass for its first part", async () => {
    const hash = await hashSecret("a-long-enough-secret");
    expect(await secretMatches("a-long-enough-secret\0a-long-enough-secret", hash)).toBe(false);
  });

  test.each(["", "x", "$2b$08$abc", "$argon2id$v=19$m=1,t=1,p=1$x"])("matches no broken hash %p", async (hash) => {
    expect(await secretMatches("a-long-enough-secret", hash)).toBe(false);
  });

  /** ASVS 5.0 control 6.3.8: otherwise the time of an answer tells which clients exist (16 ms against less than 1 ms in the reference). */
  test("of an unknown client is hashed like any other", async () => {
    const verify = spyOn(Bun.password, "verify");
    try {
      expect(await secretMatches("a-long-enough-secret", undefined)).toBe(false);
      expect(verify.mock.calls).toEqual([["a-long-enough-secret", expect.stringMatching(/^\$2b\$08\$.{53}$/)]]);
    } finally {
      verify.mockRestore();
    }
  });
});
