import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";

/** A TCP relay to the address that a test can cut: `stop` closes the port and every connection, `silence` keeps them and lets nothing through. */
export async function relay(
  to: { host: string; port: number },
  port = 0,
): Promise<{ readonly port: number; stop(): void; silence(): void }> {
  const sockets: Socket[] = [];
  let silent = false;
  const server = createServer((socket) => {
    const upstream = connect(to);
    sockets.push(socket, upstream);
    if (silent) return;
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
    silence() {
      silent = true;
      for (const socket of sockets) socket.unpipe().pause();
    },
    stop() {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}
