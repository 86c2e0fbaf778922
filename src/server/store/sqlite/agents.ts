import type { Agent, AgentReport, AgentStore } from "../agents.ts";
import { field, fromDate, jsonField } from "./columns.ts";
import type { Connection } from "./connection.ts";
import { provisionHistory } from "./provision-history.ts";

const LOG_LINES = 100;

interface AgentRow {
  name: string;
  updated_at: number;
  identifier: string | null;
  job_id: string | null;
  location: string | null;
  provision_type: string | null;
  state: string | null;
  comment: string | null;
  queues: string | null;
  streak_type: "pass" | "fail" | null;
  streak_count: number | null;
}

const COLUMNS =
  "name, updated_at, identifier, job_id, location, provision_type, state, comment, queues, streak_type, streak_count";

const toAgent = (row: AgentRow): Agent => ({
  name: row.name,
  updatedAt: new Date(row.updated_at),
  ...field("identifier", row.identifier),
  ...field("job_id", row.job_id),
  ...field("location", row.location),
  ...field("provision_type", row.provision_type),
  ...field("state", row.state),
  ...field("comment", row.comment),
  ...jsonField<"queues", string[]>("queues", row.queues),
  ...(row.streak_type && { provisionStreak: { type: row.streak_type, count: row.streak_count! } }),
});

/** Agents in SQLite. */
export function agentStore(connection: Connection): AgentStore {
  const existing = connection.prepare<{ queues: string | null; log: string }>(
    "SELECT queues, log FROM agents WHERE name = $name",
  );
  const upsert = connection.prepare(
    `INSERT INTO agents (name, updated_at, identifier, job_id, location, provision_type, state, comment, queues, log)
     VALUES ($name, $now, $identifier, $job_id, $location, $provision_type, $state, $comment, $queues, coalesce($log, '[]'))
     ON CONFLICT (name) DO UPDATE SET
       updated_at = $now,
       identifier = coalesce($identifier, identifier),
       job_id = coalesce($job_id, job_id),
       location = coalesce($location, location),
       provision_type = coalesce($provision_type, provision_type),
       state = coalesce($state, state),
       comment = coalesce($comment, comment),
       queues = coalesce($queues, queues),
       log = coalesce($log, log)`,
  );
  const leaveQueues = connection.prepare("DELETE FROM agent_queues WHERE agent = $name");
  const joinQueue = connection.prepare("INSERT OR IGNORE INTO agent_queues (queue, agent) VALUES ($queue, $name)");
  const find = connection.prepare<AgentRow>(`SELECT ${COLUMNS} FROM agents WHERE name = $name`);
  const list = connection.prepare<AgentRow>(`SELECT ${COLUMNS} FROM agents ORDER BY name`);
  const inQueue = connection.prepare<AgentRow>(
    `SELECT ${COLUMNS} FROM agents WHERE name IN (SELECT agent FROM agent_queues WHERE queue = $queue) ORDER BY name`,
  );
  const serves = connection.prepare<{ found: number }>(
    `SELECT EXISTS (SELECT 1 FROM agent_queues
       WHERE queue = $queue AND agent NOT IN (SELECT value FROM json_each($excluded))) AS found`,
  );

  const report = (name: string, given: AgentReport, log: readonly string[], now: Date) => {
    const before = existing.get({ name });
    const queues = given.queues === undefined ? null : JSON.stringify(given.queues);
    const lines = log.length === 0 ? null : [...(before ? (JSON.parse(before.log) as string[]) : []), ...log];
    upsert.run({
      name,
      now: fromDate(now),
      identifier: given.identifier ?? null,
      job_id: given.job_id ?? null,
      location: given.location ?? null,
      provision_type: given.provision_type ?? null,
      state: given.state ?? null,
      comment: given.comment ?? null,
      queues,
      log: lines && JSON.stringify(lines.slice(-LOG_LINES)),
    });
    // Agents repeat their queues with every report; rewriting them each time would be most of its cost.
    if (queues === null || queues === before?.queues) return;
    leaveQueues.run({ name });
    for (const queue of given.queues!) joinQueue.run({ queue, name });
  };

  return {
    report: (name, given, log, now) => connection.write(() => report(name, given, log, now)),
    find: (name) =>
      connection.read(() => {
        const row = find.get({ name });
        return row && toAgent(row);
      }),
    list: () => connection.read(() => list.all().map(toAgent)),
    inQueue: (queue) => connection.read(() => inQueue.all({ queue }).map(toAgent)),
    servesQueue: (queue, excluded = []) =>
      connection.read(() => serves.get({ queue, excluded: JSON.stringify(excluded) })!.found === 1),
    log: (name) => connection.read(() => JSON.parse(existing.get({ name })?.log ?? "[]") as string[]),
    ...provisionHistory(connection),
  };
}
