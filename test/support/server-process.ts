import { serverBinary } from "./binaries.ts";

export interface ServerProcess {
  /** Base URL. */
  readonly url: string;
  readonly pid: number;
  /** What it has printed so far: lines for people, log lines and security events. */
  output(): string;
  /** Sends a signal and waits for the end; the exit status (null when the signal ended it). */
  stop(signal?: NodeJS.Signals): Promise<number | null>;
}

/**
 * Starts the compiled server with only these variables and waits until it says where it listens. Throws with its output when it ends before that.
 */
export async function startServer(env: Readonly<Record<string, string>>): Promise<ServerProcess> {
  const child = Bun.spawn([serverBinary()], {
    env: { HOST: "127.0.0.1", PORT: "0", METRICS_PORT: "0", ...env },
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
  });
  let printed = "";
  const listening = Promise.withResolvers<string>();
  const read = async (stream: ReadableStream<Uint8Array>) => {
    const decoder = new TextDecoder();
    for await (const chunk of stream) {
      printed += decoder.decode(chunk, { stream: true });
      const [, url] = /^Testflinger server \S+ on (http:\S+)$/m.exec(printed) ?? [];
      if (url) listening.resolve(url);
    }
  };
  const drained = Promise.all([read(child.stdout), read(child.stderr)]);
  void child.exited.then(async (status) => {
    await drained;
    listening.reject(new Error(`the server ended with status ${status}:\n${printed}`));
  });
  const url = await listening.promise;
  listening.promise.catch(() => {});
  return {
    url,
    pid: child.pid,
    output: () => printed,
    async stop(signal = "SIGTERM") {
      child.kill(signal);
      await child.exited;
      await drained;
      return child.exitCode;
    },
  };
}
