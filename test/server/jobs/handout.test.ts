import { afterEach, beforeEach, expect, test } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ANONYMOUS } from "../../../src/server/http/caller.ts";
import { JobHandout } from "../../../src/server/jobs/handout.ts";
import type { JobSecrets } from "../../../src/server/jobs/secrets.ts";
import { JobService } from "../../../src/server/jobs/service.ts";
import { jsonLogger } from "../../../src/server/log/logger.ts";
import { openSqliteStore } from "../../../src/server/store/sqlite/open.ts";
import { DEFAULT_RETENTION, type Store } from "../../../src/server/store/store.ts";
import { TestClock } from "../../support/clock.ts";

let directory: string, store: Store, clock: TestClock;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "testflinger-jobs-"));
  store = await openSqliteStore({ directory, retention: DEFAULT_RETENTION });
  clock = new TestClock();
});
afterEach(async () => {
  await store.close();
  await rm(directory, { recursive: true });
});

/** Jobs, and how agents get them. */
const jobsWith = (secrets: Partial<JobSecrets> = {}, used = store) => {
  const options = {
    store: used,
    secrets: { available: true, inaccessible: async () => [], resolve: async () => ({}), ...secrets },
    now: clock.now,
    log: jsonLogger(() => {}, clock.now),
    onChange: () => {},
  };
  const handout = new JobHandout(options);
  const jobs = new JobService({
    ...options,
    ownership: "record",
    newId: () => crypto.randomUUID(),
    onAccepted: () => {},
    onAvailable: (queue) => handout.wake(queue),
  });
  return { jobs, handout };
};

const agent = (name: string, signal = new AbortController().signal) => ({ agent: name, queues: ["q"], signal });

const withSecret = { job_queue: "q", test_data: { secrets: { TOKEN: "a/path" } } };

test.each([undefined, 50])(
  "a job goes back to the queue when its agent hangs up while the secrets are read (wait %p)",
  async (wait) => {
    const hangUp = new AbortController();
    const { jobs, handout } = jobsWith({
      async resolve() {
        hangUp.abort();
        return { TOKEN: "value" };
      },
    });
    const id = await jobs.submit({ ...ANONYMOUS, clientId: "ann" }, withSecret);
    expect(await handout.take(agent("a", hangUp.signal), wait)).toBeNull();
    expect(await jobs.state(id)).toMatchObject({ job_state: "waiting", position: 0 });
  },
);

test.each([undefined, 50])("a job goes back to the queue when its secrets cannot be read (wait %p)", async (wait) => {
  const { jobs, handout } = jobsWith({ resolve: () => Promise.reject(new Error("the vault is away")) });
  const id = await jobs.submit({ ...ANONYMOUS, clientId: "ann" }, withSecret);
  await expect(handout.take(agent("a"), wait)).rejects.toThrow("the vault is away");
  expect(await jobs.state(id)).toMatchObject({ job_state: "waiting", position: 0 });
});

test("the secrets of an agent that has hung up before are not read, so that single-use ones live on", async () => {
  let reads = 0;
  const { jobs, handout } = jobsWith({
    async resolve() {
      reads += 1;
      return {};
    },
  });
  await jobs.submit({ ...ANONYMOUS, clientId: "ann" }, withSecret);
  expect(await handout.take(agent("a", AbortSignal.abort()), undefined)).toBeNull();
  expect(reads).toBe(0);
});

test("how long a job waited counts once, however often its answer gets lost", async () => {
  const waits: [string, number][] = [];
  const queues = { ...store.queues, recordWait: async (...wait: [string, number]) => void waits.push(wait) };
  const { jobs, handout } = jobsWith({}, { ...store, queues });
  const id = await jobs.submit(ANONYMOUS, { job_queue: "q" });
  clock.advance(7);
  expect(await handout.take(agent("a"), 50)).toMatchObject({ job_id: id });
  clock.advance(5);
  expect(await handout.take(agent("a"), 50)).toMatchObject({ job_id: id });
  expect(waits).toEqual([["q", 7]]);
});
