import type { Agent } from "../../store/agents.ts";
import type { QueueDepth } from "../../store/jobs.ts";
import type { Page } from "../page.ts";
import { Heading } from "../parts/heading.tsx";
import { QueueLink } from "../parts/links.tsx";
import { matches, SearchBox } from "../parts/search.tsx";
import { Column } from "../parts/column.tsx";

const HELP = "https://documentation.ubuntu.com/testflinger/latest/explanation/queues/";

export interface QueueRow {
  readonly name: string;
  readonly description: string;
  readonly depth: QueueDepth;
  readonly agents: number;
}

/** Advertised queues first, then all others that agents serve. */
export function queueRows(
  advertised: Readonly<Record<string, string>>,
  agents: readonly Agent[],
  depths: ReadonlyMap<string, QueueDepth>,
): QueueRow[] {
  const serving = new Map<string, number>();
  for (const { queues = [] } of agents)
    for (const queue of new Set(queues)) serving.set(queue, (serving.get(queue) ?? 0) + 1);
  const others = [...serving.keys()].filter((name) => !Object.hasOwn(advertised, name)).sort();
  return [...Object.keys(advertised), ...others].map((name) => ({
    name,
    description: Object.hasOwn(advertised, name) ? (advertised[name] as string) : "",
    depth: depths.get(name) ?? { waiting: 0, running: 0 },
    agents: serving.get(name) ?? 0,
  }));
}

const Row = ({ queue }: { queue: QueueRow }) => (
  <tr id={`queue-${queue.name}`} class="searchable-row">
    <td data-label="Name">
      <QueueLink name={queue.name} />
    </td>
    <td data-label="Number of jobs" class="number">
      {queue.depth.waiting + queue.depth.running}
    </td>
    <td data-label="Waiting" class="number">
      {queue.depth.waiting}
    </td>
    <td data-label="Agents" class="number">
      {queue.agents}
    </td>
    <td data-label="Description">{queue.description}</td>
  </tr>
);

const NUMBERS = ["Number of jobs", "Waiting", "Agents"];

/** All queues, or those that the search is for (web section 3.6). */
export const queuesPage = (queues: readonly QueueRow[], search: string): Page => ({
  title: "Queues",
  section: "queues",
  live: "/events?topic=jobs",
  content: (
    <>
      <Heading text="Queues" help={HELP}>
        <SearchBox label="Search queues" value={search} />
      </Heading>
      <div id="queues" data-region>
        <table class="p-table--mobile-card" data-sortable>
          <thead>
            <tr>
              <Column>Name</Column>
              {NUMBERS.map((text) => (
                <Column number order="numeric">
                  {text}
                </Column>
              ))}
              <Column>Description</Column>
            </tr>
          </thead>
          <tbody>
            {queues
              .filter(({ name, description }) => matches(search, [name, description]))
              .map((queue) => (
                <Row queue={queue} />
              ))}
          </tbody>
        </table>
      </div>
    </>
  ),
});
