import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { SignJWT } from "jose";
import { connect, type Socket } from "node:net";
import { type ServerProcess, startServer } from "../support/server-process.ts";
import { embeddedStore, type StoreForServers } from "../support/stores.ts";

// The bound itself is ten seconds and what the runtime's clock adds; machines may be busy.
setDefaultTimeout(60_000);

/** Milliseconds for the header of a request, twice over. */
const BOUND = 24_000;

const SIGNING_KEY = "a signing key for slow clients, 32 bytes or more";
const agentToken = (): Promise<string> =>
  new SignJWT({ permissions: { client_id: "lab-1", role: "agent" } })
    .setProtectedHeader({ alg: "HS256", typ: "JWT" })
    .setSubject("access_token")
    .setIssuedAt()
    .setExpirationTime("1h")
    .sign(new TextEncoder().encode(SIGNING_KEY));

/** What became of a connection. */
interface End {
  /** Milliseconds until it was closed. */
  readonly after: number;
  readonly received: string;
}

/** Opens a connection on which a client behaves badly; tells when the server has ended it. */
function ended(port: number, behave: (socket: Socket) => void): Promise<End> {
  const began = performance.now();
  const { promise, resolve } = Promise.withResolvers<End>();
  let received = "";
  const socket = connect({ port, host: "127.0.0.1", noDelay: true }, () => behave(socket));
  socket.on("data", (bytes) => (received += bytes.toString("latin1")));
  // Whoever still sends when the server hangs up gets a reset.
  socket.on("error", () => {});
  socket.on("close", () => resolve({ after: performance.now() - began, received }));
  return promise;
}

/** Sends a beginning, and then a little more every half second for as long as there is somebody. */
function drip(beginning: string, drop: string): (socket: Socket) => void {
  return (socket) => {
    socket.write(beginning);
    const timer = setInterval(() => socket.write(drop), 500);
    socket.on("close", () => clearInterval(timer));
  };
}

const get = (path: string, headers = ""): string => `GET ${path} HTTP/1.1\r\nHost: localhost\r\n${headers}\r\n`;
const statuses = ({ received }: End): string[] =>
  [...received.matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status]) => status!);

/** The compiled server keeps no connection for whoever does not get to the point (ASVS 5.0 controls 4.2.1 and 15.2.2). */
describe("a client", () => {
  let store: StoreForServers, server: ServerProcess, port: number;
  beforeAll(async () => {
    store = await embeddedStore();
    server = await startServer({ ...store.env, JWT_SIGNING_KEY: SIGNING_KEY }, { direct: true });
    port = Number(new URL(server.url).port);
  });
  afterAll(async () => {
    // Nothing of all this costs the server more than connections.
    expect((await fetch(`${server.url}/healthz`)).status).toBe(200);
    await server.stop();
    await store.remove();
  });

  test.concurrent.each<[string, (socket: Socket) => void]>([
    ["says nothing", () => {}],
    ["stops in the middle of a header", (socket) => socket.write("GET /v1/ HTTP/1.1\r\nHost: lo")],
    ["sends a header byte by byte", drip("GET /v1/ HTTP/1.1\r\nHost: localhost\r\nX-Slow: ", "s")],
    ["sends a header line by line", drip("GET /v1/ HTTP/1.1\r\nHost: localhost\r\n", "X-Slow: s\r\n")],
  ])("that %s is cut off after ten seconds", async (_case, behave) => {
    const end = await ended(port, behave);
    expect(end.after).toBeLessThan(BOUND);
    expect(statuses(end)).toEqual([]);
  });

  test.concurrent.each<[string, string]>([
    ["a header of 17 KB", get("/v1/", `X-Long: ${"l".repeat(17_000)}\r\n`)],
    ["a header without end", `GET /v1/ HTTP/1.1\r\nHost: localhost\r\nX-Long: ${"l".repeat(1_000_000)}`],
    ["a path of 20 KB", get(`/${"l".repeat(20_000)}`)],
    ["200 header fields", get("/v1/", Array.from({ length: 200 }, (_, n) => `X-${n}: 1\r\n`).join(""))],
  ])("with %s gets a 431 and is cut off at once", async (_case, request) => {
    const end = await ended(port, (socket) => socket.write(request));
    expect(statuses(end)).toEqual(["431"]);
    expect(end.after).toBeLessThan(BOUND / 4);
  });

  test.concurrent.each<[string, string]>([
    ["binary nonsense", "\0\x01\x02".repeat(1000)],
    [
      "two lengths of a body",
      `POST /v1/job HTTP/1.1\r\nHost: l\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
    ],
  ])("that sends %s gets a 400 and is cut off at once", async (_case, request) => {
    const end = await ended(port, (socket) => socket.write(request));
    expect(statuses(end)).toEqual(["400"]);
    expect(end.after).toBeLessThan(BOUND / 4);
  });

  test.concurrent(
    "that pipelines behind a request that waits loses the connection, and its requests are not kept",
    async () => {
      const authorization = `Authorization: Bearer ${await agentToken()}\r\n`;
      const waiting = get("/v1/job?queue=q&wait=50", authorization);
      const end = await ended(port, (socket) => socket.write(waiting + get("/v1/").repeat(10_000)));
      expect(end.after).toBeLessThan(BOUND / 4);
      expect(statuses(end)).toEqual([]);
    },
  );

  test.concurrent(
    "with more idle connections than the server may have keeps others waiting only until they are cut off",
    async () => {
      const store = await embeddedStore();
      const server = await startServer(store.env, { direct: true, openFiles: 100 });
      const port = Number(new URL(server.url).port);
      const idle = Array.from({ length: 150 }, () => {
        // The kernel keeps connections to itself on which nothing has come.
        const socket = connect(port, "127.0.0.1", () => socket.write("G"));
        socket.on("error", () => {});
        return socket;
      });
      await Promise.all(idle.map((socket) => new Promise((open) => socket.on("connect", open))));
      expect((await fetch(`${server.url}/v1/`)).status).toBe(200);
      for (const socket of idle) socket.destroy();
      expect((await fetch(`${server.url}/readyz`)).status).toBe(200);
      expect(await server.stop()).toBe(0);
      await store.remove();
    },
  );
});
