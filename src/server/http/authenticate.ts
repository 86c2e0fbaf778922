import type { SecurityEvents } from "../log/security-events.ts";
import type { AccessTokens } from "../tokens/access-token.ts";
import { ANONYMOUS, type Caller, NOBODY } from "./caller.ts";
import { Problem } from "./problem.ts";
import type { RequestContext } from "./request-context.ts";
import type { Access } from "./route.ts";

export interface GateOptions {
  accessTokens: AccessTokens;
  /** With OIDC on nobody is anonymous (auth section 1). */
  oidc: boolean;
  events: SecurityEvents;
}

/** Tells a client that another token would do (RFC 6750 section 3.1). */
const INVALID_TOKEN = { "www-authenticate": 'Bearer realm="testflinger", error="invalid_token"' };

/** The bearer and role check in front of every route (server-api sections 1.9 and 1.10). */
export class Gate {
  constructor(private readonly options: GateOptions) {}

  /** The caller, if the access rule lets it in. An open route ignores credentials, also bad ones. */
  async admit(access: Access, request: Request, context: RequestContext): Promise<Caller> {
    if ("open" in access) return ANONYMOUS;
    const caller = await this.identify(request);
    if (this.options.oidc && caller.clientId === null) {
      this.report("unauthenticated", access.roles, context);
      throw new Problem(401, "Authentication is required for specified endpoint");
    }
    if (caller.role === null || !access.roles.includes(caller.role)) {
      this.report(String(caller.clientId ?? "None"), access.roles, context);
      throw new Problem(403, `Specified action requires role: ${access.roles.join(", ")}`);
    }
    return caller;
  }

  private async identify(request: Request): Promise<Caller> {
    const header = request.headers.get("authorization");
    if (header === null) return ANONYMOUS;
    if (!header.startsWith("Bearer ")) return NOBODY;
    try {
      return await this.options.accessTokens.verify(header.slice("Bearer ".length));
    } catch (error) {
      if (error instanceof Problem && error.status === 401)
        throw new Problem(401, error.content, { headers: INVALID_TOKEN });
      throw error;
    }
  }

  private report(who: string, roles: readonly string[], context: RequestContext): void {
    this.options.events.emit(
      "CRITICAL",
      "authz_fail",
      [who, context.path],
      `${who} attempted ${context.method} ${context.path}, which requires role: ${roles.join(", ")}`,
      context,
    );
  }
}
