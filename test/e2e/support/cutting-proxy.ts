import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { Transform } from "node:stream";

/** Ways of bytes: to the server, or from it. */
export type Direction = "up" | "down";

export interface Cut {
  readonly direction: Direction;
  /** Bytes over all connections, heads of requests included, after which the one that brought the last of them is cut. */
  readonly after: number;
  /** Runs between the cut and the next connection that is let through. */
  readonly meanwhile?: () => Promise<void>;
}

export interface CuttingProxy extends AsyncDisposable {
  readonly url: string;
  /** Bytes that were let through so far, over all connections. */
  readonly passed: Readonly<Record<Direction, number>>;
  /** Cuts that have not happened yet. */
  readonly pending: readonly Cut[];
  /** Sends later connections to another server. */
  leadTo(upstream: string): void;
}

/** Stands in front of a server, counts bytes, and cuts connections in the middle: one for each of the cuts, in their order. */
export async function cuttingProxy(upstream: string, cuts: readonly Cut[]): Promise<CuttingProxy> {
  const pending = [...cuts];
  const passed = { up: 0, down: 0 };
  const sockets = new Set<Socket>();
  let target = new URL(upstream);
  let open = Promise.resolve();

  const server = createServer((client) => {
    sockets.add(client);
    client.on("error", () => undefined);
    client.on("close", () => sockets.delete(client));
    void open.then(() => lead(client));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));

  function lead(client: Socket): void {
    const onward = connect(Number(target.port), target.hostname);
    onward.on("error", () => client.destroy());
    onward.on("close", () => client.destroy());
    client.on("close", () => onward.destroy());
    const counter = (direction: Direction) =>
      new Transform({
        transform(bytes: Buffer, _encoding, pass) {
          passed[direction] += bytes.length;
          pass(null, bytes);
          const [cut] = pending;
          if (cut?.direction !== direction || passed[direction] < cut.after) return;
          pending.shift();
          open = cut.meanwhile?.() ?? open;
          client.resetAndDestroy();
          onward.resetAndDestroy();
        },
      });
    client
      .pipe(counter("up"))
      .on("error", () => undefined)
      .pipe(onward);
    onward
      .pipe(counter("down"))
      .on("error", () => undefined)
      .pipe(client);
  }

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    passed,
    pending,
    leadTo: (upstream) => void (target = new URL(upstream)),
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}
