import { serverBinary } from "../../support/binaries.ts";
import { type ServerProcess, startServer } from "../../support/server-process.ts";
import { type RecordingProxy, recordingProxy } from "./recording-proxy.ts";
import { temporaryFolder } from "./temporary-folder.ts";

/** The compiled server on an embedded store of its own, behind a proxy that counts. */
export interface Deployment extends AsyncDisposable {
  readonly server: ServerProcess;
  readonly proxy: RecordingProxy;
  /** Variables with which the server runs. */
  readonly env: Readonly<Record<string, string>>;
  /** Creates a client that logs in with a secret, as an operator does. */
  createClient(name: string, secret: string, role?: string): Promise<void>;
}

/** Variables that make people log in at an identity provider. */
export const oidcVariables = (issuer: string, clientId: string): Record<string, string> => ({
  OIDC_CLIENT_ID: clientId,
  OIDC_PROVIDER_ISSUER: issuer,
  WEB_SECRET_KEY: "a key for browser logins in end-to-end tests",
});

export async function deploy(settings: Readonly<Record<string, string>> = {}): Promise<Deployment> {
  await using stack = new AsyncDisposableStack();
  const data = stack.use(await temporaryFolder());
  const env = { TESTFLINGER_DATA_DIR: data.path, ...settings };
  const server = await startServer(env);
  stack.defer(async () => void (await server.stop()));
  const proxy = stack.use(recordingProxy(server.url));
  const kept = stack.move();
  return {
    server,
    proxy,
    env,
    async createClient(name, secret, role = "contributor") {
      const child = Bun.spawn([serverBinary(), "admin", "create-client", name, "--role", role, "--secret-stdin"], {
        env,
        stdin: new Blob([secret]),
        stdout: "ignore",
        stderr: "pipe",
      });
      const complaint = await new Response(child.stderr).text();
      if ((await child.exited) !== 0) throw new Error(`${name} was not created: ${complaint}`);
    },
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}
