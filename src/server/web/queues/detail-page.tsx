import { AgentsTable } from "../agents/table.tsx";
import type { Agent } from "../../store/agents.ts";
import type { JobOverview, QueueDepth } from "../../store/jobs.ts";
import { JobsTable } from "../jobs/table.tsx";
import type { Page } from "../page.ts";
import { WaitTimes } from "./wait-times.tsx";
import { encoded } from "../parts/encoded.ts";

/** What the page of a queue tells. */
export interface QueueDetail {
  readonly name: string;
  /** Undefined: not advertised. */
  readonly description: string | undefined;
  /** Null: everybody may submit. */
  readonly owners: readonly string[] | null;
  readonly depth: QueueDepth;
  /** The first of those that wait, in the order in which agents get them. */
  readonly waiting: readonly JobOverview[];
  /** The newest of those that an agent works on. */
  readonly started: readonly JobOverview[];
  readonly agents: readonly Agent[];
  /** Seconds. */
  readonly waits: readonly number[];
}

const shown = (jobs: readonly JobOverview[], count: number): string =>
  jobs.length < count ? ` (${jobs.length} of ${count})` : ` (${count})`;

const Jobs = ({ depth, waiting, started }: Pick<QueueDetail, "depth" | "waiting" | "started">) => (
  <section id="jobs" data-region>
    <h2>Jobs</h2>
    <h3>{`Running${shown(started, depth.running)}`}</h3>
    {started.length === 0 ? <p class="empty">None at the moment.</p> : <JobsTable jobs={started} />}
    <h3>{`Waiting, the next one first${shown(waiting, depth.waiting)}`}</h3>
    {waiting.length === 0 ? <p class="empty">None at the moment.</p> : <JobsTable jobs={waiting} positions />}
  </section>
);

/** Everything about one queue (web section 3.6). */
export const queuePage = (queue: QueueDetail): Page => ({
  title: `Queue - ${queue.name}`,
  section: "queues",
  live: "/events?topic=jobs&topic=agents",
  content: (
    <>
      <h1>{`Queue Detail - ${queue.name}`}</h1>
      <p>{queue.description ?? "No description"}</p>
      {queue.owners && <p>{`Restricted to: ${queue.owners.join(", ") || "nobody, since it has no owner"}`}</p>}
      <Jobs {...queue} />
      <p>
        <a href={`/jobs?queue=${encoded(queue.name)}`}>All jobs of this queue, also ended ones</a>
      </p>
      <section id="agents" data-region>
        <h2>Agents</h2>
        <AgentsTable
          agents={queue.agents}
          advice={
            <p>
              No agent serves this queue, so its jobs wait for ever. Check its name.{" "}
              <a class="button" href="/queues">
                View Queues
              </a>
            </p>
          }
        />
      </section>
      <section>
        <h2>Wait Time Percentiles</h2>
        <WaitTimes samples={queue.waits} />
      </section>
    </>
  ),
});
