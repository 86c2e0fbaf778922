import { describe, expect, test } from "bun:test";
import { PutBacks } from "../../../../src/server/store/mongo/put-backs.ts";

const FIRST = 12_000;
const QUARTER_OF_AN_HOUR = 15 * 60_000;

/** Tries that happen when the test says so. */
function lab() {
  const pauses: number[] = [];
  let scheduled: (() => void)[] = [];
  const putBacks = new PutBacks({
    firstPause: FIRST,
    schedule: (call, milliseconds) => {
      pauses.push(milliseconds);
      return scheduled.push(call) as unknown as Timer;
    },
  });
  return {
    putBacks,
    pauses,
    pending: () => scheduled.length,
    /** Time goes on to the next tries, and what follows from them. */
    async pass(): Promise<void> {
      const calls = scheduled;
      scheduled = [];
      for (const call of calls) call();
      await new Promise((resolve) => setImmediate(resolve));
    },
  };
}

describe("putting a job back that nobody was told of", () => {
  test("is tried ever more rarely, until no request can be under way any more", async () => {
    const { putBacks, pauses, pass, pending } = lab();
    let tries = 0;
    putBacks.add(async () => {
      tries += 1;
      return false;
    });
    while (pending() > 0) await pass();
    expect(pauses.slice(0, 3)).toEqual([FIRST, 2 * FIRST, 4 * FIRST]);
    expect(pauses.reduce((sum, pause) => sum + pause)).toBeGreaterThan(QUARTER_OF_AN_HOUR);
    expect(tries).toBe(pauses.length);
    expect(tries).toBeLessThan(12);
  });

  test("ends when it is settled", async () => {
    const { putBacks, pauses, pass, pending } = lab();
    const settled = [false, true];
    putBacks.add(async () => settled.shift()!);
    await pass();
    await pass();
    expect(pauses).toHaveLength(2);
    expect(pending()).toBe(0);
  });

  test("goes on at the same pace while the database is away", async () => {
    const { putBacks, pauses, pass } = lab();
    putBacks.add(() => Promise.reject(new Error("away")));
    for (let attempt = 0; attempt < 4; attempt++) await pass();
    expect(pauses).toEqual([FIRST, FIRST, FIRST, FIRST, FIRST]);
  });

  test("does not wait for other jobs", async () => {
    const { putBacks, pass } = lab();
    const tried: string[] = [];
    const unsettled = (job: string) => async () => {
      tried.push(job);
      return false;
    };
    putBacks.add(unsettled("first"));
    await pass();
    putBacks.add(unsettled("second"));
    await pass();
    expect(tried).toEqual(["first", "first", "second"]);
  });

  test("ends with the store", async () => {
    const { putBacks, pass, pending } = lab();
    putBacks.add(async () => false);
    putBacks.close();
    await pass();
    putBacks.add(async () => false);
    expect(pending()).toBe(0);
  });
});
