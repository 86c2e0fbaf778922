import type { ServerInfoSource } from "../api/server-info.ts";
import type { ServerUrl } from "../api/server-url.ts";
import type { Context } from "../context.ts";
import { readClaims } from "./access-token.ts";
import type { DeviceEndpoint } from "./device-endpoint.ts";
import { logInByDevice } from "./device-flow.ts";
import { noLoopbackLogin, storedLoginRejected } from "./errors.ts";
import type { LoginStore } from "./login-store.ts";
import { logInByLoopback } from "./loopback-flow.ts";
import { createProofKey } from "./pkce.ts";
import type { RememberedLogin } from "./remembered-login.ts";
import type { TokenEndpoint, Tokens } from "./token-endpoint.ts";

export interface BrowserLogins {
  readonly context: Context;
  readonly server: ServerUrl;
  readonly endpoint: DeviceEndpoint;
  readonly tokens: TokenEndpoint;
  readonly info: ServerInfoSource;
  readonly store: LoginStore;
  readonly remembered: RememberedLogin;
}

/** Logs people in through a browser on any device, and remembers that. */
export class BrowserLogin {
  constructor(private readonly deps: BrowserLogins) {}

  /** A server that does not tell is asked in the only way there is: by beginning a login that nobody will finish. */
  async isOffered(): Promise<boolean> {
    const info = await this.deps.info.get();
    return info ? info.auth.oidc : (await this.deps.endpoint.authorize()) !== undefined;
  }

  /**
   * @param options.browser may a browser be opened on this machine?
   * @param options.web log in on this machine, not on any device
   * @returns an access token; undefined when the server has no login for people
   * @throws as `logInByDevice` and `logInByLoopback`
   */
  async run({ browser, web = false }: { browser: boolean; web?: boolean }): Promise<string | undefined> {
    return web ? this.#onThisMachine(browser) : this.#onAnyDevice(browser);
  }

  async #onThisMachine(browser: boolean): Promise<string> {
    const { context, server, tokens: endpoint, info } = this.deps;
    if (!(await info.supports("loopback-login"))) throw noLoopbackLogin();
    return this.#remember(await logInByLoopback({ context, server, endpoint, browser }));
  }

  async #onAnyDevice(browser: boolean): Promise<string | undefined> {
    const { context, endpoint, info, store, remembered } = this.deps;
    const proof = (await info.supports("device-pkce")) ? createProofKey() : undefined;
    const outcome = await logInByDevice({ context, endpoint, store, proof, browser });
    if (!outcome) return undefined;
    if (outcome.kind === "elsewhere") {
      const token = await remembered.accessToken(outcome.login, undefined);
      if (token === undefined) throw storedLoginRejected();
      return token;
    }
    return this.#remember(outcome.tokens);
  }

  async #remember(tokens: Tokens): Promise<string> {
    const { accessToken, refreshToken } = tokens;
    const { clientId } = readClaims(accessToken);
    if (clientId && refreshToken) await this.deps.remembered.replace({ clientId, refreshToken }, tokens);
    return accessToken;
  }
}
