import { createServer, type AddressInfo } from "node:net";

/** A free port on the loopback address: this one if possible. */
export function freePort(preferred: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once("error", (error: NodeJS.ErrnoException) =>
      error.code === "EADDRINUSE" && preferred !== 0 ? resolve(freePort(0)) : reject(error),
    );
    probe.listen(preferred, "127.0.0.1", () => {
      const { port } = probe.address() as AddressInfo;
      probe.close(() => resolve(port));
    });
  });
}
