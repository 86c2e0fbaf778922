import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Clock } from "../../../src/cli/context.ts";
import { LockTimeout, withLock } from "../../../src/cli/files/lock.ts";

let folder: string;
beforeEach(async () => void (folder = await mkdtemp(join(tmpdir(), "lock-"))));
afterEach(() => rm(folder, { recursive: true }));

/** A clock whose sleeps end at once; each one moves the time. */
function jumpingClock(): Clock & { sleeps: number } {
  let elapsed = 0;
  return {
    sleeps: 0,
    now: () => new Date(elapsed),
    elapsed: () => elapsed,
    async sleep(ms) {
      elapsed += ms;
      this.sleeps++;
      await new Promise((resolve) => setImmediate(resolve));
    },
  };
}

/** A process that holds the lock on `path` until its standard input ends; resolves once it has it. */
async function holder(path: string) {
  const child = Bun.spawn([process.execPath, join(import.meta.dir, "lock-holder.ts"), path], {
    stdin: "pipe",
    stdout: "pipe",
  });
  const reader = child.stdout.getReader();
  expect(new TextDecoder().decode((await reader.read()).value)).toBe("held\n");
  return child;
}

describe("withLock", () => {
  test("returns what the work returns", async () => {
    expect(await withLock(join(folder, "f"), async () => 7, { clock: jumpingClock() })).toBe(7);
  });

  test("creates the folder of what it protects", async () => {
    expect(await withLock(join(folder, "a/b/f"), async () => 7, { clock: jumpingClock() })).toBe(7);
  });

  test("runs the callers of one process one after the other", async () => {
    let inside = 0;
    let most = 0;
    const visit = () =>
      withLock(
        join(folder, "f"),
        async () => {
          most = Math.max(most, ++inside);
          await new Promise((resolve) => setImmediate(resolve));
          inside--;
        },
        { clock: jumpingClock(), timeoutMs: Infinity },
      );
    await Promise.all([visit(), visit(), visit(), visit()]);
    expect(most).toBe(1);
  });

  test("is free again after work that failed", async () => {
    const failing = withLock(
      join(folder, "f"),
      async () => {
        throw new Error("no");
      },
      { clock: jumpingClock() },
    );
    await expect(failing).rejects.toThrow("no");
    expect(await withLock(join(folder, "f"), async () => 1, { clock: jumpingClock() })).toBe(1);
  });

  test("gives up, without running the work, when another process keeps the lock", async () => {
    const path = join(folder, "f");
    const other = await holder(path);
    let ran = false;
    const refusal = await withLock(path, async () => void (ran = true), {
      clock: jumpingClock(),
      timeoutMs: 100,
    }).catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(LockTimeout);
    expect(ran).toBe(false);
    other.stdin.end();
    await other.exited;
  });

  test("is free again after its holder was killed", async () => {
    const path = join(folder, "f");
    const other = await holder(path);
    other.kill("SIGKILL");
    await other.exited;
    expect(await withLock(path, async () => 1, { clock: jumpingClock(), timeoutMs: 0 })).toBe(1);
  });
});
