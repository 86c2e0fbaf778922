import type { BenchClient } from "./client.ts";
import type { BareStatements } from "./statements.ts";

/** One thing that a lab does all day, with what bounds it: the method on bare Bun.serve, and one statement on the bare database. */
export interface Operation {
  readonly name: string;
  readonly method: "GET" | "POST";
  readonly statement: keyof Pick<BareStatements, "insert" | "take" | "find" | "update" | "verify">;
  /** Jobs that must be waiting before it is measured. */
  readonly waitingJobs?: number;
  /** Makes what the operation needs. */
  prepare(client: BenchClient): Promise<(call: number) => Promise<unknown>>;
}

const QUEUE = "bench";
const CLIENT = { id: "bench-client", secret: "a secret of bench-client" };

export const OPERATIONS: readonly Operation[] = [
  {
    name: "submit a job",
    method: "POST",
    statement: "insert",
    prepare: async (client) => () => client.submit(QUEUE),
  },
  {
    name: "take a job",
    method: "GET",
    statement: "take",
    waitingJobs: 20_000,
    prepare: async (client) => (call) => client.take(QUEUE, `agent-${call}`),
  },
  {
    name: "ask for a job, none there",
    method: "GET",
    statement: "find",
    prepare: async (client) => (call) => client.take("empty", `agent-${call}`),
  },
  {
    name: "read the state of a job",
    method: "GET",
    statement: "find",
    async prepare(client) {
      const id = await client.submit("state");
      return () => client.get(`/v1/job/${id}/state`, "contributor");
    },
  },
  {
    name: "post a log fragment",
    method: "POST",
    statement: "insert",
    async prepare(client) {
      const ids = await Promise.all(Array.from({ length: 64 }, () => client.submit("logs")));
      return (call) =>
        client.post(`/v1/result/${ids[call % ids.length]}/log/output`, "agent", {
          fragment_number: Math.floor(call / ids.length),
          timestamp: "2026-01-01T00:00:00Z",
          phase: "test",
          log_data: "a line of a test, of an ordinary length, as it is printed\n".repeat(10),
        });
    },
  },
  {
    name: "report a result",
    method: "POST",
    statement: "update",
    async prepare(client) {
      const ids = await Promise.all(Array.from({ length: 64 }, () => client.submit("results")));
      return (call) =>
        client.post(`/v1/result/${ids[call % ids.length]}`, "agent", {
          status: { setup: 0, provision: 0 },
          job_state: "test",
        });
    },
  },
  {
    name: "read an agent",
    method: "GET",
    statement: "find",
    async prepare(client) {
      await client.post("/v1/agents/data/bench-agent", "agent", {
        state: "waiting",
        queues: [QUEUE, "q2"],
        location: "here",
      });
      return () => client.get("/v1/agents/data/bench-agent", "agent");
    },
  },
  {
    // Bounded by bcrypt (cost 8), on purpose: all cores together verify some hundred passwords per second.
    name: "log in by a secret (bcrypt)",
    method: "POST",
    statement: "verify",
    async prepare(client) {
      await client.put(`/v1/client-permissions/${CLIENT.id}`, "admin", { client_secret: CLIENT.secret });
      return () => client.logIn(CLIENT.id, CLIENT.secret);
    },
  },
  {
    name: "get a new access token",
    method: "POST",
    statement: "update",
    async prepare(client) {
      const { body } = await client.logIn(CLIENT.id, CLIENT.secret);
      const { refresh_token } = JSON.parse(body) as { refresh_token: string };
      return () => client.post("/v1/oauth2/refresh", "contributor", { refresh_token });
    },
  },
];
