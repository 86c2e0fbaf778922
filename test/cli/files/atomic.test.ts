import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { lstat, mkdir, mkdtemp, readFile, readdir, rm, stat, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { replaceFile } from "../../../src/cli/files/atomic.ts";

let folder: string;
beforeEach(async () => void (folder = await mkdtemp(join(tmpdir(), "atomic-"))));
afterEach(() => rm(folder, { recursive: true }));

const modeOf = async (path: string) => (await stat(path)).mode & 0o777;

describe("replaceFile", () => {
  test("creates the file and its folders for their owner only", async () => {
    await replaceFile(join(folder, "a/b/f"), "text");
    expect(await readFile(join(folder, "a/b/f"), "utf8")).toBe("text");
    expect(await modeOf(join(folder, "a/b/f"))).toBe(0o600);
    expect(await modeOf(join(folder, "a/b"))).toBe(0o700);
  });

  test("tightens the permissions of a file that others could read", async () => {
    await writeFile(join(folder, "f"), "old", { mode: 0o644 });
    await replaceFile(join(folder, "f"), "new");
    expect(await modeOf(join(folder, "f"))).toBe(0o600);
  });

  test("leaves nothing beside the file", async () => {
    await replaceFile(join(folder, "f"), "one");
    await replaceFile(join(folder, "f"), "two");
    expect(await readdir(folder)).toEqual(["f"]);
  });

  test("writes through a symbolic link and keeps it", async () => {
    await writeFile(join(folder, "target"), "old");
    await symlink("target", join(folder, "link"));
    await replaceFile(join(folder, "link"), "new");
    expect((await lstat(join(folder, "link"))).isSymbolicLink()).toBe(true);
    expect(await readFile(join(folder, "target"), "utf8")).toBe("new");
  });

  test("removes its draft when the replacement is refused", async () => {
    await mkdir(join(folder, "d"));
    await expect(replaceFile(join(folder, "d"), "text")).rejects.toThrow();
    expect(await readdir(folder)).toEqual(["d"]);
  });
});
