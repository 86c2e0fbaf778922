import { describe, expect, test } from "bun:test";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileReason } from "../../../src/cli/files/reason.ts";

const NOWHERE = join(tmpdir(), "nowhere", "at", "all");

function reasonOf(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    return fileReason(error);
  }
  return "it works";
}

describe("why a file cannot be read or written, without paths that nobody gave", () => {
  test.each([
    ["a file that is not there", () => readFileSync(NOWHERE), "no such file or folder (ENOENT)"],
    ["a folder", () => readFileSync(tmpdir()), "it is a folder (EISDIR)"],
    ["below a file", () => writeFileSync(join(import.meta.path, "x"), ""), "a part of its path is no folder (ENOTDIR)"],
    [
      "a folder below a file",
      () => mkdirSync(join(import.meta.path, "x")),
      "a part of its path is no folder (ENOTDIR)",
    ],
  ])("%s", (_, work, reason) => expect(reasonOf(work)).toBe(reason));

  test.each([
    [Object.assign(new Error("strange"), { code: "ESTRANGE" }), "strange"],
    [new Error("no code"), "no code"],
    ["no error", "no error"],
  ])("%p", (error, words) => expect(fileReason(error)).toBe(words));
});
