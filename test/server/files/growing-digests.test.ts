import { describe, expect, test } from "bun:test";
import { GrowingDigests } from "../../../src/server/files/growing-digests.ts";

const sha256 = (text: string) => new Bun.CryptoHasher("sha256").update(text).digest("hex");

async function* part(...pieces: (string | Error)[]): AsyncGenerator<Uint8Array> {
  for (const piece of pieces) {
    if (piece instanceof Error) throw piece;
    yield new TextEncoder().encode(piece);
  }
}

/** Reads a part to its end, or to its error. */
async function pass(digests: GrowingDigests, offset: number, ...pieces: (string | Error)[]): Promise<string> {
  let text = "";
  try {
    for await (const bytes of digests.following("u", offset, part(...pieces))) text += new TextDecoder().decode(bytes);
  } catch {
    // The part has broken off.
  }
  return text;
}

describe("The digest of an upload", () => {
  test("grows with each part, which passes as it is", async () => {
    const digests = new GrowingDigests();
    expect(await pass(digests, 0, "ab", "c")).toBe("abc");
    expect(await pass(digests, 3, "de")).toBe("de");
    expect(digests.take("u", 5)).toBe(sha256("abcde"));
  });

  test("goes on after a part that broke off", async () => {
    const digests = new GrowingDigests();
    expect(await pass(digests, 0, "ab", new Error("cut"))).toBe("ab");
    await pass(digests, 2, "c");
    expect(digests.take("u", 3)).toBe(sha256("abc"));
  });

  test("of nothing is there from the beginning", () => {
    expect(new GrowingDigests().take("u", 0)).toBe(sha256(""));
  });

  test.each<[string, (digests: GrowingDigests) => unknown]>([
    ["a part came through another process", (digests) => pass(digests, 3, "d")],
    ["parts are missing", (digests) => pass(digests, 0, "ab")],
    ["it began anew", (digests) => pass(digests, 0, "x")],
    [
      "the reader of a part stopped",
      async (digests) => {
        await pass(digests, 0, "ab");
        for await (const _ of digests.following("u", 2, part("c", "d"))) break;
      },
    ],
    [
      "it was forgotten",
      async (digests) => {
        await pass(digests, 0, "abcd");
        digests.forget("u");
      },
    ],
    [
      "it was taken before",
      async (digests) => {
        await pass(digests, 0, "abcd");
        digests.take("u", 4);
      },
    ],
    [
      "a thousand others came after it",
      async (digests) => {
        await pass(digests, 0, "abcd");
        for (let other = 0; other < 1000; other++)
          for await (const _ of digests.following(`other ${other}`, 0, part()));
      },
    ],
  ])("is not known when %s", async (_what, happened) => {
    const digests = new GrowingDigests();
    await happened(digests);
    expect(digests.take("u", 4)).toBeUndefined();
  });
});
