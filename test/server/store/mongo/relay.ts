import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";

export interface Relay {
  readonly port: number;
  /** Closes the port and every connection. */
  stop(): void;
  /** Ends the connections that there are; new ones are taken. */
  cut(): void;
  /** Keeps the connections and lets nothing through any more. */
  silence(): void;
  /** Keeps everything back that goes in one direction, on all connections there are: what is asked, or what is answered. */
  hold(what: "requests" | "answers"): void;
  /** Lets through what was kept back. */
  letGo(): void;
}

/** A TCP relay to the address that a test can cut. */
export async function relay(to: { host: string; port: number }, port = 0): Promise<Relay> {
  const sockets: Socket[] = [];
  const pairs: { readonly client: Socket; readonly upstream: Socket }[] = [];
  let silent = false;
  const server = createServer((socket) => {
    const upstream = connect(to);
    sockets.push(socket, upstream);
    pairs.push({ client: socket, upstream });
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
    hold(what) {
      for (const { client, upstream } of pairs) (what === "requests" ? client : upstream).unpipe().pause();
    },
    letGo() {
      for (const { client, upstream } of pairs) {
        client.pipe(upstream);
        upstream.pipe(client);
      }
    },
    cut() {
      for (const socket of sockets.splice(0)) socket.destroy();
    },
    stop() {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}
