import { printable } from "./client-record.ts";
import { type Operator, Refusal } from "./operator.ts";

/** Makes the client, or the members of the group, owners of these queues, which are restricted from then on. */
export async function letIn(id: string, queues: readonly string[], { store, events, name }: Operator): Promise<void> {
  for (const queue of queues) {
    if (!(await store.queues.restrict(queue, id))) throw new Refusal(`there is no client '${printable(id)}' any more`);
    const description = `Operator ${name} made ${id} an owner of restricted queue ${queue}`;
    events.emit("WARNING", "authz_change", [id, queue], description);
  }
}

/** Removes the client from the owners of these queues. */
export async function shutOut(id: string, queues: readonly string[], { store, events, name }: Operator): Promise<void> {
  for (const queue of queues) {
    if (!(await store.queues.removeOwner(queue, id))) continue;
    const description = `Operator ${name} removed ${id} from the owners of restricted queue ${queue}`;
    events.emit("WARNING", "authz_change", [id, queue], description);
  }
}
