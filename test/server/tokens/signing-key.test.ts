import { afterEach, beforeEach, expect, test } from "bun:test";
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { keptSigningKey } from "../../../src/server/tokens/signing-key.ts";

let parent: string, directory: string, path: string;

beforeEach(async () => {
  parent = await mkdtemp(join(tmpdir(), "testflinger-key-"));
  directory = join(parent, "data");
  path = join(directory, "jwt-signing-key");
});
afterEach(() => rm(parent, { recursive: true }));

const modeOf = async (file: string) => (await stat(file)).mode & 0o777;

test("a new installation gets a key of full strength that only its owner can read", async () => {
  const key = await keptSigningKey(directory);
  expect(Buffer.from(Buffer.from(key).toString(), "base64")).toHaveLength(48);
  expect(await modeOf(path)).toBe(0o600);
  expect(await modeOf(directory)).toBe(0o700);
});

test("the key stays the same, so that tokens outlive a restart", async () => {
  const key = await keptSigningKey(directory);
  expect(await keptSigningKey(directory)).toEqual(key);
});

test("two installations have different keys", async () =>
  expect(await keptSigningKey(directory)).not.toEqual(await keptSigningKey(join(parent, "other"))));

test("many first starts at once agree on one key and leave no draft behind", async () => {
  const keys = await Promise.all(Array.from({ length: 20 }, () => keptSigningKey(directory)));
  expect(new Set(keys.map((key) => Buffer.from(key).toString())).size).toBe(1);
  expect(await readdir(directory)).toEqual(["jwt-signing-key"]);
});

test("a key that was cut short is refused, not used and not replaced", async () => {
  await keptSigningKey(directory);
  await writeFile(path, "short");
  await expect(keptSigningKey(directory)).rejects.toThrow(
    `${path} is damaged: a signing key has at least 32 bytes. Remove the file to get a new key`,
  );
  expect(await readFile(path, "utf8")).toBe("short");
});
