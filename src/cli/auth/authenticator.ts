import type { Identity } from "../api/requester.ts";
import type { ServerInfoSource } from "../api/server-info.ts";
import { isCleartext, type ServerUrl } from "../api/server-url.ts";
import type { Transport } from "../api/transport.ts";
import { configHome } from "../config/paths.ts";
import type { Context } from "../context.ts";
import type { Log } from "../log.ts";
import { AccessTokenCache } from "./access-token-cache.ts";
import { readClaims } from "./access-token.ts";
import { type Caller, callerOf } from "./caller.ts";
import { DeviceEndpoint } from "./device-endpoint.ts";
import { logInByDevice } from "./device-flow.ts";
import { AuthenticationError, noTerminal, storedLoginRejected } from "./errors.ts";
import { LoginStore, type StoredLogin } from "./login-store.ts";
import { createProofKey } from "./pkce.ts";
import { StoredLoginRefresher } from "./refresher.ts";
import { type Credentials, TokenEndpoint, type Tokens } from "./token-endpoint.ts";

export interface Authentication {
  readonly context: Context;
  readonly settings: { readonly clientId?: string; readonly secretKey?: string };
  readonly server: ServerUrl;
  readonly transport: Transport;
  readonly info: ServerInfoSource;
  readonly log: Log;
}

/** How the user proves who they are. */
export type Method = "credentials" | "login" | "none";

export interface LoginOptions {
  /** Replace the configured client id and secret. */
  readonly credentials?: Credentials;
  /** Undefined lets the program choose: credentials if there are any, else a device login. */
  readonly method?: "credentials" | "oidc";
  readonly browser?: boolean;
}

/**
 * Decides who the user is (cli section 5.3): the configured credentials, else the stored login, else nobody until the
 * server asks, and then whoever logs in through a browser. What was found out holds for the life of the program.
 */
export class Authenticator implements Identity {
  readonly store: LoginStore;
  readonly #cache: AccessTokenCache;
  readonly #tokens: TokenEndpoint;
  readonly #device: DeviceEndpoint;
  readonly #refresher: StoredLoginRefresher;
  #current: Promise<string | undefined> | undefined;
  #renewal: Promise<string | undefined> | undefined;
  #warned = false;

  constructor(private readonly deps: Authentication) {
    const { context, server, transport, info, log } = deps;
    this.store = new LoginStore(configHome(context.env), server, context.clock);
    this.#cache = new AccessTokenCache(() => this.store.file, context.clock);
    this.#tokens = new TokenEndpoint(transport, server);
    this.#device = new DeviceEndpoint(transport, server);
    this.#refresher = new StoredLoginRefresher({
      store: this.store,
      cache: this.#cache,
      endpoint: this.#tokens,
      supportsRotation: () => info.supports("refresh-rotation"),
      log,
    });
  }

  /** Configured credentials; half a pair does not count (cli section 5.2). */
  get credentials(): Credentials | undefined {
    const { clientId, secretKey } = this.deps.settings;
    return clientId && secretKey ? { clientId, secretKey } : undefined;
  }

  get method(): Method {
    if (this.credentials) return "credentials";
    return this.store.read() ? "login" : "none";
  }

  token(): Promise<string | undefined> {
    this.#current ??= this.#obtain(undefined).catch((error: unknown) => {
      this.#current = undefined;
      throw error;
    });
    return this.#current;
  }

  async renew(rejected: string | undefined): Promise<string | undefined> {
    // Another request of this program may have been told the same, and have got a new token meanwhile.
    const current = await this.#current;
    if (current !== rejected) return current;
    this.#renewal ??= this.#renew(rejected).finally(() => {
      this.#renewal = undefined;
    });
    return this.#renewal;
  }

  /**
   * The user, for commands that are of no use to nobody: logs them in if that is possible.
   *
   * @returns undefined when the server has no login for people and there are no credentials
   * @throws {AuthenticationError}
   */
  async authenticate(): Promise<Caller | undefined> {
    return this.#caller((await this.token()) ?? (await this.renew(undefined)));
  }

  /**
   * The user as they are, without logging anybody in.
   *
   * @returns undefined for nobody, and when the stored login has ended, which is then forgotten
   * @throws {AuthenticationError}
   */
  async identify(): Promise<Caller | undefined> {
    if (!this.credentials) {
      const login = this.store.read();
      this.#current ??= Promise.resolve(login && (await this.#refresher.accessToken(login, undefined)));
    }
    return this.#caller(await this.token());
  }

  /**
   * Replaces the stored login by a new one; the old one is gone even when this fails (cli section 5.10).
   *
   * @returns the new user; undefined when there is no way to log in
   * @throws {AuthenticationError}
   */
  async logIn(options: LoginOptions = {}): Promise<Caller | undefined> {
    const { credentials = this.credentials, method, browser = true } = options;
    await this.forget();
    if (method !== "oidc" && credentials) {
      this.#warnAboutCleartext();
      const tokens = await this.#tokens.exchange(credentials);
      if (!tokens.refreshToken) throw new AuthenticationError("The server gave no refresh token: nothing was stored");
      await this.#keep(tokens, credentials.clientId);
      return callerOf(tokens.accessToken, credentials.clientId);
    }
    const token = method === "credentials" ? undefined : await this.#logInByDevice({ browser });
    return token === undefined ? undefined : callerOf(token);
  }

  /** Forgets the stored login. The server is not told. */
  async forget(): Promise<void> {
    const remove = async () => {
      this.#cache.forget();
      this.store.forget();
    };
    // The lock keeps a refresh that is under way from bringing the login back. Where nothing is stored none is needed.
    await (this.store.exists ? this.store.exclusively(remove) : remove());
    this.#current = undefined;
  }

  async #renew(rejected: string | undefined): Promise<string | undefined> {
    const token = (await this.#obtain(rejected)) ?? (await this.#logInWhenAsked());
    this.#current = Promise.resolve(token);
    return token;
  }

  /** A token from what the user has; undefined when that is nothing. */
  async #obtain(rejected: string | undefined): Promise<string | undefined> {
    const { credentials } = this;
    if (credentials) {
      this.#warnAboutCleartext();
      return (await this.#tokens.exchange(credentials)).accessToken;
    }
    const login = this.store.read();
    if (!login) return undefined;
    this.#warnAboutCleartext();
    const token = await this.#refresher.accessToken(login, rejected);
    if (token !== undefined) return token;
    // The server does not know the login any more.
    if (!this.#isInteractive) throw storedLoginRejected();
    this.deps.log.warning("auth", "The stored login has ended; log in again.");
    const renewed = await this.#logInByDevice({ browser: true });
    if (renewed === undefined) throw storedLoginRejected();
    return renewed;
  }

  /** The server wants a login and there is none. */
  async #logInWhenAsked(): Promise<string | undefined> {
    if (this.#isInteractive) return this.#logInByDevice({ browser: true });
    const info = await this.deps.info.get();
    // A server that does not tell is asked in the only way there is; without device login the 401 speaks for itself.
    const offered = info ? info.auth.oidc : (await this.#device.authorize()) !== undefined;
    if (offered) throw noTerminal();
    return undefined;
  }

  async #logInByDevice({ browser }: { browser: boolean }): Promise<string | undefined> {
    this.#warnAboutCleartext();
    const { context, info } = this.deps;
    const endpoint = this.#device;
    const proof = (await info.supports("device-pkce")) ? createProofKey() : undefined;
    const outcome = await logInByDevice({ context, endpoint, store: this.store, proof, browser });
    if (outcome?.kind === "elsewhere") {
      const token = await this.#refresher.accessToken(outcome.login, undefined);
      if (token === undefined) throw storedLoginRejected();
      return token;
    }
    if (outcome) await this.#keep(outcome.tokens, readClaims(outcome.tokens.accessToken).clientId);
    return outcome?.tokens.accessToken;
  }

  /** Stores a new login. Failing to is no reason to refuse the command that the user asked for. */
  async #keep(tokens: Tokens, clientId: string | undefined): Promise<void> {
    this.#current = Promise.resolve(tokens.accessToken);
    const { refreshToken } = tokens;
    if (!clientId || !refreshToken) return;
    const login: StoredLogin = { clientId, refreshToken };
    try {
      await this.store.exclusively(async () => {
        await this.store.write(login);
        await this.#cache.write(login, tokens);
      });
    } catch (error) {
      this.deps.log.warning("auth", `The login could not be stored: ${(error as Error).message}`);
    }
  }

  #caller(token: string | undefined): Caller | undefined {
    return token === undefined ? undefined : callerOf(token, this.credentials?.clientId);
  }

  get #isInteractive(): boolean {
    const { stdin, stderr } = this.deps.context.io;
    return stdin.isTTY && stderr.isTTY;
  }

  #warnAboutCleartext(): void {
    if (this.#warned || !isCleartext(this.deps.server)) return;
    this.#warned = true;
    this.deps.log.warning("auth", `${this.deps.server.base} is not encrypted: everyone on the way can read your login`);
  }
}
