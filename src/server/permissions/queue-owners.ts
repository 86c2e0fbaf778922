import { matches } from "../../shared/text/wildcard.ts";
import type { Caller } from "../http/caller.ts";
import { Problem } from "../http/problem.ts";
import type { RequestContext } from "../http/request-context.ts";
import type { SecurityEvents } from "../log/security-events.ts";
import type { Store } from "../store/store.ts";
import { assertGroupId, isGroupId } from "./groups.ts";

export interface QueueOwnersOptions {
  store: Pick<Store, "clients" | "queues" | "agents">;
  events: SecurityEvents;
  now: () => Date;
}

const unknownClient = () => new Problem(404, "Error: Specified client_id does not exist.");
const notRestricted = () => new Problem(404, "Error: Restricted queue not found.");

/** Queues to which only their owners may submit jobs (server-api sections 6.31-6.34). */
export class QueueOwners {
  constructor(private readonly options: QueueOwnersOptions) {}

  list(): Promise<{ queue: string; owners: string[] }[]> {
    return this.options.store.queues.restricted();
  }

  async find(queue: string): Promise<{ queue: string; owners: string[] }> {
    const owners = await this.options.store.queues.owners(queue);
    if (!owners) throw notRestricted();
    return { queue, owners };
  }

  /** Restricts the queue, if it is not restricted yet, and lets the client in, or the members of the group. */
  async add(queue: string, owner: string, caller: Caller, context: RequestContext): Promise<void> {
    const { clients, agents, queues } = this.options.store;
    assertNamed(owner);
    if (isGroupId(owner)) assertGroupId(owner);
    else if (!(await clients.find(owner))) throw unknownClient();
    if (!(await agents.servesQueue(queue)))
      throw new Problem(404, "Error: No agent is associated with the specified queue.");
    // Only the provider knows which groups there are: one that owns something has a record here. A taken id is that record.
    if (isGroupId(owner)) await clients.create({ id: owner, permissions: {}, createdAt: this.options.now() });
    if (!(await queues.restrict(queue, owner))) throw unknownClient();
    this.report(`${caller.clientId} made ${owner} an owner of restricted queue ${queue}`, owner, queue, context);
  }

  /**
   * Shuts one client or group out. The restriction ends with the last owner; the reference ends it for everybody at once and leaves the other
   * owners with entries that mean nothing.
   */
  async remove(queue: string, owner: string, caller: Caller, context: RequestContext): Promise<void> {
    const { queues } = this.options.store;
    if ((await queues.owners(queue)) === null) throw notRestricted();
    assertNamed(owner);
    await this.assertHasNoPattern(queue, owner);
    if (!(await queues.removeOwner(queue, owner))) throw notRestricted();
    this.report(
      `${caller.clientId} removed ${owner} from the owners of restricted queue ${queue}`,
      owner,
      queue,
      context,
    );
  }

  /** Whoever asks for it is not to believe that somebody is shut out who is not. */
  private async assertHasNoPattern(queue: string, owner: string): Promise<void> {
    const { allowed_queue_patterns: patterns = [] } = (await this.options.store.clients.find(owner))?.permissions ?? {};
    const pattern = patterns.find((candidate) => matches(candidate, queue));
    if (pattern !== undefined)
      throw new Problem(
        409,
        `Error: ${owner} owns this queue by the pattern '${pattern}'. Change the allowed_queue_patterns of ${owner} instead.`,
      );
  }

  private report(description: string, owner: string, queue: string, context: RequestContext): void {
    this.options.events.emit("WARNING", "authz_change", [owner, queue], description, context);
  }
}

function assertNamed(owner: string): void {
  if (owner === "") throw new Problem(400, "Error: Missing client ID.");
}
