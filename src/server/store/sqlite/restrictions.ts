import type { QueueStore } from "../queues.ts";
import type { Connection } from "./connection.ts";

interface OwnerRow {
  queue: string;
  /** Null: the queue has no owner. */
  owner: string | null;
}

/** Queue -> owners, of rows that are sorted by both. */
function ownersByQueue(rows: readonly OwnerRow[]): Map<string, string[]> {
  const queues = Map.groupBy(rows, ({ queue }) => queue);
  return new Map([...queues].map(([queue, of]) => [queue, of.flatMap(({ owner }) => (owner === null ? [] : [owner]))]));
}

/** Restricted queues and their owners. */
export function restrictions(
  connection: Connection,
): Pick<
  QueueStore,
  "restricted" | "owners" | "isRestricted" | "restrictions" | "restrict" | "removeOwner" | "setRestricted"
> {
  const restrictedWithOwners = (condition: string) =>
    connection.prepare<OwnerRow>(
      `SELECT restricted_queues.queue, client AS owner FROM restricted_queues LEFT JOIN allowed_queues USING (queue)
       WHERE ${condition} ORDER BY restricted_queues.queue, client`,
    );
  const all = restrictedWithOwners("true");
  const some = restrictedWithOwners("restricted_queues.queue IN (SELECT value FROM json_each($queues))");
  const restrict = connection.prepare("INSERT OR IGNORE INTO restricted_queues (queue) VALUES ($queue)");
  const open = connection.prepare("DELETE FROM restricted_queues WHERE queue = $queue");
  const isRestricted = connection.prepare("SELECT 1 FROM restricted_queues WHERE queue = $queue");
  const grant = connection.prepare(
    "INSERT OR IGNORE INTO allowed_queues (client, queue) SELECT id, $queue FROM clients WHERE id = $owner",
  );
  const revoke = connection.prepare("DELETE FROM allowed_queues WHERE queue = $queue AND client = $owner");
  const revokeAll = connection.prepare("DELETE FROM allowed_queues WHERE queue = $queue");
  const isOwned = connection.prepare("SELECT 1 FROM allowed_queues WHERE queue = $queue LIMIT 1");

  const among = (queues: readonly string[]) => ownersByQueue(some.all({ queues: JSON.stringify(queues) }));

  return {
    restricted: () =>
      connection.read(() => [...ownersByQueue(all.all())].map(([queue, owners]) => ({ queue, owners }))),
    owners: (queue) => connection.read(() => among([queue]).get(queue) ?? null),
    restrictions: (queues) => connection.read(() => among(queues)),
    restrict: (queue, owner) =>
      connection.write(() => {
        restrict.run({ queue });
        grant.run({ queue, owner });
      }),
    removeOwner: (queue, owner) =>
      connection.write(() => {
        if (isRestricted.get({ queue }) === null) return false;
        revoke.run({ queue, owner });
        if (isOwned.get({ queue }) === null) open.run({ queue });
        return true;
      }),
    isRestricted: (queue) => connection.read(() => isRestricted.get({ queue }) !== null),
    setRestricted: (queue, restricted) =>
      connection.write(() => {
        if (restricted) {
          restrict.run({ queue });
        } else if (open.run({ queue }) > 0) {
          revokeAll.run({ queue });
        }
      }),
  };
}
