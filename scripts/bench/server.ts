import { join } from "node:path";
import { type ProcessFigures, processFigures } from "./process.ts";

const BINARY = join(import.meta.dir, "..", "..", "dist", "testflinger-server");

export interface BenchServer extends ProcessFigures {
  readonly url: string;
  /** Milliseconds from the start of the process to its first answer. */
  readonly startup: number;
  stop(): Promise<void>;
}

/** The compiled server with these variables. */
export const startServer = (env: Record<string, string>): Promise<BenchServer> => start([BINARY], env);

/** A server of a few lines, which only reads a body and answers a small JSON: what Bun itself can do. */
export const startBareServer = (): Promise<BenchServer> =>
  start([process.execPath, join(import.meta.dir, "bare-server.ts")], {});

/** The whole way of a request through the server up to a handler that does nothing. */
export const startGatedServer = (env: Record<string, string>): Promise<BenchServer> =>
  start([process.execPath, join(import.meta.dir, "gated-server.ts")], env);

async function start(command: string[], env: Record<string, string>): Promise<BenchServer> {
  const port = await freePort();
  const started = performance.now();
  const child = Bun.spawn(command, {
    env: { NODE_ENV: "production", HOST: "127.0.0.1", PORT: String(port), METRICS_PORT: "0", ...env },
    stdin: "ignore",
    stdout: "ignore",
    stderr: "ignore",
  });
  const url = `http://127.0.0.1:${port}`;
  await answers(`${url}/v1`, child.exited);
  return {
    url,
    startup: performance.now() - started,
    ...processFigures(child.pid),
    async stop() {
      child.kill();
      await child.exited;
    },
  };
}

async function freePort(): Promise<number> {
  const server = Bun.serve({ hostname: "127.0.0.1", port: 0, fetch: () => new Response() });
  const port = server.port as number;
  await server.stop(true);
  return port;
}

async function answers(url: string, ended: Promise<number>): Promise<void> {
  let over = false;
  void ended.then(() => {
    over = true;
  });
  while (!over) {
    try {
      await fetch(url);
      return;
    } catch {
      await Bun.sleep(1);
    }
  }
  throw new Error("the server under test ended before it answered");
}
