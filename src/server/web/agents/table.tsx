import type { ComponentChildren } from "preact";
import type { Agent } from "../../store/agents.ts";
import { AgentLink, JobLink } from "../parts/links.tsx";
import { State } from "../parts/state.tsx";
import { Time } from "../parts/time.tsx";
import { Column } from "../parts/column.tsx";

const Streak = ({ streak }: { streak: Agent["provisionStreak"] }) => {
  if (streak === undefined || streak.count <= 0) return null;
  const failed = streak.type === "fail";
  const text = `${failed ? "failed" : "passed"} the last ${streak.count} provision attempts`;
  return (
    <span class={failed ? "failed" : "passed"} title={text}>
      <span aria-hidden="true">{failed ? "⚠" : "✓"}</span>
      <span class="visually-hidden">{text}</span>
      <span class="provision-streak" aria-hidden="true">
        {streak.count}
      </span>
    </span>
  );
};

const Row = ({ agent }: { agent: Agent }) => (
  <tr id={`agent-${agent.name}`} class="searchable-row">
    <td data-label="Outcome" data-outcome={agent.provisionStreak?.type} data-count={agent.provisionStreak?.count}>
      <Streak streak={agent.provisionStreak} />
    </td>
    <td data-label="Name">
      <AgentLink name={agent.name} />
    </td>
    <td data-label="Location">{agent.location || "unknown"}</td>
    <td data-label="State">
      <State state={agent.state ?? ""} />
      {agent.comment && <p class="comment">{agent.comment}</p>}
    </td>
    <td data-label="Updated At">
      <Time at={agent.updatedAt} />
    </td>
    <td data-label="Job ID">{agent.job_id && <JobLink id={agent.job_id} />}</td>
  </tr>
);

const HEADERS = [
  ["agentsNameHeader", "Name"],
  ["agentsLocationHeader", "Location"],
  ["agentsStateHeader", "State"],
  ["agentsUpdatedAtHeader", "Updated At"],
  ["agentsJobIdHeader", "Job ID"],
] as const;

/** Agents, in the order given (web section 3.7). `advice`: what to do when there are none. */
export const AgentsTable = ({ agents, advice }: { agents: readonly Agent[]; advice: ComponentChildren }) => (
  <table id="agentsTable" class="p-table--mobile-card" data-sortable data-sort-in-url>
    {agents.length === 0 && (
      <caption>
        <p class="empty">No Agents</p>
        {advice}
      </caption>
    )}
    <thead>
      <tr>
        <Column
          id="agentsOutcomeHeader"
          title="How the last provision attempts ended, and how many in a row"
          order="outcome"
        >
          Outcome
        </Column>
        {HEADERS.map(([id, text]) => (
          <Column id={id}>{text}</Column>
        ))}
      </tr>
    </thead>
    <tbody>
      {agents.map((agent) => (
        <Row agent={agent} />
      ))}
    </tbody>
  </table>
);
