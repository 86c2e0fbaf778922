import { expect, test } from "bun:test";
import { contract } from "./contract.ts";
import { at, atOnce, newJob } from "./samples.ts";

contract("results of jobs", (subject) => {
  const running = async () => {
    const { jobs } = subject.store;
    const job = newJob();
    await jobs.submit(job);
    await jobs.pop({ agent: "a", queues: ["q"], now: at(1) });
    return job.id;
  };

  test("each given field replaces the stored one", async () => {
    const { jobs } = subject.store;
    const id = await running();
    expect(await jobs.report(id, { state: "setup" }, at(2))).toEqual({ state: "setup", stateChanged: true });
    expect(await jobs.report(id, { status: { setup: 0, provision: 2 ** 40 } }, at(3))).toEqual({
      state: "setup",
      stateChanged: false,
    });
    const deviceInfo = { device_ip: "10.0.0.1", "a.b": { $c: [null, 1.5, true] } };
    await jobs.report(id, { deviceInfo }, at(3));
    await jobs.report(id, { status: { test: -1 } }, at(4));
    expect(await jobs.find(id)).toMatchObject({ state: "setup", deviceInfo });
    expect((await jobs.find(id))?.status).toEqual({ test: -1 });
    await jobs.report(id, { deviceInfo: {}, state: "test", status: {} }, at(5));
    expect(await jobs.find(id)).toMatchObject({ state: "test", status: {}, deviceInfo: {} });
  });

  test("the same state again is no change", async () => {
    const { jobs } = subject.store;
    const id = await running();
    expect(await jobs.report(id, { state: "running" }, at(2))).toEqual({ state: "running", stateChanged: false });
  });

  test("any text is a state", async () => {
    const { jobs } = subject.store;
    const id = await running();
    expect(await jobs.report(id, { state: "$set" }, at(2))).toEqual({ state: "$set", stateChanged: true });
    expect((await jobs.find(id))?.state).toBe("$set");
    expect(await jobs.report(id, { state: "" }, at(2))).toEqual({ state: "", stateChanged: true });
  });

  test("an unknown job is null", async () => {
    expect(await subject.store.jobs.report("unknown", { state: "test" }, at(1))).toBeNull();
    expect(await subject.store.jobs.find("unknown")).toBeNull();
  });

  test.each(["complete", "cancelled", "completed"])("a job that becomes %s has ended", async (state) => {
    const { jobs } = subject.store;
    const id = await running();
    expect(await jobs.find(id)).not.toHaveProperty("endedAt");
    expect(await jobs.report(id, { state }, at(9))).toEqual({ state, stateChanged: true });
    expect(await jobs.find(id)).toMatchObject({ state, endedAt: at(9) });
  });

  test.each(["complete", "cancelled", "completed"])(
    "the state of a job that is %s never changes, its results do",
    async (state) => {
      const { jobs } = subject.store;
      const id = await running();
      await jobs.report(id, { state }, at(9));
      for (const later of ["waiting", "test", "complete", "cancelled", "completed"]) {
        const answer = await jobs.report(id, { state: later, status: { test: 1 }, deviceInfo: { later } }, at(10));
        expect(answer).toEqual({ state, stateChanged: false });
        expect(await jobs.find(id)).toMatchObject({
          state,
          endedAt: at(9),
          status: { test: 1 },
          deviceInfo: { later },
        });
      }
    },
  );

  test("a job is cancelled unless it has ended", async () => {
    const { jobs } = subject.store;
    const waiting = newJob();
    await jobs.submit(waiting);
    expect(await jobs.cancel(waiting.id, at(3))).toBe(true);
    expect(await jobs.find(waiting.id)).toMatchObject({ state: "cancelled", endedAt: at(3) });
    expect(await jobs.cancel(waiting.id, at(4))).toBe(false);
    expect((await jobs.find(waiting.id))?.endedAt).toEqual(at(3));
    expect(await jobs.cancel("unknown", at(3))).toBe(false);
  });

  test.each(["running", "provision", "allocated", "anything"])("a job that is %s can be cancelled", async (state) => {
    const id = await running();
    await subject.store.jobs.report(id, { state }, at(2));
    expect(await subject.store.jobs.cancel(id, at(3))).toBe(true);
  });

  test.each(["complete", "cancelled", "completed"])("a job that is %s cannot be cancelled", async (state) => {
    const id = await running();
    await subject.store.jobs.report(id, { state }, at(2));
    expect(await subject.store.jobs.cancel(id, at(3))).toBe(false);
    expect(await subject.store.jobs.find(id)).toMatchObject({ state, endedAt: at(2) });
  });

  test("of cancelling and completing at once exactly one wins", async () => {
    const { jobs } = subject.store;
    const ids = await atOnce(20, async () => {
      const job = newJob();
      await jobs.submit(job);
      return job.id;
    });
    const races = await atOnce(20, async (index) =>
      Promise.all([jobs.cancel(ids[index]!, at(1)), jobs.report(ids[index]!, { state: "complete" }, at(1))]),
    );
    for (const [index, [cancelled, reported]] of races.entries()) {
      expect(reported).toEqual(
        cancelled ? { state: "cancelled", stateChanged: false } : { state: "complete", stateChanged: true },
      );
      expect((await jobs.find(ids[index]!))?.state).toBe(cancelled ? "cancelled" : "complete");
    }
  });

  test("many cancels at once succeed once", async () => {
    const id = await running();
    const answers = await atOnce(20, () => subject.store.jobs.cancel(id, at(2)));
    expect(answers.filter(Boolean)).toHaveLength(1);
  });

  test("reports of different fields at once are all kept", async () => {
    const { jobs } = subject.store;
    const id = await running();
    await Promise.all([
      jobs.report(id, { state: "test" }, at(2)),
      jobs.report(id, { status: { setup: 1 } }, at(2)),
      jobs.report(id, { deviceInfo: { ip: "x" } }, at(2)),
    ]);
    expect(await jobs.find(id)).toMatchObject({ state: "test", status: { setup: 1 }, deviceInfo: { ip: "x" } });
  });

  test("results are there after a restart", async () => {
    const id = await running();
    await subject.store.jobs.report(id, { state: "complete", status: { test: 3 }, deviceInfo: { a: [1] } }, at(2));
    const before = await subject.store.jobs.find(id);
    expect(await (await subject.reopen()).jobs.find(id)).toEqual(before);
  });
});

contract("attachments of jobs", (subject) => {
  test("arrive once, while the job waits", async () => {
    const { jobs } = subject.store;
    const job = newJob({ attachments: "waiting" });
    await jobs.submit(job);
    expect(await jobs.completeAttachments(job.id)).toBe(true);
    expect((await jobs.find(job.id))?.attachments).toBe("complete");
    expect(await jobs.completeAttachments(job.id)).toBe(false);
  });

  test("of a job that has none are refused", async () => {
    const { jobs } = subject.store;
    const job = newJob();
    await jobs.submit(job);
    expect(await jobs.completeAttachments(job.id)).toBe(false);
    expect(await jobs.find(job.id)).not.toHaveProperty("attachments");
    expect(await jobs.completeAttachments("unknown")).toBe(false);
  });

  test("of a job that was cancelled meanwhile are refused", async () => {
    const { jobs } = subject.store;
    const job = newJob({ attachments: "waiting" });
    await jobs.submit(job);
    await jobs.cancel(job.id, at(1));
    expect(await jobs.completeAttachments(job.id)).toBe(false);
    expect((await jobs.find(job.id))?.attachments).toBe("waiting");
  });

  test("are taken from one of many uploads at once", async () => {
    const { jobs } = subject.store;
    const job = newJob({ attachments: "waiting" });
    await jobs.submit(job);
    const answers = await atOnce(20, () => jobs.completeAttachments(job.id));
    expect(answers.filter(Boolean)).toHaveLength(1);
  });
});
