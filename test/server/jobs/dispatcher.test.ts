import { describe, expect, test } from "bun:test";
import { type AgentWaiting, Dispatcher } from "../../../src/server/jobs/dispatcher.ts";
import type { Job } from "../../../src/server/store/jobs.ts";

const job = (id: string, exclude: string[] = []): Job => ({
  id,
  createdAt: new Date(0),
  startedAt: new Date(0),
  definition: { job_queue: "q", exclude_agents: exclude },
  priority: 0,
  state: "running",
  status: {},
});

/** A queue in memory, with the order of events. */
function lab(shared = false) {
  const queued: Job[] = [];
  const returned: string[] = [];
  const dispatcher = new Dispatcher({
    jobs: { queuesWithWork: async (queues) => (queued.length && queues.includes("q") ? ["q"] : []) },
    pop: async ({ agent }) => {
      const at = queued.findIndex((one) => !one.definition.exclude_agents?.includes(agent));
      return at < 0 ? null : (queued.splice(at, 1)[0] as Job);
    },
    putBack: async (one) => {
      returned.push(one.id);
      queued.unshift(one);
      dispatcher.wake("q");
    },
    shared,
    onError: (error) => {
      throw error;
    },
  });
  const agent = (name: string, signal: AbortSignal = new AbortController().signal): AgentWaiting => ({
    agent: name,
    queues: ["q"],
    signal,
  });
  return { dispatcher, queued, returned, agent };
}

describe("agents that wait for a job", () => {
  test("the one that has waited longest gets the next job", async () => {
    const { dispatcher, queued, agent } = lab();
    const first = dispatcher.wait(agent("a"), 60_000);
    const second = dispatcher.wait(agent("b"), 60_000);
    queued.push(job("1"));
    dispatcher.wake("q");
    expect((await first)?.id).toBe("1");
    queued.push(job("2"));
    dispatcher.wake("q");
    expect((await second)?.id).toBe("2");
    expect(dispatcher.size).toBe(0);
  });

  test("a job that excludes the first agent goes to the next one", async () => {
    const { dispatcher, queued, agent } = lab();
    const hangUp = new AbortController();
    const first = dispatcher.wait(agent("a", hangUp.signal), 60_000);
    const second = dispatcher.wait(agent("b"), 60_000);
    queued.push(job("1", ["a"]));
    dispatcher.wake("q");
    expect((await second)?.id).toBe("1");
    hangUp.abort();
    expect(await first).toBeNull();
  });

  test("a job submitted before the wait began is found", async () => {
    const { dispatcher, queued, agent } = lab();
    queued.push(job("1"));
    expect((await dispatcher.wait(agent("a"), 60_000))?.id).toBe("1");
  });

  test("many jobs at once reach as many agents, each once", async () => {
    const { dispatcher, queued, agent } = lab();
    const waits = Array.from({ length: 50 }, (_, i) => dispatcher.wait(agent(`a${i}`), 60_000));
    for (let i = 0; i < 50; i++) {
      queued.push(job(String(i)));
      dispatcher.wake("q");
    }
    const ids = (await Promise.all(waits)).map((one) => one?.id);
    expect(new Set(ids).size).toBe(50);
    expect(ids).not.toContain(undefined);
  });

  test("nothing comes when the time is over", async () =>
    expect(await lab().dispatcher.wait(lab().agent("a"), 1)).toBeNull());

  test("a job popped for an agent that hung up meanwhile goes back", async () => {
    const hangUp = new AbortController();
    const returned: string[] = [];
    const popping = Promise.withResolvers<void>(),
      popped = Promise.withResolvers<Job | null>(),
      back = Promise.withResolvers<void>();
    const dispatcher = new Dispatcher({
      jobs: { queuesWithWork: async (queues) => [...queues] },
      pop: () => {
        popping.resolve();
        return popped.promise;
      },
      putBack: async (one) => {
        returned.push(one.id);
        back.resolve();
      },
      shared: false,
      onError: (error) => {
        throw error;
      },
    });
    const wait = dispatcher.wait({ agent: "a", queues: ["q"], signal: hangUp.signal }, 60_000);
    await popping.promise;
    hangUp.abort();
    expect(await wait).toBeNull();
    popped.resolve(job("1"));
    await back.promise;
    expect(returned).toEqual(["1"]);
  });

  test("closing ends every wait with nothing, and later ones at once", async () => {
    const { dispatcher, agent } = lab();
    const waits = [dispatcher.wait(agent("a"), 60_000), dispatcher.wait(agent("b"), 60_000)];
    dispatcher.close();
    expect(await Promise.all(waits)).toEqual([null, null]);
    expect(await dispatcher.wait(agent("c"), 60_000)).toBeNull();
  });

  test("jobs of other processes are found without being woken", async () => {
    const { dispatcher, queued, agent } = lab(true);
    const wait = dispatcher.wait(agent("a"), 10_000);
    queued.push(job("1"));
    expect((await wait)?.id).toBe("1");
  });
});
