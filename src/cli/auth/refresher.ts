import type { Log } from "../log.ts";
import type { AccessTokenCache } from "./access-token-cache.ts";
import { LockTimeout } from "../files/lock.ts";
import { AuthenticationError } from "./errors.ts";
import type { LoginStore, StoredLogin } from "./login-store.ts";
import type { TokenEndpoint, Tokens } from "./token-endpoint.ts";

export interface Refreshing {
  readonly store: LoginStore;
  readonly cache: AccessTokenCache;
  readonly endpoint: TokenEndpoint;
  /** Does the server replace refresh tokens on request (RFC 9700 section 4.14.2)? */
  readonly supportsRotation: () => Promise<boolean>;
  readonly log: Log;
}

/** Gets access tokens for the stored login, one process at a time. */
export class StoredLoginRefresher {
  constructor(private readonly deps: Refreshing) {}

  /**
   * An access token other than `rejected`: one that is at hand, or a fresh one.
   *
   * @returns undefined when the server does not know the login any more; it has been forgotten then
   * @throws {AuthenticationError} as `TokenEndpoint.refresh`, and when another process blocks the login
   */
  async accessToken(login: StoredLogin, rejected: string | undefined): Promise<string | undefined> {
    const { cache, store } = this.deps;
    const cached = cache.read(login, rejected);
    if (cached !== undefined) return cached;
    try {
      return await store.exclusively(() => this.#refreshUnlessDone(rejected));
    } catch (error) {
      if (error instanceof LockTimeout) throw new AuthenticationError(error.message, 1, { cause: error });
      // On a disk that cannot be written nobody else refreshes either, and nothing can be stored.
      if (isUnwritable(error))
        return (await this.deps.endpoint.refresh(login.refreshToken, { rotate: false }))?.accessToken;
      throw error;
    }
  }

  /** Under the lock: whoever had it before may have done the work, logged in as somebody else, or logged out. */
  async #refreshUnlessDone(rejected: string | undefined): Promise<string | undefined> {
    const { cache, store, endpoint } = this.deps;
    const login = store.read();
    if (!login) return undefined;
    const cached = cache.read(login, rejected);
    if (cached !== undefined) return cached;
    const tokens = await endpoint.refresh(login.refreshToken, { rotate: await this.deps.supportsRotation() });
    if (tokens) await this.#keep(login, tokens);
    else {
      cache.forget();
      store.forget(login);
    }
    return tokens?.accessToken;
  }

  async #keep(login: StoredLogin, tokens: Tokens): Promise<void> {
    const { cache, store, log } = this.deps;
    const next = { ...login, refreshToken: tokens.refreshToken ?? login.refreshToken };
    if (next.refreshToken !== login.refreshToken) {
      try {
        await store.write(next);
      } catch (error) {
        log.warning("auth", `The renewed login could not be stored, log in again soon: ${(error as Error).message}`);
      }
    }
    await cache.write(next, tokens);
  }
}

const UNWRITABLE = new Set(["EACCES", "EPERM", "EROFS", "ENOSPC", "ENOTDIR", "SQLITE_CANTOPEN", "SQLITE_READONLY"]);

const isUnwritable = (error: unknown) => UNWRITABLE.has((error as { code?: string }).code ?? "");
