import type { JobDefinition, JobSubmission } from "../../shared/job/definition.ts";
import { isTerminal } from "../../shared/phases.ts";
import { isAtLeast } from "../../shared/roles.ts";
import { matches } from "../../shared/text/wildcard.ts";
import { ANONYMOUS, type Caller } from "../http/caller.ts";
import { invalid, PermissionDenied, Problem } from "../http/problem.ts";
import { effectivePermissions } from "../permissions/groups.ts";
import { roleOf } from "../permissions/role-of.ts";
import type { Job } from "../store/jobs.ts";
import type { Store } from "../store/store.ts";
import { assertJobId, hasAttachments, type JobService } from "./service.ts";

/** Jobs that one job may have made: more devices than a lab has at a time, and an end to an agent that goes astray. */
export const MAX_CHILDREN = 100;

export interface ChildJobsOptions {
  store: Pick<Store, "jobs" | "clients">;
  jobs: Pick<JobService, "submit" | "end">;
}

/** An agent that acts for a job: its token, and the name that its cookie tells. */
export interface ActingAgent {
  readonly caller: Caller;
  readonly name: string | undefined;
}

/**
 * Jobs that an agent submits for a job that it works on, one for each device of a multi-device test. In the reference the agent sends them without
 * credentials, which fails where people log in, and gets no permission of the job's submitter elsewhere (auth section 8, no. 13).
 *
 * A child belongs to the submitter of its parent, who is asked for what it wants; the agent gets at nothing of theirs that the parent does not name.
 */
export class ChildJobs {
  constructor(private readonly options: ChildJobsOptions) {}

  /**
   * Checks and stores a child; its id.
   *
   * @throws Problem as a submission does; 401 and 403 to whoever is not the parent's agent; 404 for an unknown parent, 409 for one that takes no
   * children (any more)
   */
  async submit(agent: ActingAgent, parentId: string, submission: JobSubmission): Promise<string> {
    const parent = await this.parentOf(agent, parentId);
    if (parent.state === "waiting" || isTerminal(parent.state))
      throw new Problem(409, `Job ${parentId} is not being worked on: it takes no child jobs`);
    if (parent.definition.parent_job_id !== undefined)
      throw new Problem(409, `Job ${parentId} is a child job: it takes no child jobs`);
    const child = ofParent(parent, submission);
    const owner = await this.ownerOf(parent, agent);
    await this.assertFree(child.job_id, parent);
    const { jobs } = this.options.store;
    // Requests at once may exceed it a little: it ends loops, and is no quota.
    if ((await jobs.children(parentId, owner.clientId ?? undefined)).length >= MAX_CHILDREN)
      throw new Problem(409, `Job ${parentId} has ${MAX_CHILDREN} child jobs: no more are taken`);
    return this.options.jobs.submit(owner, child).catch((fault: unknown) => {
      // The audit log is to name who asked. A 401 would send the agent for another token.
      if (fault instanceof PermissionDenied) throw new PermissionDenied(agent.caller.clientId, 403, fault.message);
      throw fault;
    });
  }

  /**
   * Cancels a child. The parent may have ended before: its agent then has to clear up.
   *
   * @throws Problem 404 for what is no child of the parent
   */
  async cancel(agent: ActingAgent, parentId: string, childId: string): Promise<void> {
    assertJobId(childId);
    const parent = await this.parentOf(agent, parentId);
    const child = await this.options.store.jobs.find(childId);
    if (child === null || !isChildOf(parent, child))
      throw new Problem(404, `Job ${parentId} has no child job ${childId}`);
    await this.options.jobs.end(childId);
  }

  /** The parent, if it was handed to this agent. */
  private async parentOf({ caller, name }: ActingAgent, id: string): Promise<Job> {
    assertJobId(id);
    if (name === undefined) throw new Problem(401, "Agent not identified");
    const parent = await this.options.store.jobs.find(id);
    if (!parent) throw new Problem(404, `There is no job ${id}`);
    // Also where bindings of agents are only recorded: nothing older than this route depends on it.
    const isBound = caller.permissions.allowed_agents?.every((pattern) => !matches(pattern, name)) ?? false;
    if (parent.agent !== name || isBound)
      throw new PermissionDenied(caller.clientId, 403, `Job ${id} was not handed out to this agent`);
    return parent;
  }

  /** The submitter of the parent with the permissions of the moment. Who was anonymous stays so. */
  private async ownerOf({ id, submitter, secretsOwner }: Job, { caller }: ActingAgent): Promise<Caller> {
    // The reference records nobody but the owner of secrets.
    const clientId = submitter ?? secretsOwner;
    if (clientId === undefined) return ANONYMOUS;
    const { clients } = this.options.store;
    const client = await clients.find(clientId);
    const role = roleOf(client);
    if (!client || client.disabled || !isAtLeast(role, "contributor"))
      throw new PermissionDenied(caller.clientId, 403, `The submitter of job ${id} may not submit jobs any more`);
    return { clientId, role, permissions: await effectivePermissions(client, clients) };
  }

  /** A job id that the agent has chosen replaces nothing but an earlier attempt of its own. */
  private async assertFree(id: string | undefined, parent: Job): Promise<void> {
    const existing = id ? await this.options.store.jobs.find(id) : null;
    if (existing && !isChildOf(parent, existing))
      throw new Problem(409, `Job ${id} is no child job of ${parent.id}. Submit without job_id to get a new job.`);
  }
}

const isChildOf = (parent: Job, child: Job): boolean =>
  child.definition.parent_job_id === parent.id && child.submitter === (parent.submitter ?? parent.secretsOwner);

/** What the agent submits, as a child of the job that it is for. */
function ofParent({ id, definition }: Job, { job_id, parent_job_id, ...submission }: JobSubmission): JobSubmission {
  if (![undefined, id].includes(parent_job_id))
    throw invalid("json", { parent_job_id: [`Must be ${id}, or left out.`] });
  // Only people upload attachments: the child would wait for them for ever.
  if (hasAttachments(submission)) throw new Problem(422, "Child jobs cannot have attachments");
  const named = secretsOf(definition);
  const others = Object.values(submission.test_data?.secrets ?? {}).filter((path) => !named.has(path));
  // Whoever holds an agent's token would otherwise read any secret of everybody whose job it is given.
  if (others.length) throw new Problem(422, `Inaccessible secret paths: ${[...new Set(others)].toSorted().join(", ")}`);
  // In the order of the schema, in which definitions are shown.
  return { ...(job_id === undefined ? {} : { job_id }), parent_job_id: id, ...submission };
}

/** Paths of the secrets that a job names, for itself or for the jobs that it is made of (server-api section 4.2). */
function secretsOf({ test_data, provision_data }: JobDefinition): ReadonlySet<string> {
  const { jobs } = (provision_data ?? {}) as { jobs?: unknown };
  const parts = (Array.isArray(jobs) ? jobs : []) as ({ test_data?: { secrets?: unknown } | null } | null)[];
  const secrets = [test_data?.secrets, ...parts.map((part) => part?.test_data?.secrets)];
  return new Set(secrets.flatMap((paths) => Object.values(paths ?? {}) as string[]));
}
