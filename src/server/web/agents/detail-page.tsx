import type { ProvisionAttempt } from "../../store/agents.ts";
import { JobsTable } from "../jobs/table.tsx";
import { LogText } from "../log/log-text.tsx";
import type { Page } from "../page.ts";
import type { DateRange } from "../parts/date-range.ts";
import { Facts } from "../parts/facts.tsx";
import { JobLink, QueueLink } from "../parts/links.tsx";
import { State } from "../parts/state.tsx";
import { Time } from "../parts/time.tsx";
import type { AgentDetail } from "./detail.ts";
import { encoded } from "../parts/encoded.ts";
import { Column } from "../parts/column.tsx";

const Queues = ({ queues }: Pick<AgentDetail, "queues">) => (
  <table class="p-table--mobile-card" data-sortable>
    <thead>
      <tr>
        <Column>Name</Column>
        <Column number order="numeric">
          Number of jobs
        </Column>
        <Column>Description</Column>
      </tr>
    </thead>
    <tbody>
      {queues.map(({ name, depth, description, restrictedTo }) => (
        <tr class="searchable-row">
          <td data-label="Name">
            <QueueLink name={name} />
            {restrictedTo.length > 0 && <small>{` (restricted to: ${restrictedTo.join(", ")})`}</small>}
          </td>
          <td data-label="Number of jobs" class="number">
            {depth.waiting + depth.running}
          </td>
          <td data-label="Description">{description}</td>
        </tr>
      ))}
    </tbody>
  </table>
);

/** Of all attempts, in whole percent rounded down; 0 without attempts. */
const successRate = (attempts: readonly ProvisionAttempt[]): number =>
  attempts.length === 0
    ? 0
    : Math.floor((100 * attempts.filter(({ exitCode }) => exitCode === 0).length) / attempts.length);

const ExitCode = ({ code }: { code: number }) => (
  <span class={code === 0 ? "passed" : "failed"}>
    <span aria-hidden="true">{code === 0 ? "✓ " : "✗ "}</span>
    <span class="visually-hidden">{code === 0 ? "succeeded: " : "failed: "}</span>
    {code}
  </span>
);

const History = ({ attempts, range }: { attempts: readonly ProvisionAttempt[]; range: DateRange }) => (
  <>
    <form method="get" class="range">
      <label>
        From <input type="date" name="start" value={range.start} />
      </label>
      <label>
        To <input type="date" name="stop" value={range.stop} />
      </label>
      <button type="submit">Refresh</button>
    </form>
    <p>
      <strong>Provision success rate for this range:</strong>
      {` ${successRate(attempts)}%`}
    </p>
    <table class="p-table--mobile-card" data-sortable>
      <thead>
        <tr>
          <Column>Finished At</Column>
          <Column>Job ID</Column>
          <Column order="numeric">Status</Column>
          <Column>Detail</Column>
        </tr>
      </thead>
      <tbody>
        {attempts.map(({ timestamp, jobId, exitCode, detail }) => (
          <tr class="searchable-row">
            <td data-label="Finished At">
              <Time at={timestamp} />
            </td>
            <td data-label="Job ID">
              <JobLink id={jobId} />
            </td>
            <td data-label="Status" data-value={exitCode}>
              <ExitCode code={exitCode} />
            </td>
            <td data-label="Detail" class="detail">
              {detail}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  </>
);

const CurrentJob = ({ agent, job }: Pick<AgentDetail, "agent" | "job">) => {
  if (!agent.job_id) return "none";
  return (
    <>
      <JobLink id={agent.job_id} /> {job && <State state={job.state} />}
    </>
  );
};

const Streak = ({ agent: { provisionStreak: streak } }: Pick<AgentDetail, "agent">) =>
  streak === undefined ? null : (
    <span class={streak.type === "pass" ? "passed" : "failed"}>
      {`${streak.type === "pass" ? "passed" : "failed"} the last ${streak.count}`}
    </span>
  );

/** Everything about one agent (web section 3.3). */
export const agentPage = (detail: AgentDetail, range: DateRange): Page => {
  const { agent } = detail;
  return {
    title: `Agent - ${agent.name}`,
    section: "agents",
    live: "/events?topic=agents&topic=jobs",
    content: (
      <>
        <h1>{`Agent Detail - ${agent.name}`}</h1>
        <div id="facts" data-region>
          <Facts
            facts={[
              ["State", <State state={agent.state ?? ""} />],
              ["Current job", <CurrentJob {...detail} />],
              ["Location", agent.location],
              ["Provision Type", agent.provision_type],
              ["Provision attempts", agent.provisionStreak && <Streak agent={agent} />],
              ["Comment", agent.comment],
              ["Identifier", agent.identifier],
              ["Last updated", <Time at={agent.updatedAt} />],
            ]}
          />
        </div>
        <section id="queues" data-region>
          <h2>Queues</h2>
          <Queues queues={detail.queues} />
        </section>
        <section id="jobs" data-region>
          <h2>Jobs</h2>
          {detail.jobs.length === 0 ? <p class="empty">It has taken no job yet.</p> : <JobsTable jobs={detail.jobs} />}
          <p>
            <a href={`/jobs?agent=${encoded(agent.name)}`}>All jobs of this agent</a>
          </p>
        </section>
        <section id="provision-history">
          <h2>Provision History</h2>
          <History attempts={detail.attempts} range={range} />
        </section>
        <section id="agent-log" data-region>
          <h2>Agent Log</h2>
          <LogText label="Agent log" lines={detail.log} />
        </section>
      </>
    ),
  };
};
