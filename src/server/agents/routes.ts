import { refusal, SAMPLE } from "../http/example.ts";
import { json, ok, wireDate } from "../http/reply.ts";
import { AGENTS, LAB, PEOPLE, PEOPLE_AND_AGENTS, type Route, route } from "../http/route.ts";
import type { Agent as StoredAgent } from "../store/agents.ts";
import { fields, list } from "../../shared/wire.ts";
import { agentCookie } from "./cookie.ts";
import { Agent, ProvisionResult, QueueAgent, ReportedAgent, Status } from "./schema.ts";
import type { AgentService, ListedAgent } from "./service.ts";

const tag = "Agents";

/** The agent that the examples are about, as its queue shows it. */
const WAITING_AGENT = {
  name: SAMPLE.agent,
  state: "waiting",
  queues: [SAMPLE.queue, SAMPLE.restrictedQueue],
  location: "lab 2, shelf 4",
  provision_type: "muxpi",
};

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
      examples: {
        "an agent starts": {
          body: {
            state: "waiting",
            queues: [SAMPLE.queue, SAMPLE.restrictedQueue],
            location: "lab 2, shelf 4",
            provision_type: "muxpi",
          },
          answer: { status: 200, body: { status: "OK" } },
        },
        "a device is taken out of service": {
          body: { state: "maintenance", comment: "SD card is worn out", log: ["taken offline by olga"] },
          answer: { status: 200, body: { status: "OK" } },
        },
        "queues that are no list": {
          body: { queues: SAMPLE.queue },
          answer: { status: 422, body: refusal("Validation error", { json: { queues: ["Not a valid list."] } }) },
        },
      },
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
      examples: {
        "an agent that waits for jobs": {
          answer: {
            status: 200,
            body: {
              ...WAITING_AGENT,
              provision_streak_type: "fail",
              provision_streak_count: 2,
              updated_at: SAMPLE.now,
              restricted_to: { [SAMPLE.restrictedQueue]: [SAMPLE.client] },
            },
          },
        },
        "an unknown agent": { params: { agent_name: "rpi5-bench-9" }, answer: { status: 404, body: {} } },
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
      examples: {
        "one agent": {
          answer: {
            status: 200,
            body: [
              {
                ...WAITING_AGENT,
                updated_at: SAMPLE.now,
                restricted_to: {},
              },
            ],
          },
        },
      },
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
      examples: {
        "one agent serves it": {
          answer: {
            status: 200,
            body: [
              {
                ...WAITING_AGENT,
              },
            ],
          },
        },
        "nobody serves it": {
          params: { queue_name: "rpi5" },
          answer: { status: 404, body: refusal("Queue 'rpi5' does not exist.") },
        },
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
      examples: {
        "the device did not boot": {
          body: { job_id: SAMPLE.job, exit_code: 46, detail: "no answer over SSH after 600 s" },
          answer: { status: 200, body: "OK" },
        },
        "an unknown agent": {
          params: { agent_name: "rpi5-bench-9" },
          body: { job_id: SAMPLE.job, exit_code: 0 },
          answer: { status: 404, body: "Agent not found\n" },
        },
      },
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
