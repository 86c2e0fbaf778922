import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { listen, type Listening } from "../../../src/server/listen.ts";
import { type TestApp, testApp } from "../../support/test-app.ts";

let app: TestApp, server: Listening;

beforeEach(async () => {
  app = await testApp();
  server = await listen((request, socket) => app.fetch(request, socket), "127.0.0.1", 0);
});
afterEach(async () => {
  await server.stop(0);
  await app.close();
});

/** Sends these lines as they are, as no client would; the answer's status and body. */
async function raw(...lines: string[]): Promise<{ status: number; body: string }> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  let received = "";
  const socket = await Bun.connect({
    hostname: "127.0.0.1",
    port: server.port,
    socket: {
      data: (_, bytes) => void (received += new TextDecoder().decode(bytes)),
      close: () => resolve(received),
      error: (_, error) => reject(error),
    },
  });
  socket.write([...lines, "Connection: close", "", ""].join("\r\n"));
  const [head = "", body = ""] = (await promise).split("\r\n\r\n", 2);
  return { status: Number(/^HTTP\/1\.1 (\d+)/.exec(head)?.[1]), body };
}

describe("the path of a request is its own, whatever its Host is", () => {
  // A router that counts characters of the URL finds `/v1/server` here.
  test.each(["x", "ab", "a.b", "localhost"])("Host: %s", async (host) => {
    for (const prefix of ["/foo", "/abcdefgh", "/abcdefghi", "/abcdefghij"])
      expect((await raw(`GET ${prefix}/v1/server HTTP/1.1`, `Host: ${host}`)).status).toBe(404);
    expect((await raw("GET /v1/server HTTP/1.1", `Host: ${host}`)).status).toBe(200);
  });

  test.each(['a"b', "<script>", "a b", "evil.example/v1", ""])(
    "a Host that is none (%p) is refused, or as good as absent, and never a fault of the server",
    async (host) => {
      const { status, body } = await raw("GET /v1/server HTTP/1.1", `Host: ${host}`);
      expect([200, 400]).toContain(status);
      expect(body).not.toContain("at ");
    },
  );
});

describe("a path that is no percent-encoded text is served as any other", () => {
  test.each([
    ["/v1/job/%zz", 400],
    ["/v1/agents/data/%", 404],
    ["/v1/agents/data/%ff%fe", 404],
    ["/v1/agents/data/a%00b", 404],
    ["/%c0%ae%c0%ae/v1/server", 404],
  ])("GET %s -> %d", async (path, status) =>
    expect((await raw(`GET ${path} HTTP/1.1`, "Host: localhost")).status).toBe(status),
  );
});

test("a method that a path does not have is told which there are", async () => {
  const answer = await fetch(`${server.url}/v1/job`, { method: "PUT" });
  expect([answer.status, await answer.json(), answer.headers.get("allow")]).toEqual([
    405,
    { detail: {}, message: "Method Not Allowed" },
    "POST, GET, HEAD, OPTIONS",
  ]);
  const options = await fetch(`${server.url}/v1/job`, { method: "OPTIONS" });
  expect([options.status, options.headers.get("allow")]).toEqual([200, "POST, GET, HEAD, OPTIONS"]);
});

describe("HEAD is answered as GET is, but for the body", () => {
  const headersOf = ({ headers }: Response) =>
    Object.fromEntries([...headers].filter(([name]) => !["x-request-id", "date"].includes(name)));

  test.each([
    "/v1",
    "/v1/",
    "/v1/agents/queues",
    "/v1/agents/data/unknown",
    "/v1/job/no-uuid",
    "/v1/job",
    "/v1/nowhere",
    "/v1/oauth2/token",
    "/agents",
    "/docs",
    "/openapi.json",
  ])("%s", async (path) => {
    const [head, get] = await Promise.all([
      fetch(server.url + path, { method: "HEAD" }),
      fetch(server.url + path, { method: "GET" }),
    ]);
    expect([head.status, await head.text()]).toEqual([get.status, ""]);
    expect(headersOf(head)).toEqual({ ...headersOf(get), "content-length": String((await get.bytes()).length) });
  });

  test("without reading a file, and without its range", async () => {
    const { promise: ended, resolve: end } = Promise.withResolvers<number>();
    const piece = new Uint8Array(1024);
    app.store.files.open = async () => {
      let read = 0;
      const content = () =>
        new ReadableStream<Uint8Array>({
          pull: (controller) => {
            read++;
            controller.enqueue(piece);
          },
          cancel: () => end(read),
        });
      return { version: "1", length: 2 ** 40, content };
    };
    const answer = await fetch(`${server.url}/v1/result/00000000-0000-4000-8000-000000000000/artifact`, {
      method: "HEAD",
      headers: { range: "bytes=5-" },
    });
    expect([answer.status, answer.headers.get("etag"), answer.headers.get("content-length")]).toEqual([
      200,
      '"1"',
      null,
    ]);
    // What streams hold ready before anybody reads.
    expect(await ended).toBeLessThan(5);
  });
});

test("an unknown URL is the reference's text, from which its client learns that nobody can log in", async () => {
  const answer = await fetch(`${server.url}/oidc/auth-init`, { method: "POST" });
  expect(answer.status).toBe(404);
  expect(answer.headers.get("content-type")).toBe("text/html; charset=utf-8");
  expect(await answer.text()).toStartWith("Not found: 404 Not Found: The requested URL was not found on the server.");
});
