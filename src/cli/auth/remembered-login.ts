import { CliError } from "../errors.ts";
import { fileReason } from "../files/reason.ts";
import type { Log } from "../log.ts";
import type { AccessTokenCache, TokenOwner } from "./access-token-cache.ts";
import { type LoginStore, LockUnavailable, type StoredLogin } from "./login-store.ts";
import type { TokenEndpoint, Tokens } from "./token-endpoint.ts";

export interface Remembering {
  readonly store: LoginStore;
  readonly cache: AccessTokenCache;
  readonly endpoint: TokenEndpoint;
  /** Does the server replace refresh tokens on request (RFC 9700 section 4.14.2)? */
  readonly supportsRotation: () => Promise<boolean>;
  readonly log: Log;
}

/** The login that outlives the program, with its access token: used, replaced and forgotten by one process at a time. */
export class RememberedLogin {
  constructor(private readonly deps: Remembering) {}

  /** @throws {CliError} as `LoginStore.read` */
  read(): StoredLogin | undefined {
    return this.deps.store.read();
  }

  /**
   * An access token other than `rejected`: one that is at hand, or a fresh one.
   *
   * @returns undefined when the server does not know the login any more; it has been forgotten then
   * @throws {AuthenticationError} as `TokenEndpoint.refresh`
   * @throws {CliError} when another process blocks the login
   */
  async accessToken(login: StoredLogin, rejected: string | undefined): Promise<string | undefined> {
    const { cache, store, endpoint } = this.deps;
    const cached = cache.read(ownerOf(login), rejected);
    if (cached !== undefined) return cached;
    try {
      return await store.exclusively(() => this.#refreshUnlessDone(rejected));
    } catch (error) {
      if (!(error instanceof LockUnavailable)) throw error;
      // Nothing can be stored there, so a replaced refresh token would be lost.
      return (await endpoint.refresh(login.refreshToken, { rotate: false }))?.accessToken;
    }
  }

  /** Remembers a new login. Failing to is no reason to refuse the command that the user asked for. */
  async replace(login: StoredLogin, tokens: Tokens): Promise<void> {
    const { store, cache, log } = this.deps;
    try {
      await store.exclusively(async () => {
        await store.write(login);
        await cache.write(ownerOf(login), tokens);
      });
    } catch (error) {
      log.warning("auth", `The login could not be stored in ${store.file}: ${fileReason(error)}`);
    }
  }

  /** @throws {CliError} when the login is there and cannot be removed */
  async forget(): Promise<void> {
    const { store, cache } = this.deps;
    // Where nothing is stored, no refresh is under way that could bring it back, and no folder need be made for a lock.
    if (!store.exists) return;
    const remove = async () => {
      cache.forget();
      store.forget();
    };
    try {
      await store.exclusively(remove).catch((error: unknown) => {
        if (error instanceof LockUnavailable) return remove();
        throw error;
      });
    } catch (error) {
      if (error instanceof CliError) throw error;
      throw new CliError(`Cannot remove the stored login in ${store.file}: ${fileReason(error)}`, 1, {
        cause: error,
      });
    }
  }

  /** Under the lock: whoever had it before may have done the work, logged in as somebody else, or logged out. */
  async #refreshUnlessDone(rejected: string | undefined): Promise<string | undefined> {
    const { cache, store, endpoint } = this.deps;
    const login = store.read();
    if (!login) return undefined;
    const cached = cache.read(ownerOf(login), rejected);
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
    try {
      if (next.refreshToken !== login.refreshToken) await store.write(next);
    } catch (error) {
      log.warning("auth", `The renewed login could not be stored, log in again soon: ${fileReason(error)}`);
    }
    await cache.write(ownerOf(next), tokens);
  }
}

const ownerOf = ({ clientId, refreshToken }: StoredLogin): TokenOwner => ({ clientId, proof: refreshToken });
