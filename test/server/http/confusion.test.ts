import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { listen, type Listening } from "../../../src/server/listen.ts";
import { type TestApp, testApp } from "../../support/test-app.ts";

/** Stands in every closed answer. */
const HIDDEN = "behind-the-login";

/** What only those who are logged in may read, and what everybody may. */
const CLOSED = ["/v1/client-permissions", "/v1/agents/data", "/v1/restricted-queues", `/v1/queues/${HIDDEN}/agents`];
const OPEN = ["/healthz", "/v1", "/docs", "/static", "/oidc/auth-init"];

/** Ways to write a path so that a check and a router, or a proxy and a server, may read different ones. */
const SPELLINGS: [how: string, spell: (closed: string, open: string) => string][] = [
  ["as it is", (closed) => closed],
  ["behind two slashes", (closed) => `/${closed}`],
  ["behind many slashes", (closed) => `/////${closed}`],
  ["with a slash behind it", (closed) => `${closed}/`],
  ["with doubled slashes", (closed) => closed.replaceAll("/", "//")],
  ["with encoded slashes", (closed) => `/${closed.slice(1).replaceAll("/", "%2f")}`],
  ["with a slash that is encoded twice", (closed) => `/${closed.slice(1).replaceAll("/", "%252f")}`],
  ["with backslashes", (closed) => closed.replaceAll("/", "\\")],
  ["with encoded letters", (closed) => closed.replaceAll("a", "%61").replaceAll("j", "%6a")],
  ["in capitals", (closed) => closed.toUpperCase()],
  ["out of an open folder", (closed, open) => `${open}/..${closed}`],
  ["out of an open folder, encoded", (closed, open) => `${open}/%2e%2e${closed}`],
  ["out of an open folder, by an encoded slash", (closed, open) => `${open}/..%2f${closed.slice(1)}`],
  ["out of an open folder, by a backslash", (closed, open) => `${open}\\..${closed.replaceAll("/", "\\")}`],
  ["through the folder that it is in", (closed) => `/.${closed}`],
  ["behind a parameter of an open path", (closed, open) => `${open};${closed}`],
  ["with a parameter", (closed) => `${closed};/healthz`],
  ["with an end of a string", (closed) => `${closed}%00/healthz`],
  ["with a line end", (closed) => `${closed}%0d%0aX: y`.replace(" ", "%20")],
  ["in the query of an open path", (closed, open) => `${open}?path=${closed}`],
  ["in a fragment", (closed, open) => `${open}#${closed}`],
  ["with a fragment", (closed) => `${closed}#/healthz`],
  ["with a query that looks like a path", (closed) => `${closed}?/healthz`],
  ["as a whole URL", (closed) => `http://localhost${closed}`],
  ["as a whole URL of another host", (closed) => `http://evil.example${closed}`],
  ["as a whole URL with a user", (closed, open) => `http://localhost${open}@evil.example${closed}`],
  ["in overlong UTF-8", (closed) => closed.replaceAll("/", "/%c0%af")],
];

/** Other things that a request may say about where it goes. */
const HEADERS: [what: string, lines: string[]][] = [
  ["a host", ["Host: localhost"]],
  ["a host of one letter", ["Host: x"]],
  ["another host", ["Host: evil.example"]],
  ["no host", []],
  ["a host with a path", ["Host: localhost/healthz?"]],
  ["two hosts", ["Host: localhost", "Host: evil.example"]],
  [
    "what proxies send",
    ["Host: localhost", "X-Original-URL: /healthz", "X-Rewrite-URL: /healthz", "X-Forwarded-Prefix: /"],
  ],
  ["another method", ["Host: localhost", "X-HTTP-Method-Override: OPTIONS"]],
  ["another address", ["Host: localhost", "X-Forwarded-For: 127.0.0.1", "Forwarded: for=127.0.0.1", "X-Real-IP: ::1"]],
];

/** ASVS 5.0 controls 4.1.3, 4.2.1 and 8.3.1: who may have what is decided by the path that is served, however it is written. */
describe("without a login nobody gets what is closed,", () => {
  let app: TestApp, server: Listening;
  beforeAll(async () => {
    app = await testApp({ oidc: true });
    server = await listen((request, socket) => app.fetch(request, socket), "127.0.0.1", 0);
    await app.store.clients.create({ id: HIDDEN, permissions: { role: "admin" } });
    const { fetch, token } = app;
    const send = async (method: string, path: string, role: string, body?: unknown) => {
      const headers = { "content-type": "application/json", authorization: `Bearer ${await token(HIDDEN, { role })}` };
      return fetch(
        new Request(`http://localhost${path}`, {
          method,
          headers,
          body: body === undefined ? undefined : JSON.stringify(body),
        }),
      );
    };
    await send("POST", `/v1/agents/data/${HIDDEN}`, "agent", { queues: [HIDDEN] });
    await send("POST", `/v1/restricted-queues/${HIDDEN}`, "admin", { client_id: HIDDEN });
    // With a login they are there to be had.
    for (const path of CLOSED) expect(await (await send("GET", path, "admin")).text()).toContain(HIDDEN);
  });
  afterAll(async () => {
    await server.stop(0);
    await app.close();
  });

  /** The whole answer to these lines, sent as they are. */
  async function answer(...lines: string[]): Promise<string> {
    const { promise, resolve } = Promise.withResolvers<string>();
    let received = "";
    const socket = await Bun.connect({
      hostname: "127.0.0.1",
      port: server.port,
      socket: {
        data: (_, bytes) => void (received += bytes.toString()),
        close: () => resolve(received),
      },
    });
    socket.write([...lines, "Connection: close", "", ""].join("\r\n"));
    return promise;
  }
  const bodies = async (target: string, headers: string[]) => {
    const [head = "", ...body] = (await answer(`GET ${target} HTTP/1.1`, ...headers)).split("\r\n\r\n");
    return { status: Number(/^HTTP\/1\.1 (\d+)/.exec(head)?.[1]), head, body: body.join() };
  };

  describe.each(HEADERS)("with %s:", (_what, headers) => {
    test.each(SPELLINGS)("%s", async (_how, spell) => {
      for (const closed of CLOSED)
        for (const open of OPEN) {
          const target = spell(closed, open);
          const { status, head, body } = await bodies(target, headers);
          expect(body).not.toContain(HIDDEN);
          expect([target, [500, 502, 503].includes(status)]).toEqual([target, false]);
          // What answers well is what everybody may read.
          if (status === 200) expect([target, OPEN.some((path) => target.includes(path))]).toEqual([target, true]);
          expect(/^location: *(?:https?:)?\/\//im.test(head) && !head.includes("/auth/")).toBe(false);
        }
    });
  });
});
