import { expect, test } from "bun:test";
import type { JobFilter, NewJob } from "../../src/server/store/jobs.ts";
import { contract } from "./contract.ts";
import { at, jobIn, newJob } from "./samples.ts";

contract("pages of jobs", (subject) => {
  const ids = (jobs: readonly { id: string }[]) => jobs.map(({ id }) => id);
  const found = async (filter: JobFilter) => ids((await subject.store.jobs.page(filter, { limit: 100 })).jobs);
  const submit = async (...jobs: NewJob[]) => {
    for (const job of jobs) await subject.store.jobs.submit(job);
  };

  test("show what lists tell of a job", async () => {
    const { jobs } = subject.store;
    const plain = newJob({ createdAt: at(1) });
    const full = newJob({
      createdAt: at(2),
      submitter: "someone",
      attachments: "complete",
      priority: 7,
      definition: { name: "<b>a name</b>", tags: ["t", "u"] },
    });
    await submit(plain, full);
    await jobs.pop({ agent: "a", queues: ["q"], now: at(3) });
    await jobs.report(full.id, { state: "complete", status: { test: 1 } }, at(9));
    expect((await jobs.page({}, { limit: 10 })).jobs).toEqual([
      {
        id: full.id,
        createdAt: at(2),
        startedAt: at(3),
        endedAt: at(9),
        state: "complete",
        status: { test: 1 },
        queue: "q",
        priority: 7,
        attachments: "complete",
        agent: "a",
        submitter: "someone",
        name: "<b>a name</b>",
        tags: ["t", "u"],
      },
      { id: plain.id, createdAt: at(1), state: "waiting", status: {}, queue: "q", priority: 0, tags: [] },
    ]);
  });

  test("follow each other without gaps or repetitions, also where jobs are of one time", async () => {
    const jobs = Array.from({ length: 7 }, (_, index) => newJob({ createdAt: at(Math.floor(index / 3)) }));
    await submit(...jobs);
    const pages: string[][] = [];
    let from: string | undefined;
    do {
      const page = await subject.store.jobs.page({}, { limit: 2, from });
      pages.push(ids(page.jobs));
      from = page.next;
    } while (from !== undefined);
    expect(pages.map(({ length }) => length)).toEqual([2, 2, 2, 1]);
    expect(pages.flat()).toEqual(ids(jobs.toReversed()));
  });

  test("stay where they are when jobs are submitted meanwhile", async () => {
    const [old, young] = [newJob({ createdAt: at(0) }), newJob({ createdAt: at(1) })];
    await submit(old, young);
    const { next } = await subject.store.jobs.page({}, { limit: 1 });
    await submit(newJob({ createdAt: at(2) }));
    expect(ids((await subject.store.jobs.page({}, { limit: 1, from: next })).jobs)).toEqual([old.id]);
  });

  test.each(["", "x", "1-2-3", "999999999999999999999-1", "1-zz", "'; DROP TABLE jobs", "$gt"])(
    "begin at the start when the place %p is none",
    async (from) => {
      const job = newJob();
      await submit(job);
      expect(ids((await subject.store.jobs.page({}, { limit: 1, from })).jobs)).toEqual([job.id]);
    },
  );

  test("are narrowed by each filter and by all together", async () => {
    const { jobs } = subject.store;
    const [mine, tagged, elsewhere, taken] = [
      newJob({ createdAt: at(1), submitter: "Me@example.com" }),
      newJob({ createdAt: at(2), definition: { tags: ["t", "u"] } }),
      jobIn("p", { createdAt: at(3), submitter: "Me@example.com", definition: { tags: ["t"] } }),
      jobIn("taken", { createdAt: at(4), definition: { name: "A Name" } }),
    ];
    await submit(mine, tagged, elsewhere, taken);
    await jobs.pop({ agent: "agent-1", queues: ["taken"], now: at(5) });
    await jobs.cancel(tagged.id, at(6));
    const table: [JobFilter, NewJob[]][] = [
      [{}, [taken, elsewhere, tagged, mine]],
      [{ states: [] }, [taken, elsewhere, tagged, mine]],
      [{ states: ["waiting"] }, [elsewhere, mine]],
      [{ states: ["cancelled", "running"] }, [taken, tagged]],
      [{ states: ["active"] }, [taken, elsewhere, mine]],
      [{ states: ["started"] }, [taken]],
      [{ states: ["started", "cancelled"] }, [taken, tagged]],
      [{ states: ["active", "cancelled"] }, [taken, elsewhere, tagged, mine]],
      [{ states: ["complete"] }, []],
      [{ queue: "q" }, [tagged, mine]],
      [{ tag: "t" }, [elsewhere, tagged]],
      [{ tag: "T" }, []],
      [{ submitter: "Me@example.com" }, [elsewhere, mine]],
      [{ agent: "agent-1" }, [taken]],
      [{ since: at(2) }, [taken, elsewhere, tagged]],
      [{ until: at(2) }, [mine]],
      [{ since: at(2), until: at(4) }, [elsewhere, tagged]],
      [{ text: "ME@EXAMPLE" }, [elsewhere, mine]],
      [{ text: "agent-1" }, [taken]],
      [{ text: "a name" }, [taken]],
      [{ text: "cancel" }, [tagged]],
      [{ text: mine.id.slice(4, 20).toUpperCase() }, [mine]],
      [{ text: "no such text" }, []],
      [{ text: ".*" }, []],
      [{ text: "%" }, []],
      [{ queue: "q", states: ["active"], submitter: "Me@example.com", until: at(2), text: "example" }, [mine]],
      [{ tag: "t", states: ["waiting"], queue: "p" }, [elsewhere]],
    ];
    for (const [filter, expected] of table) expect([filter, await found(filter)]).toEqual([filter, ids(expected)]);
  });

  test("keep their filter from page to page", async () => {
    const { jobs } = subject.store;
    const wanted = [1, 3, 5].map((time) => jobIn("p", { createdAt: at(time) }));
    await submit(...wanted, ...[0, 2, 4].map((time) => newJob({ createdAt: at(time) })));
    const first = await jobs.page({ queue: "p", states: ["active"] }, { limit: 2 });
    const second = await jobs.page({ queue: "p", states: ["active"] }, { limit: 2, from: first.next });
    expect([...ids(first.jobs), ...ids(second.jobs)]).toEqual(ids(wanted.toReversed()));
    expect(second.next).toBeUndefined();
  });
});

contract("jobs with a tag that very many have", (subject) => {
  test("are found in the same order and by the same filters", async () => {
    const { jobs } = subject.store;
    const tagged = Array.from({ length: 1100 }, (_, index) =>
      newJob({ createdAt: at(index), submitter: `s${index % 2}`, definition: { tags: ["frequent"] } }),
    );
    await Promise.all([...tagged, newJob({ createdAt: at(5000) })].map((job) => jobs.submit(job)));
    const { jobs: found, next } = await jobs.page({ tag: "frequent", submitter: "s1" }, { limit: 3 });
    const expected = tagged.filter(({ submitter }) => submitter === "s1").toReversed();
    expect(found.map(({ id }) => id)).toEqual(expected.slice(0, 3).map(({ id }) => id));
    const second = await jobs.page({ tag: "frequent", submitter: "s1" }, { limit: 3, from: next });
    expect(second.jobs.map(({ id }) => id)).toEqual(expected.slice(3, 6).map(({ id }) => id));
  });
});

contract("jobs in a queue", (subject) => {
  test("that wait come in the order in which agents get them", async () => {
    const { jobs } = subject.store;
    const plain = newJob({ createdAt: at(1) });
    const sameTime = newJob({ createdAt: at(1), attachments: "waiting" });
    const older = newJob({ createdAt: at(0) });
    const urgent = newJob({ createdAt: at(9), priority: 1 });
    const running = jobIn("r");
    for (const job of [plain, sameTime, older, urgent, running, jobIn("other")]) await jobs.submit(job);
    await jobs.pop({ agent: "a", queues: ["r"], now: at(10) });
    const queued = async (queue: string, limit: number) => (await jobs.queued(queue, limit)).map(({ id }) => id);
    expect(await queued("q", 10)).toEqual([urgent.id, older.id, plain.id, sameTime.id]);
    expect(await queued("q", 2)).toEqual([urgent.id, older.id]);
    expect(await queued("r", 2)).toEqual([]);
  });

  test("are counted by whether they wait, ended ones not at all", async () => {
    const { jobs } = subject.store;
    const [one, two, ended] = [jobIn("a"), jobIn("a"), jobIn("ended")];
    for (const job of [one, two, jobIn("b"), jobIn("b"), ended]) await jobs.submit(job);
    await jobs.pop({ agent: "x", queues: ["a"], now: at(1) });
    await jobs.report(ended.id, { state: "complete" }, at(2));
    expect(await jobs.depths()).toEqual(
      new Map([
        ["a", { waiting: 1, running: 1 }],
        ["b", { waiting: 2, running: 0 }],
      ]),
    );
    expect(await jobs.depths(["b", "ended", "unknown"])).toEqual(new Map([["b", { waiting: 2, running: 0 }]]));
    expect(await jobs.depths([])).toEqual(new Map());
  });
});

contract("the history of a job", (subject) => {
  const historyOf = (id: string) => subject.store.jobs.history(id);

  test("tells when the job came into which state", async () => {
    const { jobs } = subject.store;
    const job = newJob();
    await jobs.submit(job);
    expect(await historyOf(job.id)).toEqual([]);
    await jobs.pop({ agent: "a", queues: ["q"], now: at(1) });
    await jobs.report(job.id, { state: "setup" }, at(2));
    await jobs.report(job.id, { state: "setup", status: { setup: 0 } }, at(3));
    await jobs.report(job.id, { status: { setup: 0 } }, at(4));
    await jobs.report(job.id, { state: "$test" }, at(5));
    await jobs.report(job.id, { state: "complete" }, at(6));
    await jobs.report(job.id, { state: "cleanup" }, at(7));
    expect(await historyOf(job.id)).toEqual([
      { state: "setup", at: at(2) },
      { state: "$test", at: at(5) },
      { state: "complete", at: at(6) },
    ]);
  });

  test("is bounded to the last changes", async () => {
    const { jobs } = subject.store;
    const job = newJob();
    await jobs.submit(job);
    for (let turn = 0; turn < 120; turn++) await jobs.report(job.id, { state: `state ${turn}` }, at(turn));
    const history = await historyOf(job.id);
    expect(history).toHaveLength(100);
    expect([history[0]?.state, history.at(-1)?.state]).toEqual(["state 20", "state 119"]);
  });

  test("of an unknown job is empty", async () => {
    expect(await historyOf("unknown")).toEqual([]);
  });

  test("ends with the job that is replaced", async () => {
    const { jobs } = subject.store;
    const job = newJob();
    await jobs.submit(job);
    await jobs.report(job.id, { state: "complete" }, at(1));
    await jobs.submit(job);
    expect(await historyOf(job.id)).toEqual([]);
  });

  test("are counted in one answer, however many queues hold some", async () => {
    const { jobs } = subject.store;
    const queues = Array.from({ length: 250 }, (_, index) => `queue-${index}`);
    await Promise.all(queues.map((queue) => jobs.submit(jobIn(queue))));
    const depths = await jobs.depths();
    expect([...depths.keys()].toSorted()).toEqual(queues.toSorted());
    expect(new Set(depths.values().map(({ waiting, running }) => `${waiting} ${running}`))).toEqual(new Set(["1 0"]));
  });
});
