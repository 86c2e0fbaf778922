import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";

/** A TCP relay to the address that a test can cut: `stop` closes the port and every connection. */
export async function relay(
  to: { host: string; port: number },
  port = 0,
): Promise<{ readonly port: number; stop(): void }> {
  const sockets: Socket[] = [];
  const server = createServer((socket) => {
    const upstream = connect(to);
    sockets.push(socket, upstream);
    for (const [one, other] of [
      [socket, upstream],
      [upstream, socket],
    ] as const) {
      one.pipe(other);
      one.on("error", () => other.destroy());
      one.on("close", () => other.destroy());
    }
  });
  server.listen(port, "127.0.0.1");
  await once(server, "listening");
  return {
    port: (server.address() as AddressInfo).port,
    stop() {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}
