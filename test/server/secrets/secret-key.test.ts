import { describe, expect, test } from "bun:test";
import { MASTER_KEY_LENGTH, SecretKey } from "../../../src/server/secrets/secret-key.ts";

const masterKey = (fill: number) => new Uint8Array(MASTER_KEY_LENGTH).fill(fill);
const key = await SecretKey.of(masterKey(1));
const PLACE = ["client", "ann", "a/b"];

describe("A sealed value", () => {
  test.each(["", "v", "ü\n\"'$ 日本", "x".repeat(1_000_000)])("opens to what was sealed: %#", async (value) => {
    expect(await key.open(await key.seal(value, PLACE), PLACE)).toBe(value);
  });
  test("does not hold the value", async () => {
    const sealed = Buffer.from(await key.seal("correct horse", PLACE));
    expect(sealed.includes("horse")).toBeFalse();
  });
  test("differs each time", async () => {
    expect(await key.seal("v", PLACE)).not.toEqual(await key.seal("v", PLACE));
  });
  test("opens with the same master key after a restart", async () => {
    const restarted = await SecretKey.of(masterKey(1));
    expect(restarted.id).toBe(key.id);
    expect(await restarted.open(await key.seal("v", PLACE), PLACE)).toBe("v");
  });
  test("of an earlier release still opens", async () => {
    const sealed = Buffer.from("AQABAgMEBQYHCAkKC3+/u/DQayPvlksntKOV3Pfwl6Vh", "base64");
    expect(await key.open(sealed, PLACE)).toBe("kept");
  });

  test.each<[string, string[]]>([
    ["another owner", ["client", "bob", "a/b"]],
    ["another path", ["client", "ann", "a/c"]],
    ["a person of the same name", ["person", "ann", "a/b"]],
    ["parts that only join to the same text", ["client", "ann,a", "b"]],
  ])("does not open for %s", async (_what, place) => {
    await expect(key.open(await key.seal("v", PLACE), place)).rejects.toThrow();
  });
  test("does not open with another key", async () => {
    const other = await SecretKey.of(masterKey(2));
    expect(other.id).not.toBe(key.id);
    await expect(other.open(await key.seal("v", PLACE), PLACE)).rejects.toThrow();
  });
  test("does not open when any of its bytes is changed or missing", async () => {
    const sealed = await key.seal("v", PLACE);
    for (let at = 0; at < sealed.length; at++) {
      const changed = Uint8Array.from(sealed);
      changed[at]! ^= 1;
      await expect(key.open(changed, PLACE)).rejects.toThrow();
      await expect(key.open(sealed.subarray(0, at), PLACE)).rejects.toThrow();
    }
  });
});
