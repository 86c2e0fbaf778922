import type { Context } from "../context.ts";
import { VERSION } from "../../shared/version.ts";
import { ConnectionFailure } from "./errors.ts";
import { networkReason } from "./network-reason.ts";
import { proxyOf } from "./proxy.ts";
import { redirectTarget } from "./redirect.ts";
import { certificateAuthorities } from "./tls.ts";
import { Watchdog } from "./watchdog.ts";

/** Time to the first byte of an answer, and between any two of its bytes, in milliseconds (cli section 4.1). */
export const IDLE_TIMEOUT_MS = 15_000;

export interface Exchange {
  readonly method: string;
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Makes the body; called again when a redirect repeats the request. `stir` keeps a long upload from timing out. */
  readonly body?: (stir: () => void) => BodyInit;
  readonly idleTimeoutMs?: number;
  /** Leave `Content-Encoding` alone and give the bytes as they were sent. */
  readonly undecoded?: boolean;
  /** Refuse redirects to another origin: the request carries a credential in its body. */
  readonly sameOrigin?: boolean;
  /**
   * Do not share the connection with other requests: when a shared one turns out to be closed, a POST fails, and fetch
   * repeats a GET by itself, which would hide that the server hung up.
   */
  readonly ownConnection?: boolean;
  readonly signal?: AbortSignal;
}

/** An answer whose body has not been read yet. Read it, or discard it. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  /** The body as it arrives. */
  chunks(): AsyncGenerator<Uint8Array, void, undefined>;
  /** The whole body, decoded as UTF-8. */
  text(): Promise<string>;
  discard(): Promise<void>;
}

/** HTTP as the client speaks it: product name, timeouts, redirects; no authentication, no meaning of statuses. */
export class Transport {
  constructor(private readonly context: Pick<Context, "clock" | "env" | "fetch">) {}

  /**
   * Sends a request and resolves when the head of its answer is there.
   *
   * @throws {ConnectionFailure} when there is no answer
   * @throws the reason of `exchange.signal` when that was aborted
   */
  async send(exchange: Exchange): Promise<Answer> {
    const { clock, fetch } = this.context;
    const watchdog = new Watchdog(clock, exchange.idleTimeoutMs ?? IDLE_TIMEOUT_MS);
    const signal = exchange.signal ? AbortSignal.any([watchdog.signal, exchange.signal]) : watchdog.signal;
    const explain = (error: unknown) => explained(error, exchange, watchdog, this.context.env);
    const tls = certificateAuthorities(this.context.env);
    let hop = {
      method: exchange.method,
      url: exchange.url,
      headers: { ...exchange.headers },
      hasBody: !!exchange.body,
    };
    try {
      for (let hops = 0; ; hops++) {
        const body = hop.hasBody ? exchange.body?.(() => watchdog.stir()) : undefined;
        const init: BunFetchRequestInit = {
          method: hop.method,
          headers: { "User-Agent": `testflinger-cli/${VERSION}`, ...hop.headers },
          body,
          redirect: "manual",
          decompress: !exchange.undecoded,
          keepalive: !exchange.ownConnection,
          signal,
          ...(tls && { tls }),
        };
        const response = await fetch(hop.url, init);
        watchdog.stir();
        const next = redirectTarget(response, hop, { hops, sameOrigin: exchange.sameOrigin ?? false });
        if (!next) return answer(response, watchdog, explain);
        await response.body?.cancel();
        hop = next;
      }
    } catch (error) {
      watchdog.stop();
      throw explain(error);
    }
  }
}

function answer(response: Response, watchdog: Watchdog, explain: (error: unknown) => unknown): Answer {
  async function* chunks() {
    try {
      for await (const chunk of response.body ?? []) {
        watchdog.stir();
        yield chunk;
      }
    } catch (error) {
      throw explain(error);
    } finally {
      watchdog.stop();
    }
  }
  return {
    status: response.status,
    headers: response.headers,
    chunks,
    text: async () => {
      const decoder = new TextDecoder();
      let text = "";
      for await (const chunk of chunks()) text += decoder.decode(chunk, { stream: true });
      return text + decoder.decode();
    },
    discard: async () => {
      watchdog.stop();
      await response.body?.cancel().catch(() => undefined);
    },
  };
}

function explained(error: unknown, { signal, url }: Exchange, watchdog: Watchdog, env: Context["env"]): unknown {
  if (error instanceof ConnectionFailure || signal?.aborted) return error;
  const { host } = new URL(url);
  const proxy = proxyOf(new URL(url), env);
  const way = proxy ? `${host} through the proxy ${proxy}` : host;
  if (watchdog.expired) return new ConnectionFailure(`${way} did not answer in time`, "timeout", { cause: error });
  return new ConnectionFailure(`Cannot reach ${way}: ${networkReason(error)}`, "connection", { cause: error });
}
