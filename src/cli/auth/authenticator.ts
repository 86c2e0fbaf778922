import type { Identity } from "../api/requester.ts";
import type { ServerInfoSource } from "../api/server-info.ts";
import { isCleartext, type ServerUrl } from "../api/server-url.ts";
import type { Transport } from "../api/transport.ts";
import { configHome } from "../config/paths.ts";
import type { Context } from "../context.ts";
import type { Log } from "../log.ts";
import { AccessTokenCache, accessTokenFileBeside } from "./access-token-cache.ts";
import { BrowserLogin } from "./browser-login.ts";
import { type Caller, callerOf } from "./caller.ts";
import { CredentialTokens } from "./credential-tokens.ts";
import { DeviceEndpoint } from "./device-endpoint.ts";
import { AuthenticationError, noTerminal, storedLoginRejected } from "./errors.ts";
import { LoginStore, type StoredLogin } from "./login-store.ts";
import { RememberedLogin } from "./remembered-login.ts";
import { type Credentials, TokenEndpoint } from "./token-endpoint.ts";

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
  /** Through a browser on this very machine, without a code to compare. */
  readonly web?: boolean;
}

/**
 * Decides who the user is (cli section 5.3): the configured credentials, else the stored login, else nobody until the
 * server asks, and then whoever logs in through a browser. What was found out holds for the life of the program.
 */
export class Authenticator implements Identity {
  readonly #tokens: TokenEndpoint;
  readonly #ofCredentials: CredentialTokens;
  readonly #remembered: RememberedLogin;
  readonly #browser: BrowserLogin;
  #current: Promise<string | undefined> | undefined;
  #renewal: Promise<string | undefined> | undefined;
  #warned = false;

  constructor(private readonly deps: Authentication) {
    const { context, server, transport, info, log } = deps;
    const store = new LoginStore(configHome(context.env), server, context.clock);
    const cache = new AccessTokenCache(() => accessTokenFileBeside(store.file), context.clock);
    const supportsRotation = () => info.supports("refresh-rotation");
    this.#tokens = new TokenEndpoint(transport, server);
    this.#ofCredentials = new CredentialTokens(context, server, this.#tokens);
    this.#remembered = new RememberedLogin({ store, cache, endpoint: this.#tokens, supportsRotation, log });
    const endpoint = new DeviceEndpoint(transport, server);
    const tokens = this.#tokens;
    this.#browser = new BrowserLogin({ context, server, endpoint, tokens, info, store, remembered: this.#remembered });
  }

  /** Configured credentials; half a pair does not count (cli section 5.2). */
  get credentials(): Credentials | undefined {
    const { clientId, secretKey } = this.deps.settings;
    return clientId && secretKey ? { clientId, secretKey } : undefined;
  }

  /** @throws {CliError} when the stored login cannot be read */
  get storedLogin(): StoredLogin | undefined {
    return this.#remembered.read();
  }

  get method(): Method {
    if (this.credentials) return "credentials";
    return this.storedLogin ? "login" : "none";
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
    const { storedLogin } = this;
    if (this.credentials || !storedLogin) return this.#caller(await this.token());
    this.#warnAboutCleartext();
    const token = await this.#remembered.accessToken(storedLogin, undefined);
    this.#current = Promise.resolve(token);
    return this.#caller(token);
  }

  /**
   * Replaces the stored login by a new one; the old one is gone even when this fails (cli section 5.10).
   *
   * @returns the new user; undefined when there is no way to log in
   * @throws {AuthenticationError}
   */
  async logIn(options: LoginOptions = {}): Promise<Caller | undefined> {
    const { credentials = this.credentials, method, browser = true, web = false } = options;
    await this.forget();
    this.#warnAboutCleartext();
    if (method !== "oidc" && !web && credentials) return this.#logInWith(credentials);
    const token = method === "credentials" ? undefined : await this.#browser.run({ browser, web });
    this.#current = Promise.resolve(token);
    return token === undefined ? undefined : callerOf(token);
  }

  /**
   * Forgets the stored login. The server is not told.
   *
   * @throws {CliError} when it cannot be removed
   */
  async forget(): Promise<void> {
    await this.#remembered.forget();
    this.#current = undefined;
  }

  async #logInWith(credentials: Credentials): Promise<Caller> {
    const tokens = await this.#tokens.exchange(credentials);
    const { accessToken, refreshToken } = tokens;
    if (!refreshToken) throw new AuthenticationError("The server gave no refresh token: nothing was stored");
    await this.#remembered.replace({ clientId: credentials.clientId, refreshToken }, tokens);
    this.#current = Promise.resolve(accessToken);
    return callerOf(accessToken, credentials.clientId);
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
      return this.#ofCredentials.accessToken(credentials, rejected);
    }
    const { storedLogin } = this;
    if (!storedLogin) return undefined;
    this.#warnAboutCleartext();
    return (await this.#remembered.accessToken(storedLogin, rejected)) ?? (await this.#logInAgain());
  }

  /** The server does not know the stored login any more. */
  async #logInAgain(): Promise<string> {
    const token = this.#isInteractive ? await this.#browser.run({ browser: true }) : undefined;
    if (token === undefined) throw storedLoginRejected();
    return token;
  }

  /** The server wants a login and there is none. */
  async #logInWhenAsked(): Promise<string | undefined> {
    this.#warnAboutCleartext();
    if (this.#isInteractive) return this.#browser.run({ browser: true });
    // Without a login for people, the 401 speaks for itself.
    if (await this.#browser.isOffered()) throw noTerminal();
    return undefined;
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
