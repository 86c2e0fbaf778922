import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { digestOf, largeFile } from "../../scripts/bench/large-file.ts";
import { SignJWT } from "jose";
import { residentMemory } from "../support/resident-memory.ts";
import { type ServerProcess, startServer } from "../support/server-process.ts";
import { type StoreForServers, storesForServers } from "../support/stores.ts";

const SIGNING_KEY = "a signing key for files, which is 32 bytes or longer";
const MIB = 2 ** 20;

/** What the server accepts, which is more than it may hold. */
const LIMIT = 96 * MIB;

/** Bytes by which its memory may grow meanwhile. */
const GROWTH = 64 * MIB;

// An emulated database takes some megabytes per second.
setDefaultTimeout(300_000);

const token = (role: string): Promise<string> =>
  new SignJWT({ permissions: { client_id: role, role } })
    .setProtectedHeader({ alg: "HS256", typ: "JWT" })
    .setSubject("access_token")
    .setIssuedAt()
    .setExpirationTime("1h")
    .sign(new TextEncoder().encode(SIGNING_KEY));

describe.each(storesForServers())("files on $name", ({ open }) => {
  let store: StoreForServers;
  let server: ServerProcess;
  let tokens: { agent: string; person: string };

  beforeAll(async () => {
    store = await open();
    const limits = { MAX_ATTACHMENT_SIZE: String(LIMIT), MAX_ARTIFACT_SIZE: String(LIMIT) };
    server = await startServer({ JWT_SIGNING_KEY: SIGNING_KEY, ...limits, ...store.env }, { direct: true });
    tokens = { agent: await token("agent"), person: await token("contributor") };
  });
  afterAll(async () => {
    await server.stop();
    await store.remove();
  });

  const call = (method: string, path: string, as: "agent" | "person", init: RequestInit = {}) =>
    fetch(`${server.url}${path}`, {
      ...init,
      method,
      headers: { authorization: `Bearer ${tokens[as]}`, ...(init.headers as Record<string, string>) },
    });
  const job = async (): Promise<string> => {
    const body = JSON.stringify({ job_queue: "files", test_data: { attachments: [] } });
    const answer = await call("POST", "/v1/job", "person", { body, headers: { "content-type": "application/json" } });
    return ((await answer.json()) as { job_id: string }).job_id;
  };
  const attachments = (id: string) => `/v1/job/${id}/attachments`;
  const artifact = (id: string) => `/v1/result/${id}/artifact`;
  const upload = (path: string, as: "agent" | "person", file: { form: ReadableStream; contentType: string }) =>
    call("POST", path, as, { body: file.form, headers: { "content-type": file.contentType } });

  test.each([
    ["attachments", attachments, "person", "agent"],
    ["an artifact", artifact, "agent", "person"],
  ] as const)(
    "%s much larger than the memory that they take go up and come down whole",
    async (_what, pathOf, uploader, reader) => {
      const path = pathOf(await job());
      const before = await residentMemory(server.pid);
      let peak = 0;
      const watching = setInterval(async () => {
        peak = Math.max(peak, await residentMemory(server.pid));
      }, 20);
      try {
        const file = largeFile(LIMIT);
        expect((await upload(path, uploader, file)).status).toBe(200);
        const answer = await call("GET", path, reader);
        expect(await digestOf(answer.body!)).toBe(file.digest());
      } finally {
        clearInterval(watching);
      }
      expect(peak - before).toBeLessThan(GROWTH);
    },
  );

  test("a sender that dies leaves nothing behind, and can come again", async () => {
    const id = await job();
    for (const [path, uploader, reader] of [
      [attachments(id), "person", "agent"],
      [artifact(id), "agent", "person"],
    ] as const) {
      await expect(upload(path, uploader, largeFile(8 * MIB, 4 * MIB))).rejects.toThrow("the sender has died");
      expect((await call("GET", path, reader)).status).toBe(204);
      const again = largeFile(1000);
      expect((await upload(path, uploader, again)).status).toBe(200);
      expect(await digestOf((await call("GET", path, reader)).body!)).toBe(again.digest());
    }
  });

  test("too large a file is refused by its announced length, before it is sent", async () => {
    const { port } = new URL(server.url);
    const answered = Promise.withResolvers<string>();
    const socket = await Bun.connect({
      hostname: "127.0.0.1",
      port: Number(port),
      socket: { data: (_socket, bytes) => answered.resolve(bytes.toString()) },
    });
    socket.write(
      `POST ${attachments(await job())} HTTP/1.1\r\nHost: lab\r\nAuthorization: Bearer ${tokens.person}\r\n` +
        `Content-Type: multipart/form-data; boundary=b\r\nContent-Length: ${2 * LIMIT}\r\n\r\n`,
    );
    expect(await answered.promise).toStartWith("HTTP/1.1 413 ");
    socket.end();
  });

  test("of attachments that two senders upload at the same time one whole file stays", async () => {
    const path = attachments(await job());
    const files = [largeFile(6 * MIB), largeFile(5 * MIB)];
    const answers = await Promise.all(files.map((file) => upload(path, "person", file)));
    expect(answers.map(({ status }) => status)).toEqual([200, 200]);
    const kept = await digestOf((await call("GET", path, "agent")).body!);
    expect(files.map((file) => file.digest())).toContain(kept);
  });
});
