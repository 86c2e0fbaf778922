import { expect, test } from "bun:test";
import fc from "fast-check";
import type { JobResults, JobStore } from "../../src/server/store/jobs.ts";
import { contract } from "./contract.ts";
import { JobModel, seen } from "./job-model.ts";
import { at, jobIn } from "./samples.ts";

const AGENTS = ["agent-1", "agent-2"];
const QUEUES = ["p", "q"];

/** An operation as the store and as the model do it, at a point in time. Ids and queues carry the run's own prefix. */
interface Operation {
  readonly text: string;
  apply(target: JobStore, run: string, step: number): Promise<unknown>;
  predict(model: JobModel, run: string, step: number): [JobModel, unknown];
}

/** Calls the method of the same name of the store and of the model. */
const call = <Name extends Exclude<keyof JobModel, "all">>(
  name: Name,
  text: string,
  parameters: (run: string, step: number) => Parameters<JobModel[Name]>,
): Operation => ({
  text: `${name}(${text})`,
  apply: (jobs, run, step) => (jobs[name] as (...given: unknown[]) => Promise<unknown>)(...parameters(run, step)),
  predict: (model, run, step) =>
    (model[name] as (...given: unknown[]) => [JobModel, unknown])(...parameters(run, step)),
});

const id = fc.constantFrom("1", "2", "3", "4");
const agent = fc.constantFrom(...AGENTS);
const queues = fc.subarray(QUEUES, { minLength: 1 });
const state = fc.constantFrom("waiting", "running", "setup", "test", "allocated", "complete", "cancelled", "completed");
const results: fc.Arbitrary<JobResults> = fc.record(
  { state, status: fc.constantFrom({}, { setup: 0 }, { test: 1 }), deviceInfo: fc.constantFrom({}, { ip: "x" }) },
  { requiredKeys: [] },
);

const submission = fc.record({
  id,
  queue: fc.constantFrom(...QUEUES),
  priority: fc.integer({ min: -1, max: 2 }),
  attachments: fc.constantFrom(undefined, undefined, "waiting" as const),
  excluded: fc.subarray(AGENTS),
});
const operation: fc.Arbitrary<Operation> = fc
  .oneof(
    {
      weight: 4,
      arbitrary: submission.map(({ id, queue, priority, attachments, excluded }) =>
        call("submit", JSON.stringify({ id, queue, priority, attachments, excluded }), (run, step) => [
          jobIn(run + queue, {
            id: run + id,
            priority,
            attachments,
            createdAt: at(step),
            definition: { exclude_agents: excluded },
          }),
        ]),
      ),
    },
    {
      weight: 4,
      arbitrary: fc.tuple(agent, queues, fc.boolean()).map(([agent, queues, lease]) =>
        call("pop", `${agent}, ${queues}, ${lease}`, (run, step) => [
          {
            agent,
            queues: queues.map((queue) => run + queue),
            now: at(step),
            ...(lease && { leasedUntil: at(step + 5) }),
          },
        ]),
      ),
    },
    fc
      .tuple(agent, queues)
      .map(([agent, queues]) =>
        call("leased", `${agent}, ${queues}`, (run, step) => [
          { agent, queues: queues.map((queue) => run + queue), now: at(step) },
        ]),
      ),
    {
      weight: 2,
      arbitrary: fc
        .tuple(id, agent, fc.integer({ min: 1, max: 4 }))
        .map(([id, agent, back]) =>
          call("release", `${id}, ${agent}, ${back} steps ago`, (run, step) => [run + id, agent, at(step - back)]),
        ),
    },
    id.map((id) => call("acknowledge", id, (run) => [run + id])),
    {
      weight: 3,
      arbitrary: fc
        .tuple(id, results)
        .map(([id, results]) =>
          call("report", `${id}, ${JSON.stringify(results)}`, (run, step) => [run + id, results, at(step)]),
        ),
    },
    id.map((id) => call("cancel", id, (run, step) => [run + id, at(step)])),
    id.map((id) => call("completeAttachments", id, (run) => [run + id])),
    id.map((id) => call("position", id, (run) => [run + id])),
    fc.constant(call("queuesWithWork", "", (run) => [QUEUES.map((queue) => run + queue)])),
  )
  .map((operation) => ({ ...operation, toString: () => operation.text }));

/** An answer in a form in which equal ones compare as equal. */
function comparable(answer: unknown): string {
  if (Array.isArray(answer)) return JSON.stringify(answer.toSorted());
  const isJob = typeof answer === "object" && answer !== null && "definition" in answer;
  return JSON.stringify(sorted(isJob ? seen(answer as Parameters<typeof seen>[0]) : answer)) ?? "undefined";
}

const sorted = (value: unknown): unknown =>
  typeof value === "object" && value !== null && !(value instanceof Date) && !Array.isArray(value)
    ? Object.fromEntries(
        Object.entries(value)
          .toSorted(([a], [b]) => (a < b ? -1 : 1))
          .map(([key, inner]) => [key, sorted(inner)]),
      )
    : value;

const allOrders = <T>(items: readonly T[]): T[][] =>
  items.length === 0
    ? [[]]
    : items.flatMap((item, index) => allOrders(items.toSpliced(index, 1)).map((rest) => [item, ...rest]));

contract("the life cycle of jobs", (subject) => {
  let runs = 0;

  const expectAgreement = async (model: JobModel) => {
    for (const job of model.all) expect(comparable(await subject.store.jobs.find(job.id))).toBe(comparable(job));
  };

  test("is that of the model, whatever happens in whatever order", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(operation, { minLength: 1, maxLength: 30 }), async (operations) => {
        const run = `${++runs}-`;
        let model = new JobModel();
        for (const [step, operation] of operations.entries()) {
          const [after, answer] = operation.predict(model, run, step);
          expect(comparable(await operation.apply(subject.store.jobs, run, step))).toBe(comparable(answer));
          model = after;
        }
        await expectAgreement(model);
      }),
      { numRuns: 60 },
    );
  }, 60_000);

  test("of things that happen at once is as if they happened one after the other", async () => {
    const prelude = fc.array(operation, { minLength: 2, maxLength: 12 });
    const atOnce = fc.array(operation, { minLength: 2, maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(prelude, atOnce, async (before, together) => {
        const run = `${++runs}-`;
        let model = new JobModel();
        for (const [step, operation] of before.entries()) {
          model = operation.predict(model, run, step)[0];
          await operation.apply(subject.store.jobs, run, step);
        }
        const steps = together.map((operation, index) => ({ operation, index, step: before.length + index }));
        const answers = await Promise.all(
          steps.map(({ operation, step }) => operation.apply(subject.store.jobs, run, step)),
        );
        const outcomes = allOrders(steps).map((order) => {
          let after = model;
          const predicted: unknown[] = [];
          for (const { operation, index, step } of order)
            [after, predicted[index]] = operation.predict(after, run, step);
          return { after, answers: predicted.map(comparable) };
        });
        const found = await Promise.all(
          model.all.concat(outcomes[0]!.after.all).map(({ id }) => subject.store.jobs.find(id)),
        );
        const state = (jobs: readonly unknown[]) =>
          [...new Set(jobs.filter((job) => job !== null).map(comparable))].toSorted().join("\n");
        const explanations = outcomes.filter(
          (outcome) =>
            Bun.deepEquals(outcome.answers, answers.map(comparable)) && state(outcome.after.all) === state(found),
        );
        expect({ answers: answers.map(comparable), explained: explanations.length > 0 }).toMatchObject({
          explained: true,
        });
      }),
      { numRuns: 60 },
    );
  }, 60_000);
});
