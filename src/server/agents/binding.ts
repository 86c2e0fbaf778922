import { matches } from "../../shared/text/wildcard.ts";
import type { Caller } from "../http/caller.ts";
import { Problem } from "../http/problem.ts";
import type { RequestContext } from "../http/request-context.ts";
import { type Soon, whenHere } from "../http/soon.ts";
import type { Logger } from "../log/logger.ts";
import type { SecurityEvents } from "../log/security-events.ts";
import type { JobStore } from "../store/jobs.ts";
import { agentNameOf } from "./cookie.ts";

export interface AgentBindingOptions {
  jobs: Pick<JobStore, "summary">;
  /** `record`: a token that is used for another agent than it was made for is told in the log; `enforce`: and refused. */
  mode: "record" | "enforce";
  events: SecurityEvents;
  log: Logger;
}

/**
 * Binds agents' tokens to the agents they were made for. In the reference the token of any agent may act as every other one, take its jobs with
 * their secrets and write their results (auth section 8, no. 11).
 */
export class AgentBinding {
  constructor(private readonly options: AgentBindingOptions) {}

  /**
   * Does the agent that a request is about fit the caller's token? It is named in the path, or works on the job that is; else by the cookie.
   *
   * @throws Problem 403
   */
  assertFits(
    caller: Caller,
    request: Request,
    params: Readonly<Record<string, string>>,
    context: RequestContext,
  ): Soon<void> {
    const allowed = caller.permissions.allowed_agents;
    if (caller.role !== "agent" || allowed === undefined) return;
    return whenHere(this.agentOf(request, params), (agent) => this.assertAllowed(agent, allowed, caller, context));
  }

  private assertAllowed(
    agent: string | undefined,
    allowed: readonly string[],
    caller: Caller,
    context: RequestContext,
  ): void {
    if (agent === undefined || allowed.some((pattern) => matches(pattern, agent))) return;
    const description = `Client ${caller.clientId} acted as agent ${agent}, but is bound to: ${allowed.join(", ")}`;
    if (this.options.mode === "record") {
      this.options.log.warn(description, { request_id: context.requestId });
      return;
    }
    const who = String(caller.clientId);
    this.options.events.emit("CRITICAL", "authz_fail", [who, context.path], description, context);
    throw new Problem(403, `This client may not act as agent '${agent}'. Ask an administrator to allow that.`);
  }

  private agentOf(request: Request, params: Readonly<Record<string, string>>): Soon<string | undefined> {
    if (params.agent_name !== undefined) return params.agent_name;
    if (params.job_id !== undefined) return this.options.jobs.summary(params.job_id).then((job) => job?.agent);
    return agentNameOf(request);
  }
}
