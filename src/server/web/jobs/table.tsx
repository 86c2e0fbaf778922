import type { JobOverview } from "../../store/jobs.ts";
import { AgentLink, JobLink, QueueLink } from "../parts/links.tsx";
import { Outcome, State } from "../parts/state.tsx";
import { Time } from "../parts/time.tsx";
import { Column } from "../parts/column.tsx";

const Row = ({ job, position }: { job: JobOverview; position?: number }) => (
  <tr id={`job-${job.id}`} class="searchable-row">
    {position !== undefined && (
      <td data-label="Position" class="number">
        {position}
      </td>
    )}
    <td data-label="Job ID">
      <JobLink id={job.id} />
    </td>
    <td data-label="Queue">
      <QueueLink name={job.queue} />
    </td>
    <td data-label="State">
      <State state={job.state} />
      <Outcome status={job.status} />
    </td>
    <td data-label="Created At">
      <Time at={job.createdAt} />
    </td>
    <td data-label="Name">{job.name}</td>
    <td data-label="Submitted by">{job.submitter}</td>
    <td data-label="Agent">{job.agent !== undefined && <AgentLink name={job.agent} />}</td>
  </tr>
);

/** Jobs, in the order given (web section 3.4). `positions`: with their places in the queue, which begin at 1. */
export const JobsTable = ({ jobs, positions = false }: { jobs: readonly JobOverview[]; positions?: boolean }) => (
  <table class="p-table--mobile-card" data-sortable>
    <thead>
      <tr>
        {positions && (
          <Column number order="numeric">
            Position
          </Column>
        )}
        <Column>Job ID</Column>
        <Column>Queue</Column>
        <Column>State</Column>
        <Column>Created At</Column>
        <Column>Name</Column>
        <Column>Submitted by</Column>
        <Column>Agent</Column>
      </tr>
    </thead>
    <tbody>
      {jobs.map((job, index) => (
        <Row job={job} position={positions ? index + 1 : undefined} />
      ))}
    </tbody>
  </table>
);
