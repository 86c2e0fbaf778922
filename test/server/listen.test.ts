import { afterEach, describe, expect, test } from "bun:test";
import { connect, type Socket } from "node:net";
import { CannotListen, hostInUrl, listen, type Listening } from "../../src/server/listen.ts";

const hello = async () => new Response("hello");

let open: Listening[] = [];
afterEach(async () => {
  await Promise.all(open.map((one) => one.stop(0)));
  open = [];
});

const listening = async (
  host: string,
  port = 0,
  fetch: Parameters<typeof listen>[0] = hello,
  idleTimeout?: number,
): Promise<Listening> => {
  const one = await listen(fetch, host, port, idleTimeout);
  open.push(one);
  return one;
};

/** With what words an address is refused. */
const refusal = (host: string, port: number): Promise<string> =>
  listening(host, port).then(
    ({ url }) => `listens on ${url}`,
    (error: unknown) => {
      expect(error).toBeInstanceOf(CannotListen);
      return (error as Error).message;
    },
  );

test.each(["127.0.0.1", "localhost", "0.0.0.0"])("listens on %s", async (host) => {
  const { port } = await listening(host);
  expect(await (await fetch(`http://127.0.0.1:${port}`)).text()).toBe("hello");
});

test("tells where it can be reached, with the port that was chosen", async () => {
  const { url, port } = await listening("127.0.0.1");
  expect(url).toBe(`http://127.0.0.1:${port}`);
});

test.each([
  ["127.0.0.1", "127.0.0.1"],
  ["lab.example", "lab.example"],
  ["::1", "[::1]"],
  ["[::1]", "[::1]"],
])("%s is %s in a URL", (host, wanted) => expect(hostInUrl(host)).toBe(wanted));

describe("an address that cannot be had is named with a remedy:", () => {
  test("a port that another server has", async () => {
    const { port } = await listening("127.0.0.1");
    expect(await refusal("127.0.0.1", port)).toBe(
      `127.0.0.1:${port} is in use by another program. Stop it, or set PORT to another port.`,
    );
  });

  // Bun says of such a name that the port is in use.
  test.each(["nosuch.invalid", "256.1.1.1", "a b"])("the unknown name %s", async (host) =>
    expect(await refusal(host, 49_151)).toBe(
      `${host} is not an address of this machine. Set HOST to one that is, or to 0.0.0.0 for all.`,
    ),
  );

  test("the address of another machine", async () =>
    expect(await refusal("192.0.2.1", 0)).toBe(
      "192.0.2.1 is not an address of this machine. Set HOST to one that is, or to 0.0.0.0 for all.",
    ));
});

describe("stopping", () => {
  test("lets a request in flight finish", async () => {
    const arrived = Promise.withResolvers<void>();
    const finish = Promise.withResolvers<void>();
    const one = await listening("127.0.0.1", 0, async () => {
      arrived.resolve();
      await finish.promise;
      return new Response("finished");
    });
    const answer = fetch(one.url).then((response) => response.text());
    await arrived.promise;
    const stopped = one.stop(60_000);
    finish.resolve();
    expect(await answer).toBe("finished");
    await stopped;
    await expect(fetch(one.url)).rejects.toThrow();
  });

  test("cuts off what does not end in time", async () => {
    const arrived = Promise.withResolvers<void>();
    const one = await listening("127.0.0.1", 0, () => {
      arrived.resolve();
      return new Promise<Response>(() => {});
    });
    const answer = fetch(one.url);
    answer.catch(() => {});
    await arrived.promise;
    await one.stop(1);
    await expect(answer).rejects.toThrow();
  });
});

/** ASVS 5.0 control 15.2.2. What a client is allowed for the header of a request is tested on the compiled server. */
describe("within its time a connection is closed", () => {
  /** Seconds; the smallest. */
  const IDLE = 4;
  const BODY = "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000\r\n\r\n";
  const GET = "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n";

  /** Serves whoever connects and behaves like that; resolves when the request is over for the server. */
  async function ended(behave: (socket: Socket) => void, answer: (request: Request) => Promise<Response>) {
    const over = Promise.withResolvers<void>();
    const one = await listening(
      "127.0.0.1",
      0,
      (request) => {
        request.signal.addEventListener("abort", () => over.resolve());
        return answer(request);
      },
      IDLE,
    );
    const socket = connect({ port: one.port, host: "127.0.0.1" }, () => behave(socket));
    socket.on("error", () => {});
    await over.promise;
    socket.destroy();
  }
  const reading = async (request: Request) => new Response(await request.text());
  const every = (socket: Socket, drop: string) => {
    const timer = setInterval(() => socket.write(drop), 500);
    socket.on("close", () => clearInterval(timer));
  };

  test.concurrent(
    "whose client sends no more of its body",
    () => ended((socket) => socket.write(`${BODY}a`), reading),
    30_000,
  );

  test.concurrent(
    "whose client sends its body byte by byte",
    () =>
      ended((socket) => {
        socket.write(BODY);
        every(socket, "a");
      }, reading),
    30_000,
  );

  test.concurrent(
    "whose client takes nothing of a long answer, which is not made any longer",
    async () => {
      let made = 0;
      const endless = async () =>
        new Response(
          new ReadableStream({
            pull(controller) {
              made += 1;
              controller.enqueue(new Uint8Array(64 * 1024));
            },
          }),
        );
      await ended((socket) => socket.pause().write(GET), endless);
      expect(made).toBeLessThan(1000);
    },
    30_000,
  );

  test.concurrent.each<[string, (socket: Socket) => void]>([
    ["that nobody uses any more", () => {}],
    ["whose client sends its second request byte by byte", (socket) => every(socket, "G")],
  ])(
    "%s",
    async (_case, goOn) => {
      const one = await listening("127.0.0.1", 0, hello, IDLE);
      const closed = Promise.withResolvers<void>();
      const socket = connect({ port: one.port, host: "127.0.0.1" }, () => socket.write(GET));
      socket.once("data", () => goOn(socket));
      socket.on("error", () => {}).on("close", () => closed.resolve());
      await closed.promise;
    },
    30_000,
  );
});
