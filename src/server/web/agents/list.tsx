import type { Agent } from "../../store/agents.ts";
import type { Page } from "../page.ts";
import { Heading } from "../parts/heading.tsx";
import { matches, SearchBox } from "../parts/search.tsx";
import { AgentsTable } from "./table.tsx";

const HELP = "https://documentation.ubuntu.com/testflinger/latest/explanation/agents/";

const searched = ({ name, location, state, comment, job_id }: Agent) => [name, location, state, comment, job_id];

/** All agents, or those that the search is for (web section 3.2). */
export const agentsPage = (agents: readonly Agent[], search: string): Page => ({
  title: "Agents",
  section: "agents",
  live: "/events?topic=agents",
  content: (
    <>
      <Heading text="Agents" help={HELP}>
        <SearchBox label="Search agents" value={search} />
      </Heading>
      <div id="agents" data-region>
        <AgentsTable
          agents={agents.filter((agent) => matches(search, searched(agent)))}
          advice={
            search === "" ? (
              <p>Set up an agent host to get agents that work on jobs.</p>
            ) : (
              <p>
                No agent matches the search. <a href="/agents">Show all agents</a>
              </p>
            )
          }
        />
      </div>
    </>
  ),
});
