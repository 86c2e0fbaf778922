import { holdersFor, type PatternHolder, withHolders } from "../pattern-holders.ts";
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
  const grant = connection.prepare("INSERT OR IGNORE INTO allowed_queues (client, queue) VALUES ($owner, $queue)");
  const revoke = connection.prepare("DELETE FROM allowed_queues WHERE queue = $queue AND client = $owner");
  const revokeAll = connection.prepare("DELETE FROM allowed_queues WHERE queue = $queue");
  const exists = connection.prepare("SELECT 1 FROM clients WHERE id = $owner");
  const withPatterns = connection.prepare<{ id: string; patterns: string }>(
    "SELECT id, allowed_queue_patterns AS patterns FROM clients WHERE allowed_queue_patterns > ''",
  );
  const isNamed = connection.prepare("SELECT 1 FROM allowed_queues WHERE queue = $queue LIMIT 1");

  const holders = (): PatternHolder[] =>
    withPatterns.all().map(({ id, patterns }) => ({ id, patterns: JSON.parse(patterns) as string[] }));
  const withOwners = (rows: readonly OwnerRow[]): Map<string, string[]> =>
    rows.length ? withHolders(ownersByQueue(rows), holders()) : new Map();
  const among = (queues: readonly string[]) => withOwners(some.all({ queues: JSON.stringify(queues) }));
  const isOwned = (queue: string) => isNamed.get({ queue }) !== null || holdersFor(queue, holders()).length > 0;

  return {
    restricted: () => connection.read(() => [...withOwners(all.all())].map(([queue, owners]) => ({ queue, owners }))),
    owners: (queue) => connection.read(() => among([queue]).get(queue) ?? null),
    restrictions: (queues) => connection.read(() => among(queues)),
    restrict: (queue, owner) =>
      connection.write(() => {
        if (exists.get({ owner }) === null) return false;
        restrict.run({ queue });
        grant.run({ queue, owner });
        return true;
      }),
    removeOwner: (queue, owner) =>
      connection.write(() => {
        if (isRestricted.get({ queue }) === null) return false;
        revoke.run({ queue, owner });
        if (!isOwned(queue)) open.run({ queue });
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
