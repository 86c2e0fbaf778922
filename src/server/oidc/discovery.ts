import * as oauth from "oauth4webapi";
import { type Fetch, ProviderUnreachable } from "./bounded-fetch.ts";
import { unexpectedAnswer, unreachable } from "./faults.ts";

/** Milliseconds for which a discovery document is used; the reference keeps it until it is restarted. */
const LIFETIME = 3_600_000;

export interface DiscoveryOptions {
  /** As configured, with or without a slash at its end. */
  issuer: string;
  /** Bounded in time and size. */
  fetch: Fetch;
  now: () => Date;
}

/** The provider's metadata (OpenID Connect Discovery 1.0), fetched when it is first needed and again after an hour or a failure. */
export class Discovery {
  readonly issuer: URL;
  /** Plain http beyond this machine: whoever sits on the way can log in as anybody. */
  readonly forgeable: boolean;
  /** May calls go over plain http? Only where the operator chose an http issuer: an https provider cannot send us to http endpoints. */
  readonly insecure: boolean;
  private known?: { metadata: oauth.AuthorizationServer; until: number };
  private pending?: Promise<oauth.AuthorizationServer>;

  constructor(private readonly options: DiscoveryOptions) {
    this.issuer = new URL(withoutSlash(options.issuer));
    this.insecure = this.issuer.protocol === "http:";
    this.forgeable = this.insecure && !isLoopback(this.issuer);
  }

  /** Throws a Problem for the caller when the provider cannot be reached or sends something else. */
  metadata(): Promise<oauth.AuthorizationServer> {
    if (this.known && this.options.now().getTime() < this.known.until) return Promise.resolve(this.known.metadata);
    this.pending ??= this.discover().finally(() => (this.pending = undefined));
    return this.pending;
  }

  private async discover(): Promise<oauth.AuthorizationServer> {
    try {
      const response = await oauth.discoveryRequest(this.issuer, {
        [oauth.customFetch]: this.options.fetch,
        [oauth.allowInsecureRequests]: this.insecure,
      });
      const metadata = await oauth.processDiscoveryResponse(await this.expectedIssuer(response), response);
      this.known = { metadata, until: this.options.now().getTime() + LIFETIME };
      return metadata;
    } catch (error) {
      if (error instanceof ProviderUnreachable) throw unreachable("discovery", error);
      throw unexpectedAnswer("discovery", error instanceof Error ? error.message : String(error));
    }
  }

  /** Providers differ in a slash at the end, and tokens repeat their spelling: it wins if it differs in nothing else. */
  private async expectedIssuer(response: Response): Promise<URL> {
    const document: unknown = await response
      .clone()
      .json()
      .catch(() => undefined);
    const stated = (document as { issuer?: unknown } | null | undefined)?.issuer;
    return typeof stated === "string" && withoutSlash(stated) === withoutSlash(this.options.issuer)
      ? new URL(stated)
      : this.issuer;
  }
}

const withoutSlash = (url: string): string => url.replace(/\/+$/, "");

/** Does this URL point to this very machine? */
export const isLoopback = (url: URL): boolean =>
  url.hostname === "localhost" || url.hostname === "[::1]" || /^127(\.\d{1,3}){3}$/.test(url.hostname);
