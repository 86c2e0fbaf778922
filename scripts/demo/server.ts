import type { Credentials } from "./agent-api.ts";
import type { Home } from "./home.ts";

export interface ServerOptions {
  readonly home: Home;
  readonly port: number;
  readonly issuer: string;
  readonly clientId: string;
  /** File for the server's log. */
  readonly log: string;
}

export interface RunningServer {
  /** What it says to whoever starts it. */
  readonly greeting: string;
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
export async function startServer({ home, port, issuer, clientId, log }: ServerOptions): Promise<RunningServer> {
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
  const greeting = await firstLine(child.stdout);
  if (greeting === undefined) throw new Error(`The server did not start:\n${await Bun.file(log).text()}`);
  return {
    greeting,
    ended: child.exited,
    async stop() {
      child.kill();
      await child.exited;
    },
  };
}

/** The first line of a stream, of which the rest is read and forgotten; undefined when there is none. */
function firstLine(stream: ReadableStream<Uint8Array>): Promise<string | undefined> {
  const { promise, resolve } = Promise.withResolvers<string | undefined>();
  const read = async () => {
    const decoder = new TextDecoder();
    let text = "";
    for await (const bytes of stream) {
      text += decoder.decode(bytes, { stream: true });
      const end = text.indexOf("\n");
      if (end >= 0) resolve(text.slice(0, end));
    }
    resolve(undefined);
  };
  void read();
  return promise;
}
