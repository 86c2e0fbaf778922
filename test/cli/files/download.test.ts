import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inOrder, type Piece, saveDownload } from "../../../src/cli/files/download.ts";

let folder: string;
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), "testflinger-download-"))));
afterEach(() => rmSync(folder, { recursive: true }));

/** Pieces of text at positions, and then perhaps an end with an error. */
async function* arriving(...pieces: ([number, string] | Error)[]): AsyncGenerator<Piece> {
  for (const piece of pieces) {
    if (piece instanceof Error) throw piece;
    yield { position: piece[0], bytes: new TextEncoder().encode(piece[1]) };
  }
}

describe("a saved download", () => {
  const save = (...pieces: ([number, string] | Error)[]) => saveDownload(join(folder, "file"), arriving(...pieces));
  const saved = () => readFileSync(join(folder, "file"), "utf8");

  test.each<[string, [number, string][], string]>([
    [
      "pieces in order",
      [
        [0, "abc"],
        [3, "def"],
      ],
      "abcdef",
    ],
    ["nothing", [], ""],
    [
      "a file that begins anew",
      [
        [0, "abc"],
        [3, "def"],
        [0, "xyz"],
      ],
      "xyz",
    ],
    [
      "a file that begins anew with more",
      [
        [0, "abc"],
        [0, "xy"],
        [2, "zzz"],
      ],
      "xyzzz",
    ],
  ])("has %s", async (_what, pieces, text) => {
    writeFileSync(join(folder, "file"), "an old file, longer than the new one");
    await save(...pieces);
    expect(saved()).toBe(text);
    expect(readdirSync(folder)).toEqual(["file"]);
  });

  test("that fails for good leaves the old file and no other", async () => {
    writeFileSync(join(folder, "file"), "old");
    await expect(save([0, "abc"], new Error("cut"))).rejects.toThrow("cut");
    expect(saved()).toBe("old");
    expect(readdirSync(folder)).toEqual(["file"]);
  });

  test("that does not begin makes no file", async () => {
    await expect(save(new Error("nothing there"))).rejects.toThrow("nothing there");
    expect(readdirSync(folder)).toEqual([]);
  });
});

describe("bytes in order", () => {
  const passed = async (...pieces: ([number, string] | Error)[]) => {
    let text = "";
    const failure = await (async () => {
      for await (const bytes of inOrder(arriving(...pieces))) text += new TextDecoder().decode(bytes);
    })().catch((error: unknown) => (error as Error).message);
    return failure === undefined ? text : [text, failure];
  };
  const REPLACED = expect.stringContaining("was replaced by another one");

  test.each<[string, [number, string][], string]>([
    [
      "that go on where they were left",
      [
        [0, "ab"],
        [2, "cd"],
      ],
      "abcd",
    ],
    [
      "that begin anew",
      [
        [0, "abc"],
        [0, "ab"],
        [2, "cde"],
      ],
      "abcde",
    ],
    [
      "that begin anew in larger pieces",
      [
        [0, "a"],
        [1, "b"],
        [0, "abcdef"],
      ],
      "abcdef",
    ],
    [
      "that begin anew twice",
      [
        [0, "abc"],
        [0, "a"],
        [0, "abcd"],
        [4, "e"],
      ],
      "abcde",
    ],
    [
      "that begin anew after the last one",
      [
        [0, "abc"],
        [0, "abc"],
      ],
      "abc",
    ],
    ["of an empty file", [], ""],
  ])("%s are passed on once", async (_what, pieces, text) => expect(await passed(...pieces)).toBe(text));

  test.each<[string, [number, string][], string]>([
    [
      "another",
      [
        [0, "abc"],
        [0, "abx"],
        [3, "de"],
      ],
      "abc",
    ],
    [
      "a shorter one",
      [
        [0, "abc"],
        [0, "ab"],
      ],
      "abc",
    ],
    [
      "another in larger pieces",
      [
        [0, "abc"],
        [0, "xyzabc"],
      ],
      "abc",
    ],
  ])("of a file that has become %s fail before anything wrong", async (_what, pieces, text) =>
    expect(await passed(...pieces)).toEqual([text, REPLACED]),
  );

  test("fail as their source does", async () => {
    expect(await passed([0, "abc"], new Error("cut"))).toEqual(["abc", "cut"]);
  });
});
