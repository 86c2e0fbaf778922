import { describe, expect, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { ConnectionFailure, HttpError } from "../../../src/cli/api/errors.ts";
import type { UploadProgress } from "../../../src/cli/api/file-upload.ts";
import { clientFor } from "../support/client.ts";
import { json, ScriptedServer, text } from "../support/scripted-server.ts";
import { World } from "../support/world.ts";

const TARGET = "POST /v1/job/j1/attachments";

function archive(world: World, content: string | Uint8Array, name = "archive.tar.gz"): string {
  const file = join(world.home, name);
  writeFileSync(file, content);
  return file;
}

describe("an upload", () => {
  test("is a form with one part whose length is announced", async () => {
    using world = new World();
    using server = new ScriptedServer({ [TARGET]: text("OK") });
    await clientFor(world, server.url).jobs.upload("j1", archive(world, "content")).send();
    const { headers, body } = server.seen.at(-1)!;
    const [, boundary] = /^multipart\/form-data; boundary=(testflinger-[0-9a-f-]+)$/.exec(headers["content-type"]!)!;
    expect(body).toBe(
      `--${boundary}\r\nContent-Disposition: form-data; name="file"; filename="archive.tar.gz"\r\n` +
        `Content-Type: application/x-gzip\r\n\r\ncontent\r\n--${boundary}--\r\n`,
    );
    expect(headers["content-length"]).toBe(String(body.length));
    expect(headers).not.toHaveProperty("transfer-encoding");
  });

  test("can be read as a form by a server", async () => {
    using world = new World();
    const content = crypto.getRandomValues(new Uint8Array(300_000));
    const received = Promise.withResolvers<Uint8Array>();
    using server = Bun.serve({
      port: 0,
      fetch: async (request) => {
        if (request.method === "GET") return text("no such thing", 404);
        received.resolve(await ((await request.formData()).get("file") as File).bytes());
        return text("OK");
      },
    });
    const file = archive(world, content, 'odd "name"\n.tar.gz');
    await clientFor(world, `http://127.0.0.1:${server.port}`).jobs.upload("j1", file).send();
    expect(Buffer.from(await received.promise).equals(Buffer.from(content))).toBe(true);
    await server.stop(true);
  });

  test("tells how far it is", async () => {
    using world = new World();
    using server = new ScriptedServer({ [TARGET]: text("OK") });
    const steps: UploadProgress[] = [];
    const size = 1_000_000;
    const file = archive(world, new Uint8Array(size));
    await clientFor(world, server.url)
      .jobs.upload("j1", file, (step) => steps.push(step))
      .send();
    expect(steps.at(-1)).toEqual({ sent: size, total: size });
    expect(steps.map(({ sent }) => sent)).toEqual(steps.map(({ sent }) => sent).sort((a, b) => a - b));
    expect(steps.length).toBeGreaterThan(1);
  });

  test("is repeated from the start after a 401", async () => {
    using world = new World();
    using server = new ScriptedServer({
      "POST /v1/oauth2/token": [json({ access_token: "one" }), json({ access_token: "two" })],
      [TARGET]: [json({ message: "x" }, 401), text("OK")],
    });
    const client = clientFor(world, server.url, { clientId: "me", secretKey: "s" });
    await client.jobs.upload("j1", archive(world, "content")).send();
    expect(server.calls.filter((call) => call.startsWith(TARGET))).toEqual([
      `${TARGET} Bearer one`,
      `${TARGET} Bearer two`,
    ]);
    const bodies = server.seen.filter(({ target }) => target.endsWith("attachments")).map(({ body }) => body);
    expect(bodies[0]).toContain("content");
    expect(bodies[1]).toBe(bodies[0]!);
  });

  test.each([200, 201, 204, 302])("is done with status %i", async (status) => {
    using world = new World();
    using server = new ScriptedServer({ [TARGET]: () => new Response(null, { status }) });
    await clientFor(world, server.url).jobs.upload("j1", archive(world, "content")).send();
    expect(server.calls).toEqual([TARGET]);
  });

  test.each([400, 403, 422, 500])("fails with status %i and the body, which is never the VPN page", async (status) => {
    using world = new World();
    using server = new ScriptedServer({ [TARGET]: text("why", status) });
    const work = clientFor(world, server.url).jobs.upload("j1", archive(world, "content")).send();
    await expect(work).rejects.toEqual(new HttpError(status, "why", "why"));
  });

  test("without an answer leaves the failure to the caller", async () => {
    using world = new World();
    const work = clientFor(world, "http://127.0.0.1:1").jobs.upload("j1", archive(world, "content")).send();
    await expect(work).rejects.toThrow(ConnectionFailure);
  });

  test("has its own timeout", async () => {
    using world = new World();
    const arrived = Promise.withResolvers<void>();
    const never = () => (arrived.resolve(), new Promise<Response>(() => undefined));
    using server = new ScriptedServer({ [TARGET]: never });
    const work = clientFor(world, server.url, { attachmentsTimeout: 20 })
      .jobs.upload("j1", archive(world, "content"))
      .send();
    await arrived.promise;
    world.clock.advance(20_000);
    await expect(work).rejects.toMatchObject({ kind: "timeout" });
    expect(world.clock.slept).toContain(20_000);
  });
});
