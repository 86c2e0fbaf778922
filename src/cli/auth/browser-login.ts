import type { ServerInfoSource } from "../api/server-info.ts";
import type { Context } from "../context.ts";
import { readClaims } from "./access-token.ts";
import type { DeviceEndpoint } from "./device-endpoint.ts";
import { logInByDevice } from "./device-flow.ts";
import { storedLoginRejected } from "./errors.ts";
import type { LoginStore } from "./login-store.ts";
import { createProofKey } from "./pkce.ts";
import type { RememberedLogin } from "./remembered-login.ts";

export interface BrowserLogins {
  readonly context: Context;
  readonly endpoint: DeviceEndpoint;
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
   * @returns an access token; undefined when the server has no login for people
   * @throws as `logInByDevice`
   */
  async run({ browser }: { browser: boolean }): Promise<string | undefined> {
    const { context, endpoint, info, store, remembered } = this.deps;
    const proof = (await info.supports("device-pkce")) ? createProofKey() : undefined;
    const outcome = await logInByDevice({ context, endpoint, store, proof, browser });
    if (!outcome) return undefined;
    if (outcome.kind === "elsewhere") {
      const token = await remembered.accessToken(outcome.login, undefined);
      if (token === undefined) throw storedLoginRejected();
      return token;
    }
    const { accessToken, refreshToken } = outcome.tokens;
    const { clientId } = readClaims(accessToken);
    if (clientId && refreshToken) await remembered.replace({ clientId, refreshToken }, outcome.tokens);
    return accessToken;
  }
}
