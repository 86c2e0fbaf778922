import { describe, expect, test } from "bun:test";
import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { main } from "../../../src/cli/program.ts";
import { json, ScriptedServer, type Script } from "../support/scripted-server.ts";
import { World } from "../support/world.ts";

const TARGET = "GET /v1/result/x/artifact";
const ARCHIVE = new Uint8Array([0x1f, 0x8b, 0, 0xff, 0x0a]);

function artifacts(script: Script, env: Record<string, string> = {}) {
  const server = new ScriptedServer(script);
  const world = new World({ env: { TESTFLINGER_SERVER: server.url, ...env } });
  return {
    world,
    file: (name: string) => join(world.home, name),
    run: (...words: string[]) => main(["artifacts", ...words, "x"], "testflinger", world.context),
    [Symbol.dispose]() {
      world[Symbol.dispose]();
      server[Symbol.dispose]();
    },
  };
}

const archive = () => new Response(ARCHIVE);

/** A server that sends a part of the archive and then hangs up, or falls silent. */
function stopping(stop: (socket: Bun.Socket) => void) {
  const server = Bun.listen({
    hostname: "127.0.0.1",
    port: 0,
    socket: {
      data: (socket) => {
        socket.write("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\npart");
        socket.flush();
        stop(socket);
      },
    },
  });
  return { url: `http://127.0.0.1:${server.port}`, [Symbol.dispose]: () => server.stop(true) };
}

describe("artifacts", () => {
  test("are stored as they are", async () => {
    using session = artifacts({ [TARGET]: archive() });
    expect(await session.run()).toBe(0);
    expect(new Uint8Array(readFileSync(session.file("artifacts.tgz")))).toEqual(ARCHIVE);
    expect(session.world.stdout).toBe("Downloading artifacts tarball...\nArtifacts downloaded to artifacts.tgz\n");
  });

  test("replace a file through the link that names it", async () => {
    using session = artifacts({ [TARGET]: archive() });
    writeFileSync(session.file("real.tgz"), "old");
    symlinkSync("real.tgz", session.file("link.tgz"));
    expect(await session.run("--filename", "link.tgz")).toBe(0);
    expect(new Uint8Array(readFileSync(session.file("real.tgz")))).toEqual(ARCHIVE);
  });

  test("leave the old file and nothing half-written when the connection breaks", async () => {
    using server = stopping((socket) => socket.end());
    using session = artifacts({}, { TESTFLINGER_SERVER: server.url });
    writeFileSync(session.file("artifacts.tgz"), "old");
    expect(await session.world.clock.run(session.run())).toBe(1);
    expect(readFileSync(session.file("artifacts.tgz"), "utf8")).toBe("old");
    expect(readdirSync(session.world.home)).toEqual(["artifacts.tgz"]);
    expect(session.world.stderr).not.toContain("internal error");
  });

  test("leave nothing half-written when Ctrl-C comes first", async () => {
    using server = stopping(() => undefined);
    using session = artifacts({}, { TESTFLINGER_SERVER: server.url });
    const exit = session.run();
    await session.world.untilInterruptible();
    session.world.interrupt();
    expect(await exit).toBe(1);
    expect(readdirSync(session.world.home)).toEqual([]);
    expect(session.world.stderr).toBe("Received KeyboardInterrupt\n");
  });

  test("go to standard output alone for -", async () => {
    using session = artifacts({ [TARGET]: new Response("archive") });
    expect(await session.run("--filename", "-")).toBe(0);
    expect(session.world.stdout).toBe("archive");
  });

  test("are not written where a folder stands", async () => {
    using session = artifacts({ [TARGET]: archive() });
    mkdirSync(session.file("folder"));
    expect(await session.run("--filename", "folder")).toBe(1);
    expect(session.world.stderr).toMatch(/^Cannot write folder: it is a folder \(EISDIR\)/);
  });

  test.each<[string, Response, RegExp]>([
    ["there are none", new Response(null, { status: 204 }), /^No artifacts tarball found for that job id\.\n$/],
    ["the id is malformed", json({ message: "x" }, 400), /^Invalid job id specified\./],
    [
      "the server fails",
      json({ message: "x" }, 500),
      /^ERROR: .* -- Unexpected error status from testflinger server: 500\n$/,
    ],
  ])("are missing when %s", async (_, answer, stderr) => {
    using session = artifacts({ [TARGET]: answer });
    expect(await session.run()).toBe(1);
    expect(session.world.stderr).toMatch(stderr);
    expect(readdirSync(session.world.home)).toEqual([]);
  });

  test("are refused in the folder that a snap cannot share, before any request", async () => {
    using session = artifacts({}, { SNAP_NAME: "testflinger-cli" });
    expect(await session.run("--filename", "/tmp/x.tgz")).toBe(2);
    expect(session.world.stderr).toContain("File /tmp/x.tgz is in a snap-private directory.");
  });
});
