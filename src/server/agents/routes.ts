import { json, ok, wireDate } from "../http/reply.ts";
import { AGENTS, LAB, PEOPLE, PEOPLE_AND_AGENTS, type Route, route } from "../http/route.ts";
import type { Agent as StoredAgent } from "../store/agents.ts";
import { fields, list } from "../../shared/wire.ts";
import { agentCookie } from "./cookie.ts";
import { Agent, ProvisionResult, QueueAgent, ReportedAgent, Status } from "./schema.ts";
import type { AgentService, ListedAgent } from "./service.ts";

const tag = "Agents";

export const agentRoutes = (agents: AgentService): Route[] => [
  route(
    {
      method: "POST",
      path: "/v1/agents/data/:agent_name",
      id: "reportAgent",
      tag,
      access: LAB,
      summary: "Register an agent or change what is known of it",
      description:
        "Given fields replace the stored ones. The cookie of the answer identifies the agent when it asks for jobs.",
      body: ReportedAgent,
      responses: { 200: { description: "Stored", body: Status } },
    },
    async ({ params, body }) => {
      const { log = [], ...report } = body;
      await agents.report(params.agent_name, report, log);
      return json({ status: "OK" }, 200, { "set-cookie": agentCookie(params.agent_name) });
    },
  ),
  route(
    {
      method: "GET",
      path: "/v1/agents/data/:agent_name",
      id: "getAgent",
      tag,
      access: PEOPLE_AND_AGENTS,
      summary: "Read what is known of an agent",
      responses: {
        200: { description: "The agent", body: Agent },
        404: { description: "No such agent; an empty object", body: fields({}) },
      },
    },
    async ({ params }) => {
      const agent = await agents.find(params.agent_name);
      return agent ? wireAgent(agent) : json({}, 404);
    },
  ),
  route(
    {
      method: "GET",
      path: "/v1/agents/data",
      id: "listAgents",
      tag,
      access: PEOPLE,
      summary: "List all agents",
      responses: { 200: { description: "By name", body: list(Agent) } },
    },
    async () => (await agents.list()).map(wireAgent),
  ),
  route(
    {
      method: "GET",
      path: "/v1/queues/:queue_name/agents",
      id: "listQueueAgents",
      tag: "Queues",
      access: PEOPLE,
      summary: "Agents that serve a queue",
      responses: {
        200: { description: "By name", body: list(QueueAgent) },
        404: { description: "No agent serves the queue" },
      },
    },
    async ({ params }) => (await agents.inQueue(params.queue_name)).map(queueAgent),
  ),
  route(
    {
      method: "POST",
      path: "/v1/agents/provision_logs/:agent_name",
      id: "recordProvision",
      tag,
      access: AGENTS,
      summary: "Record how a provision attempt ended",
      description: "For agents. The last 100 attempts are kept, and the streak of equal outcomes is counted.",
      body: ProvisionResult,
      responses: { 200: { description: "Stored", body: "text" }, 404: { description: "No such agent", body: "text" } },
    },
    async ({ params, body }) => {
      await agents.recordProvision(params.agent_name, {
        jobId: body.job_id,
        exitCode: body.exit_code,
        detail: body.detail,
      });
      return ok();
    },
  ),
];

/** Fields in the order of the reference's answers; what was never reported is left out. */
const queueAgent = ({ name, state, queues, location, provision_type, job_id, comment }: StoredAgent) => ({
  name,
  state,
  queues,
  location,
  provision_type,
  job_id,
  comment,
});

const wireAgent = (agent: ListedAgent) => ({
  ...queueAgent(agent),
  identifier: agent.identifier,
  provision_streak_type: agent.provisionStreak?.type,
  provision_streak_count: agent.provisionStreak?.count,
  updated_at: wireDate(agent.updatedAt),
  restricted_to: agent.restrictedTo,
});
