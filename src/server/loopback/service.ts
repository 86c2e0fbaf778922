import { type AttemptLimit, countedAddress } from "../http/attempt-limit.ts";
import { Problem } from "../http/problem.ts";
import type { RequestContext } from "../http/request-context.ts";
import type { SecurityEvents } from "../log/security-events.ts";
import type { Client, ClientStore } from "../store/clients.ts";
import type { TokenIssuer, TokenPair } from "../tokens/issuer.ts";
import type { AuthorizationRequest } from "./authorization-request.ts";
import type { Codes, Redemption } from "./codes.ts";

export interface LoopbackLoginOptions {
  codes: Codes;
  clients: ClientStore;
  issuer: TokenIssuer;
  /** Of failed logins, by address. */
  failures: AttemptLimit;
  events: SecurityEvents;
}

/** Logins of the command line on the machine that the browser runs on (RFC 8252): without a device code that somebody could be talked into entering. */
export class LoopbackLogin {
  constructor(private readonly options: LoopbackLoginOptions) {}

  /** A code for the person who has allowed the login. */
  allow(client: Client, request: AuthorizationRequest): Promise<string> {
    return this.options.codes.issue(client.id, request);
  }

  /** Tokens for a code, once. */
  async redeem(redemption: Redemption, context: RequestContext): Promise<TokenPair> {
    const { codes, clients, issuer, failures, events } = this.options;
    const client = await failures.attempt(countedAddress(context), context, async () => {
      const clientId = await codes.redeem(redemption);
      const found = clientId === null ? null : await clients.find(clientId);
      return found?.disabled ? null : found;
    });
    if (!client) {
      const description = "Login by code failed: the code is unknown, used, expired or for somebody else";
      events.emit("WARNING", "authn_login_fail", ["unknown"], description, context);
      throw new Problem(400, "The code is not valid, or not any more. Please log in again.");
    }
    const role = client.permissions.role ?? "";
    const tokens = await issuer.pair(client, "cli", context);
    events.emit(
      "INFO",
      "authn_token_created",
      [client.id, role],
      `Tokens issued to client ${client.id} for a code`,
      context,
    );
    const description = `${client.id} with role ${role || "contributor"} logged in by the browser of the same machine`;
    events.emit("INFO", "authn_login_success", [client.id], description, context);
    return tokens;
  }
}
