import { join } from "node:path";
import type { ServerUrl } from "../api/server-url.ts";
import { cacheFolder } from "../config/paths.ts";
import type { Context } from "../context.ts";
import { AccessTokenCache } from "./access-token-cache.ts";
import type { Credentials, TokenEndpoint } from "./token-endpoint.ts";

/**
 * Access tokens for configured credentials. A token is kept until it ends, below the user's cache folder and apart for
 * every server and client id: each exchange costs the server a password hash and a refresh token that lives for days, and
 * scripts call the program every few seconds (W11). The refresh token is dropped.
 */
export class CredentialTokens {
  constructor(
    private readonly context: Pick<Context, "env" | "clock">,
    private readonly server: ServerUrl,
    private readonly endpoint: TokenEndpoint,
  ) {}

  /**
   * An access token other than `rejected`: one that is at hand, or a fresh one.
   *
   * @throws {AuthenticationError} as `TokenEndpoint.exchange`
   */
  async accessToken({ clientId, secretKey }: Credentials, rejected: string | undefined): Promise<string> {
    const cache = new AccessTokenCache(() => this.#file(clientId), this.context.clock);
    const owner = { clientId, proof: secretKey };
    const cached = cache.read(owner, rejected);
    if (cached !== undefined) return cached;
    const tokens = await this.endpoint.exchange({ clientId, secretKey });
    await cache.write(owner, tokens);
    return tokens.accessToken;
  }

  /** Client ids are texts of any kind, so the name of the file is a digest. */
  #file(clientId: string): string {
    const digest = new Bun.CryptoHasher("sha256").update(`${this.server.base}\0${clientId}`).digest("hex");
    return join(cacheFolder(this.context.env), `access-${digest.slice(0, 32)}.json`);
  }
}
