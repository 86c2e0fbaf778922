import { readFile } from "node:fs/promises";
import { join } from "node:path";

const BINARY = join(import.meta.dir, "..", "..", "dist", "testflinger-server");

export interface BenchServer {
  readonly url: string;
  /** Milliseconds from the start of the process to its first answer. */
  readonly startup: number;
  /** Resident memory in MiB. */
  memory(): Promise<number>;
  stop(): Promise<void>;
}

/** The compiled server with these variables, on a free port. */
export async function startServer(env: Record<string, string>): Promise<BenchServer> {
  const port = await freePort();
  const started = performance.now();
  const child = Bun.spawn([BINARY], {
    env: { HOST: "127.0.0.1", PORT: String(port), METRICS_PORT: "0", ...env },
    stdin: "ignore",
    stdout: "ignore",
    stderr: "ignore",
  });
  const url = `http://127.0.0.1:${port}`;
  await answers(`${url}/v1`, child.exited);
  return {
    url,
    startup: performance.now() - started,
    memory: () => residentMemory(child.pid),
    async stop() {
      child.kill();
      await child.exited;
    },
  };
}

/** A server of a few lines, which only reads a body and answers a small JSON: what Bun itself can do. */
export async function startBareServer(): Promise<{ url: string; stop(): Promise<void> }> {
  const port = await freePort();
  const source = `Bun.serve({ hostname: "127.0.0.1", port: ${port}, async fetch(request) {
    if (request.method === "POST") await request.json();
    return Response.json({ job_id: "b2c5a3a0-5f8c-4f0e-9b4f-6d1a6a0d2f11" });
  } })`;
  const child = Bun.spawn([process.execPath, "-e", source], { stdin: "ignore", stdout: "ignore", stderr: "inherit" });
  const url = `http://127.0.0.1:${port}`;
  await answers(url, child.exited);
  return {
    url,
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

async function residentMemory(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, "utf8");
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0) / 1024;
}
