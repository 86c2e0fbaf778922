import type { Agent } from "../../store/agents.ts";
import type { JobOverview, QueueDepth } from "../../store/jobs.ts";
import { JobsTable } from "../jobs/table.tsx";
import { QueueLink } from "../parts/links.tsx";
import { State } from "../parts/state.tsx";
import { encoded } from "../parts/encoded.ts";

/** What the lab does right now. */
export interface Overview {
  readonly depths: ReadonlyMap<string, QueueDepth>;
  readonly agents: readonly Agent[];
  /** The newest jobs that an agent works on, and those that wait. */
  readonly started: readonly JobOverview[];
  readonly waiting: readonly JobOverview[];
}

const QUEUES_SHOWN = 12;

const QueuesByDepth = ({ depths }: Pick<Overview, "depths">) => {
  const deepest = [...depths]
    .toSorted(([, a], [, b]) => b.waiting - a.waiting || b.running - a.running)
    .slice(0, QUEUES_SHOWN);
  return (
    <section id="depths">
      <h2>Queues by depth</h2>
      {deepest.length === 0 ? (
        <p class="empty">No queue holds a job that has not ended.</p>
      ) : (
        <table>
          <thead>
            <tr>
              <th scope="col">Queue</th>
              <th scope="col" class="number">
                Waiting
              </th>
              <th scope="col" class="number">
                Running
              </th>
            </tr>
          </thead>
          <tbody>
            {deepest.map(([name, { waiting, running }]) => (
              <tr>
                <td>
                  <QueueLink name={name} />
                </td>
                <td class="number">{waiting}</td>
                <td class="number">{running}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {depths.size > QUEUES_SHOWN && (
        <p>
          <a href="/queues">{`All queues: ${depths.size - QUEUES_SHOWN} more hold jobs`}</a>
        </p>
      )}
    </section>
  );
};

const AgentsByState = ({ agents }: Pick<Overview, "agents">) => {
  const states = [...Map.groupBy(agents, ({ state = "" }) => state)].toSorted(([, a], [, b]) => b.length - a.length);
  return (
    <section id="agent-states">
      <h2>Agents by state</h2>
      {agents.length === 0 ? (
        <p class="empty">No agent has registered.</p>
      ) : (
        <table>
          <thead>
            <tr>
              <th scope="col">State</th>
              <th scope="col" class="number">
                Agents
              </th>
            </tr>
          </thead>
          <tbody>
            {states.map(([state, those]) => (
              <tr>
                <td>
                  <a href={`/agents?search=${encoded(state)}`}>
                    <State state={state} />
                  </a>
                </td>
                <td class="number">{those.length}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </section>
  );
};

const sum = (depths: Overview["depths"], part: keyof QueueDepth): number =>
  [...depths.values()].reduce((total, depth) => total + depth[part], 0);

const NewestJobs = (props: {
  id: string;
  title: string;
  count: number;
  jobs: readonly JobOverview[];
  more: string;
}) => (
  <section id={props.id}>
    <h2>{`${props.title} (${props.count})`}</h2>
    {props.jobs.length === 0 ? <p class="empty">None at the moment.</p> : <JobsTable jobs={props.jobs} />}
    {props.count > props.jobs.length && (
      <p>
        <a href={props.more}>{`All ${props.count}`}</a>
      </p>
    )}
  </section>
);

/** Answers first what people of a lab ask: which queues are deep, what agents do, which jobs run and wait. */
export const OverviewSections = ({ overview }: { overview: Overview }) => (
  <div id="overview" data-region>
    <div class="columns">
      <QueuesByDepth depths={overview.depths} />
      <AgentsByState agents={overview.agents} />
    </div>
    <NewestJobs
      id="running-jobs"
      title="Running jobs"
      count={sum(overview.depths, "running")}
      jobs={overview.started}
      more="/jobs?state=started"
    />
    <NewestJobs
      id="waiting-jobs"
      title="Waiting jobs"
      count={sum(overview.depths, "waiting")}
      jobs={overview.waiting}
      more="/jobs?state=waiting"
    />
  </div>
);
