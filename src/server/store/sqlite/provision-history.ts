import type { AgentStore, ProvisionAttempt } from "../agents.ts";
import { field, fromDate, int64 } from "./columns.ts";
import type { Connection } from "./connection.ts";

const ATTEMPTS_KEPT = 100;

/** How agents fared with provisioning. */
export function provisionHistory(connection: Connection): Pick<AgentStore, "recordProvision" | "provisionHistory"> {
  const count = connection.prepare(
    `UPDATE agents SET streak_count = CASE WHEN streak_type = $type THEN streak_count + 1 ELSE 1 END, streak_type = $type
     WHERE name = $name`,
  );
  const last = connection.prepare<{ n: number | null }>(
    "SELECT max(n) AS n FROM provision_attempts WHERE agent = $name",
  );
  const insert = connection.prepare(
    `INSERT INTO provision_attempts (agent, n, job_id, exit_code, detail, timestamp)
     VALUES ($name, $n, $jobId, $exitCode, $detail, $timestamp)`,
  );
  const trim = connection.prepare("DELETE FROM provision_attempts WHERE agent = $name AND n <= $n");
  const history = connection.prepare<{ job_id: string; exit_code: number; detail: string | null; timestamp: number }>(
    "SELECT job_id, exit_code, detail, timestamp FROM provision_attempts WHERE agent = $name ORDER BY n DESC",
  );

  const record = (name: string, { jobId, exitCode, detail, timestamp }: ProvisionAttempt): boolean => {
    if (count.run({ name, type: exitCode === 0 ? "pass" : "fail" }) === 0) return false;
    const n = (last.get({ name })?.n ?? 0) + 1;
    insert.run({ name, n, jobId, exitCode: int64(exitCode), detail: detail ?? null, timestamp: fromDate(timestamp) });
    trim.run({ name, n: n - ATTEMPTS_KEPT });
    return true;
  };

  return {
    recordProvision: (name, attempt) => connection.write(() => record(name, attempt)),
    provisionHistory: (name) =>
      connection.read(() =>
        history.all({ name }).map((row) => ({
          jobId: row.job_id,
          exitCode: row.exit_code,
          ...field("detail", row.detail),
          timestamp: new Date(row.timestamp),
        })),
      ),
  };
}
