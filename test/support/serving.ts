import { serve } from "../../src/server/serve.ts";
import type { TestClock } from "./clock.ts";
import { databaseDump, keptKey } from "./credentials/database-dump.ts";
import { tap } from "./credentials/tap.ts";
import { CredentialWatch } from "./credentials/watch.ts";
import { MockIdp } from "./idp/mock-idp.ts";
import type { StoreForServers } from "./stores.ts";

/** A whole server in this process, on sockets. */
export interface Served {
  readonly url: string;
  /** Log lines and security events so far. */
  readonly lines: string[];
  /** Fails when it has logged or stored a credential in clear. */
  stop(): Promise<void>;
}

/** Starts servers and what they need, and takes all of it down. */
export class Serving {
  private readonly cleanups: (() => Promise<unknown>)[] = [];

  constructor(private readonly clock: TestClock) {}

  async start(env: Readonly<Record<string, string>>): Promise<Served> {
    const listening = Promise.withResolvers<string>();
    const stopping = Promise.withResolvers<void>();
    const lines: string[] = [];
    const ended = serve({
      env: { PORT: "0", METRICS_PORT: "0", ...env },
      say: (line) => listening.resolve(/ on (\S+)$/.exec(line)?.[1] ?? ""),
      write: (line) => void lines.push(line),
      stop: stopping.promise,
      now: this.clock.now,
    });
    ended.catch(listening.reject);
    const watch = new CredentialWatch();
    watch.configured(env);
    const seen = listening.promise.then((url) => tap(url, watch));
    seen.catch(() => {});
    const stop = async () => {
      stopping.resolve();
      await ended;
      await (await seen)[Symbol.asyncDispose]();
      if (env.TESTFLINGER_DATA_DIR) watch.note("kept signing key", await keptKey(env.TESTFLINGER_DATA_DIR));
      watch.assertSafe({ log: lines.join("\n"), database: await databaseDump(env) });
    };
    const { url } = await seen;
    this.cleanups.push(stop);
    return { url, lines, stop };
  }

  async fresh(open: () => Promise<StoreForServers>): Promise<StoreForServers> {
    const store = await open();
    this.cleanups.push(() => store.remove());
    return store;
  }

  /** The mock provider on a socket. */
  async provider(): Promise<MockIdp> {
    const answer = Promise.withResolvers<MockIdp>();
    const server = Bun.serve({
      hostname: "127.0.0.1",
      port: 0,
      fetch: async ({ url, method, headers, body }) =>
        (await answer.promise).fetch(url, { method, headers, body: body && (await new Response(body).text()) }),
    });
    this.cleanups.push(() => server.stop(true));
    const idp = await MockIdp.create({ now: this.clock.now, issuer: `http://127.0.0.1:${server.port}` });
    answer.resolve(idp);
    return idp;
  }

  /** To be done at the end. */
  defer(cleanup: () => Promise<unknown>): void {
    this.cleanups.push(cleanup);
  }

  async end(): Promise<void> {
    for (const cleanup of this.cleanups.splice(0).reverse()) await cleanup();
  }
}

/** Variables of a server whose people log in at the provider. */
export const loginAt = ({ issuer }: MockIdp) => ({
  OIDC_CLIENT_ID: "testflinger-client",
  OIDC_PROVIDER_ISSUER: issuer,
  WEB_SECRET_KEY: "a key for browser logins",
});

/** Names of security events with their arguments. */
export const eventsOf = ({ lines }: Pick<Served, "lines">): string[] =>
  lines.flatMap((line) => JSON.parse(line).owasp_event?.event ?? []);
