import type { Caller } from "../http/caller.ts";
import { Problem } from "../http/problem.ts";
import type { RequestContext } from "../http/request-context.ts";
import type { SecurityEvents } from "../log/security-events.ts";
import type { Store } from "../store/store.ts";

export interface QueueOwnersOptions {
  store: Pick<Store, "clients" | "queues" | "agents">;
  events: SecurityEvents;
}

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

  /** Restricts the queue, if it is not restricted yet, and lets the client in. */
  async add(queue: string, owner: string, caller: Caller, context: RequestContext): Promise<void> {
    const { clients, agents, queues } = this.options.store;
    assertNamed(owner);
    if (!(await clients.find(owner))) throw new Problem(404, "Error: Specified client_id does not exist.");
    if (!(await agents.servesQueue(queue)))
      throw new Problem(404, "Error: No agent is associated with the specified queue.");
    await queues.restrict(queue, owner);
    this.report(`${caller.clientId} made ${owner} an owner of restricted queue ${queue}`, owner, queue, context);
  }

  /**
   * Shuts one client out. The restriction ends with its last owner; the reference ends it for everybody at once and leaves the other owners
   * with entries that mean nothing.
   */
  async remove(queue: string, owner: string, caller: Caller, context: RequestContext): Promise<void> {
    const { queues } = this.options.store;
    if ((await queues.owners(queue)) === null) throw notRestricted();
    assertNamed(owner);
    if (!(await queues.removeOwner(queue, owner))) throw notRestricted();
    this.report(
      `${caller.clientId} removed ${owner} from the owners of restricted queue ${queue}`,
      owner,
      queue,
      context,
    );
  }

  private report(description: string, owner: string, queue: string, context: RequestContext): void {
    this.options.events.emit("WARNING", "authz_change", [owner, queue], description, context);
  }
}

function assertNamed(owner: string): void {
  if (owner === "") throw new Problem(400, "Error: Missing client ID.");
}
