import type { SecurityEvents } from "../log/security-events.ts";
import { countedAddress } from "./attempt-limit.ts";
import type { Caller } from "./caller.ts";
import type { PermissionDenied, Problem } from "./problem.ts";
import type { RequestContext } from "./request-context.ts";
import type { Route } from "./route.ts";

/** Requests for what is not there, within a window, after which an address is taken for a scanner. */
const EXCESSIVE_NOT_FOUND = 100;
/** Milliseconds. */
const WINDOW = 300_000;
/** Addresses that are watched at a time. */
const MAX_WATCHED = 10_000;

export interface RequestAuditOptions {
  events: SecurityEvents;
  now: () => Date;
}

/** Tells the audit log of requests what no service tells: what routes declare, what schemas refuse, who looks for what is not there. */
export class RequestAudit {
  /** Oldest windows first. */
  private readonly notFound = new Map<string, { endsAt: number; count: number }>();

  constructor(private readonly options: RequestAuditOptions) {}

  /** The request has done what its route is for. */
  done({ audit, summary }: Pick<Route, "audit" | "summary">, { clientId }: Caller, context: RequestContext): void {
    if (audit === undefined) return;
    const who = clientId ?? "unauthenticated";
    const description = `${who}: ${summary} (${context.method} ${context.path})`;
    this.options.events.emit("INFO", audit, [who, context.path], description, context);
  }

  /** Where the roles alone would have let the request in. */
  denied({ who, message }: PermissionDenied, context: RequestContext): void {
    const name = who ?? "unauthenticated";
    const description = `${name} attempted ${context.method} ${context.path}: ${message}`;
    this.options.events.emit("CRITICAL", "authz_fail", [name, context.path], description, context);
  }

  /** A schema has refused the request. Values stay out of the log: they may be anything. */
  refused({ detail }: Problem, { clientId }: Caller, context: RequestContext): void {
    const fields = Object.values(detail)
      .flatMap((messages) => Object.keys(messages ?? {}))
      .slice(0, 10);
    const who = clientId ?? "unauthenticated";
    const description = `A request of ${who} was refused: ${fields.map((field) => field.slice(0, 50)).join(", ")}`;
    this.options.events.emit("WARNING", "input_validation_fail", [context.path, who], description, context);
  }

  /** Nothing is there under the request's path. */
  nothingFound(context: RequestContext): void {
    const now = this.options.now().getTime();
    this.forget(now);
    const address = countedAddress(context);
    const watched = this.notFound.get(address) ?? { endsAt: now + WINDOW, count: 0 };
    this.notFound.set(address, watched);
    watched.count += 1;
    if (watched.count !== EXCESSIVE_NOT_FOUND) return;
    const description = `${address} asked for ${EXCESSIVE_NOT_FOUND} things that are not there`;
    this.options.events.emit("WARNING", "malicious_excess_404", [address], description, context);
  }

  private forget(now: number): void {
    for (const [address, { endsAt }] of this.notFound) {
      if (endsAt > now && this.notFound.size < MAX_WATCHED) return;
      this.notFound.delete(address);
    }
  }
}
