import { serverBinary } from "./binaries.ts";
import { databaseDump, keptKey } from "./credentials/database-dump.ts";
import { type Tap, tap } from "./credentials/tap.ts";
import { CredentialWatch } from "./credentials/watch.ts";

export interface ServerProcess {
  /** Base URL. */
  readonly url: string;
  readonly pid: number;
  /** Sees the credentials that come and go. */
  readonly watch: CredentialWatch;
  /** What it has printed so far: lines for people, log lines and security events. */
  output(): string;
  /**
   * Sends a signal and waits for the end; the exit status (null when the signal ended it). Throws when a credential is in what it has printed or
   * stored.
   */
  stop(signal?: NodeJS.Signals): Promise<number | null>;
}

export interface ServerProcessOptions {
  /** Reach the server itself, not through a tap that sees its credentials: for tests of connections and of large files. */
  direct?: boolean;
  /** Texts that a test uses everywhere, also in the place of credentials. */
  isHarmless?: (text: string) => boolean;
  /** Files and connections that the process may have open at the most; as many as its user without. */
  openFiles?: number;
}

/**
 * Starts the compiled server with only these variables and waits until it says where it listens. Throws with its output when it ends before that.
 */
export async function startServer(
  env: Readonly<Record<string, string>>,
  { direct = false, openFiles, isHarmless }: ServerProcessOptions = {},
): Promise<ServerProcess> {
  const port = direct ? (env.PORT ?? "0") : "0";
  const limited = openFiles === undefined ? [] : ["sh", "-c", `ulimit -n ${openFiles} && exec "$0"`];
  const child = Bun.spawn([...limited, serverBinary()], {
    env: { HOST: "127.0.0.1", METRICS_PORT: "0", ...env, PORT: port },
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
  const own = await listening.promise;
  listening.promise.catch(() => {});
  const watch = new CredentialWatch();
  if (isHarmless) watch.permitAll(isHarmless, "the test uses them everywhere");
  watch.configured(env);
  const seen: Tap | undefined = direct ? undefined : await tap(own, watch, Number(env.PORT ?? 0));
  return {
    url: seen?.url ?? own,
    pid: child.pid,
    watch,
    output: () => printed,
    async stop(signal = "SIGTERM") {
      child.kill(signal);
      await child.exited;
      await drained;
      await seen?.[Symbol.asyncDispose]();
      if (env.TESTFLINGER_DATA_DIR) watch.note("kept signing key", await keptKey(env.TESTFLINGER_DATA_DIR));
      watch.assertSafe({ log: printed, database: await databaseDump(env) });
      return child.exitCode;
    },
  };
}
