import type { Credentials } from "./agent-api.ts";
import type { Home } from "./home.ts";

export interface ServerOptions {
  readonly home: Home;
  readonly port: number;
  readonly issuer: string;
  readonly clientId: string;
  /** File for the server's log. */
  readonly log: string;
  /** Gets each line that the server says to whoever starts it. */
  readonly onLine: (line: string) => void;
}

export interface RunningServer {
  /** Resolves when it has ended, whatever the reason. */
  readonly ended: Promise<number>;
  stop(): Promise<void>;
}

/** Registers an agent the way an operator does. */
export async function createAgentClient(home: Home, clientId: string): Promise<Credentials> {
  const secret = crypto.randomUUID();
  const child = Bun.spawn([home.server, "admin", "create-client", clientId, "--role", "agent", "--secret-stdin"], {
    env: home.env,
    stdin: new Blob([secret]),
    stdout: "ignore",
    stderr: "pipe",
  });
  const complaint = await new Response(child.stderr).text();
  if ((await child.exited) !== 0) throw new Error(`The agent could not be registered: ${complaint}`);
  return { clientId, secret };
}

/**
 * Starts the server with the embedded store and with logins at the identity provider.
 *
 * @returns once it accepts requests
 * @throws Error when it ends instead
 */
export async function startServer({
  home,
  port,
  issuer,
  clientId,
  log,
  onLine,
}: ServerOptions): Promise<RunningServer> {
  const child = Bun.spawn([home.server], {
    env: {
      ...home.env,
      PORT: String(port),
      // Two servers on one machine must not fight for the port of the metrics.
      METRICS_PORT: "0",
      OIDC_CLIENT_ID: clientId,
      OIDC_PROVIDER_ISSUER: issuer,
      WEB_SECRET_KEY: crypto.randomUUID() + crypto.randomUUID(),
    },
    stdin: "ignore",
    stdout: "pipe",
    stderr: Bun.file(log),
  });
  const { promise: listening, resolve } = Promise.withResolvers<void>();
  void readLines(child.stdout, (line) => {
    resolve();
    onLine(line);
  });
  await Promise.race([listening, child.exited]);
  if (child.exitCode !== null) throw new Error(`The server did not start:\n${await Bun.file(log).text()}`);
  return {
    ended: child.exited,
    async stop() {
      child.kill();
      await child.exited;
    },
  };
}

async function readLines(stream: ReadableStream<Uint8Array>, onLine: (line: string) => void): Promise<void> {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const bytes of stream) {
    const lines = (rest + decoder.decode(bytes, { stream: true })).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) onLine(line);
  }
}
