import type { JobFilter, JobStore } from "../jobs.ts";
import { fromDate } from "./columns.ts";
import type { Connection, Statement, Values } from "./connection.ts";
import { OVERVIEW_COLUMNS, type OverviewRow, toOverview } from "./job-rows.ts";

/** Lists of jobs for people: by age with filters, by place in the queue, and how many there are. */
export function jobOverviews(connection: Connection): Pick<JobStore, "page" | "queued" | "depths"> {
  const queued = connection.prepare<OverviewRow>(
    `SELECT ${OVERVIEW_COLUMNS} FROM jobs WHERE queue = $queue AND state = 'waiting'
     ORDER BY priority DESC, created_at, seq LIMIT $limit`,
  );
  const depths = (condition: string) =>
    connection.prepare<{ queue: string; waiting: number; total: number }>(
      `SELECT queue, count(*) FILTER (WHERE state = 'waiting') AS waiting, count(*) AS total
       FROM jobs WHERE ended_at IS NULL ${condition} GROUP BY queue`,
    );
  const allDepths = depths("");
  const someDepths = depths("AND queue IN (SELECT value FROM json_each($queues))");

  // A statement for each combination of filters that is used, since a condition that may be absent could use no index.
  const pages = new Map<string, Statement<OverviewRow>>();
  const pageOf = (where: string) => {
    const sql = `SELECT ${OVERVIEW_COLUMNS} FROM jobs WHERE ${where} ORDER BY created_at DESC, seq DESC LIMIT $limit`;
    const statement = pages.get(sql) ?? connection.prepare<OverviewRow>(sql);
    pages.set(sql, statement);
    return statement;
  };

  const tagged = connection.prepare<{ count: number }>(
    "SELECT count(*) AS count FROM (SELECT 1 FROM job_tags WHERE tag = $tag LIMIT $limit)",
  );
  const isFrequent = (tag: string) => tagged.get({ tag, limit: FREQUENT })!.count === FREQUENT;

  return {
    page: (filter, { limit, from }) =>
      connection.read(() => {
        const { where, values } = conditions(filter, from, isFrequent);
        const rows = pageOf(where).all({ ...values, limit: limit + 1 });
        const shown = rows.slice(0, limit);
        const last = rows.length > limit ? shown.at(-1) : undefined;
        return { jobs: shown.map(toOverview), ...(last && { next: `${last.created_at}-${last.seq}` }) };
      }),

    queued: (queue, limit) => connection.read(() => queued.all({ queue, limit }).map(toOverview)),

    depths: (queues) =>
      connection.read(() => {
        const rows = queues === undefined ? allDepths.all() : someDepths.all({ queues: JSON.stringify(queues) });
        return new Map(
          rows.map(({ queue, waiting, total }) => [queue, { waiting, running: total - waiting }] as const),
        );
      }),
  };
}

const SEARCHED = ["id", "queue", "state", "submitter", "agent", "definition ->> '$.name'"];

/** Jobs with a tag from which on walking all jobs by age meets a page of them sooner than all of them are collected and sorted. */
const FREQUENT = 1000;

function conditions(
  filter: JobFilter,
  from: string | undefined,
  isFrequent: (tag: string) => boolean,
): { where: string; values: Values } {
  const { states = [], queue, tag, submitter, agent, since, until, text } = filter;
  const place = /^(\d{1,15})-(\d{1,15})$/.exec(from ?? "");
  const found: [condition: string, values: Values][] = [];
  const when = (given: unknown, condition: string, values: Values) => {
    if (given !== undefined) found.push([condition, values]);
  };
  if (states.length > 0) found.push(inStates(states));
  when(queue, "queue = $queue", { queue: queue! });
  if (tag !== undefined) {
    const condition = isFrequent(tag)
      ? "EXISTS (SELECT 1 FROM job_tags WHERE tag = $tag AND job = jobs.seq)"
      : "seq IN (SELECT job FROM job_tags WHERE tag = $tag)";
    found.push([condition, { tag }]);
  }
  when(submitter, "submitter = $submitter", { submitter: submitter! });
  when(agent, "agent = $agent", { agent: agent! });
  when(since, "created_at >= $since", { since: fromDate(since) });
  when(until, "created_at < $until", { until: fromDate(until) });
  const contains = SEARCHED.map((column) => `instr(lower(${column}), $text)`).join(" OR ");
  when(text, `(${contains})`, { text: text?.toLowerCase() ?? null });
  const [createdAt, seq] = place ? [Number(place[1]), Number(place[2])] : [Number.MAX_SAFE_INTEGER, 0];
  found.push(["(created_at, seq) < ($createdAt, $seq)", { createdAt, seq }]);
  return {
    where: found.map(([condition]) => condition).join(" AND "),
    values: Object.assign({}, ...found.map(([, values]) => values)) as Values,
  };
}

const ACTIVE = "ended_at IS NULL";
const STARTED = `${ACTIVE} AND state <> 'waiting'`;

/** Jobs of one state, or the active ones, stand in an index by age; those of several would have to be sorted, so the index by age alone is walked. */
function inStates(states: readonly string[]): [string, Values] {
  const [state, ...others] = new Set(states);
  if (others.length === 0) {
    if (state === "active") return [ACTIVE, {}];
    if (state === "started") return [STARTED, {}];
    return ["state = $state", { state: state as string }];
  }
  const groups = [
    "+state IN (SELECT value FROM json_each($states))",
    ...(states.includes("active") ? [`+${ACTIVE}`] : []),
    ...(states.includes("started") ? [`+${STARTED}`] : []),
  ];
  return [`(${groups.join(" OR ")})`, { states: JSON.stringify(states) }];
}
