import { connect, createServer, type Socket } from "node:net";
import type { CredentialWatch } from "./watch.ts";

/** Bytes of what was read before that are read again with the next: a credential may have come in two pieces. */
const OVERLAP = 4096;

/** Bytes of one piece that are read; longer ones are files, which are sent behind their headers. */
const LONGEST = 64 * 1024;

export interface Tap extends AsyncDisposable {
  /** Reach the server here. */
  readonly url: string;
}

/**
 * Stands in front of a server, passes bytes on as they are, and shows them to a watch.
 *
 * @param ownPort where the tap itself is reached; 0 for any free port
 */
export async function tap(upstream: string, watch: CredentialWatch, ownPort = 0): Promise<Tap> {
  const { hostname, port } = new URL(upstream);
  const open = new Set<Socket>();
  const listener = createServer({ allowHalfOpen: true, noDelay: true }, (client) => {
    const server = connect({ host: hostname, port: Number(port), allowHalfOpen: true, noDelay: true });
    join(client, server, watch);
    join(server, client, watch);
    for (const socket of [client, server]) {
      open.add(socket);
      socket.on("close", () => open.delete(socket));
    }
  });
  await new Promise<void>((listening) => listener.listen(ownPort, hostname, listening));
  return {
    url: `http://${hostname}:${(listener.address() as { port: number }).port}`,
    async [Symbol.asyncDispose]() {
      if (!listener.listening) return;
      for (const socket of open) socket.destroy();
      await new Promise<void>((closed) => listener.close(() => closed()));
    },
  };
}

function join(from: Socket, to: Socket, watch: CredentialWatch): void {
  let before = "";
  from.on("data", (bytes: Buffer) => {
    const text = bytes.toString("latin1", 0, LONGEST);
    watch.reads(before + text);
    before = (before + text).slice(-OVERLAP);
    if (!to.write(bytes)) {
      from.pause();
      to.once("drain", () => from.resume());
    }
  });
  from.on("end", () => to.end());
  from.on("error", () => to.destroy());
  from.on("close", () => to.destroy());
}
