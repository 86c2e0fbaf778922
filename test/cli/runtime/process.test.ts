import { describe, expect, test } from "bun:test";
import { closeSync, existsSync, mkdtempSync, openSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const MAIN = join(import.meta.dir, "../../../src/cli/main.ts");

/** Starts the program from source, in a process of its own. */
function start(words: string[], options: { env?: Record<string, string>; stdin?: string; stdout?: number } = {}) {
  const home = mkdtempSync(join(tmpdir(), "testflinger-home-"));
  const child = Bun.spawn([process.execPath, MAIN, ...words], {
    env: { HOME: home, PATH: process.env.PATH, ...options.env },
    stdin: options.stdin === undefined ? "ignore" : Buffer.from(options.stdin),
    stdout: options.stdout ?? "pipe",
    stderr: "pipe",
  });
  return {
    child,
    stderr: new Response(child.stderr).text(),
    [Symbol.dispose]() {
      child.kill("SIGKILL");
      rmSync(home, { recursive: true, force: true });
    },
  };
}

/** A server that never answers, and tells when it was asked. */
function silentServer() {
  const { promise: asked, resolve } = Promise.withResolvers<void>();
  const server = Bun.serve({
    port: 0,
    idleTimeout: 0,
    fetch: () => {
      resolve();
      return new Promise<Response>(() => {});
    },
  });
  return { asked, url: `http://127.0.0.1:${server.port}`, [Symbol.dispose]: () => void server.stop(true) };
}

test("Ctrl-C ends a command at once and says so", async () => {
  using server = silentServer();
  using program = start(["cancel", "x"], { env: { TESTFLINGER_SERVER: server.url } });
  await server.asked;
  program.child.kill("SIGINT");
  expect(await program.child.exited).toBe(1);
  expect(await program.stderr).toBe("Received KeyboardInterrupt\n");
});

describe("standard output", () => {
  test("that nobody reads any more ends the program without a word", async () => {
    let fragment = 0;
    using server = Bun.serve({
      port: 0,
      fetch: (request) => {
        const { pathname } = new URL(request.url);
        if (/\/(state|stream|server)$/.test(pathname)) return new Response("not found", { status: 404 });
        if (!pathname.includes("/log/")) return Response.json({ job_queue: "q", job_state: "test" });
        const text = { last_fragment_number: fragment++, log_data: "line\n" };
        return Response.json({ output: { test: text } });
      },
    });
    using program = start(["poll", "x"], { env: { TESTFLINGER_SERVER: `http://127.0.0.1:${server.port}` } });
    const reader = (program.child.stdout as ReadableStream<Uint8Array>).getReader();
    await reader.read();
    await reader.cancel();
    expect(await program.child.exited).toBe(1);
    expect(await program.stderr).toBe("");
  });

  test.if(existsSync("/dev/full"))("that is full is an error like others", async () => {
    const full = openSync("/dev/full", "w");
    using program = start(["-h"], { stdout: full });
    closeSync(full);
    expect(await program.child.exited).toBe(1);
    expect(await program.stderr).toMatch(/^Cannot write to standard output: ENOSPC/);
  });
});
