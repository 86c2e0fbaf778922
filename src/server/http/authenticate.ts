import type { Role } from "../../shared/roles.ts";
import type { SecurityEvents } from "../log/security-events.ts";
import type { AgentBinding } from "../agents/binding.ts";
import type { AccessTokens } from "../tokens/access-token.ts";
import type { Standing } from "../tokens/standing.ts";
import { ANONYMOUS, type AnonymousAccess, type Caller, NOBODY } from "./caller.ts";
import { Problem } from "./problem.ts";
import type { RequestContext } from "./request-context.ts";
import type { Route } from "./route.ts";
import { attempt, type Soon, whenHere } from "./soon.ts";

export interface GateOptions {
  accessTokens: AccessTokens;
  /** With OIDC on nobody is anonymous (auth section 1). */
  anonymous: AnonymousAccess;
  standing: Standing;
  agents: AgentBinding;
  events: SecurityEvents;
}

/** Tells a client that another token would do (RFC 6750 section 3.1). */
const INVALID_TOKEN = { "www-authenticate": 'Bearer realm="testflinger", error="invalid_token"' };

/** The bearer and role check in front of every route (server-api sections 1.9 and 1.10). */
export class Gate {
  constructor(private readonly options: GateOptions) {}

  /** The caller, if the route's access rule lets it in. An open route ignores credentials, also bad ones. */
  admit(
    { access, method }: Pick<Route, "access" | "method">,
    request: Request,
    params: Readonly<Record<string, string>>,
    context: RequestContext,
  ): Soon<Caller> {
    if ("open" in access) return ANONYMOUS;
    const changes = method !== "GET";
    return whenHere(this.identify(request, changes, context), (caller) => {
      this.assertRole(caller, access.roles, changes, context);
      if (!isOfLab(access)) return caller;
      return whenHere(this.options.agents.assertFits(caller, request, params, context), () => caller);
    });
  }

  private assertRole(caller: Caller, roles: readonly Role[], changes: boolean, context: RequestContext): void {
    const { anonymous } = this.options;
    if (caller.clientId === null && (anonymous === "none" || (anonymous === "read" && changes))) {
      this.report("unauthenticated", roles, context);
      throw new Problem(401, "Authentication is required for specified endpoint");
    }
    if (caller.role === null || !roles.includes(caller.role)) {
      this.report(String(caller.clientId ?? "None"), roles, context);
      throw new Problem(403, `Specified action requires role: ${roles.join(", ")}`);
    }
  }

  /** @param changes may the request change something? Then admins and managers count as what they are now. */
  private identify(request: Request, changes: boolean, context: RequestContext): Soon<Caller> {
    const header = request.headers.get("authorization");
    if (header === null) return ANONYMOUS;
    if (!header.startsWith("Bearer ")) return NOBODY;
    const token = header.slice("Bearer ".length);
    return attempt(
      () => this.callerOf(token, changes),
      (caller) => caller,
      (fault) => this.refuse(fault, context),
    );
  }

  private callerOf(token: string, changes: boolean): Soon<Caller> {
    const { accessTokens, standing } = this.options;
    return whenHere(accessTokens.recall(token) ?? accessTokens.verify(token), (caller) =>
      changes && isPowerful(caller) ? standing.present(caller) : caller,
    );
  }

  private refuse(fault: unknown, context: RequestContext): never {
    if (!(fault instanceof Problem)) throw fault;
    if (fault.status === 401) throw new Problem(401, fault.content, { headers: INVALID_TOKEN });
    // Tokens that have run out are everyday; this one was made by somebody else, or changed.
    const description = `A bearer token was refused: ${fault.message}`;
    this.options.events.emit("CRITICAL", "authz_fail", ["unauthenticated", context.path], description, context);
    throw fault;
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

const isPowerful = ({ role }: Caller): boolean => role === "admin" || role === "manager";

/** Is the route there for agents, not for people who look at them? */
const isOfLab = ({ roles }: { readonly roles: readonly Role[] }): boolean =>
  roles.includes("agent") && !roles.includes("contributor");
