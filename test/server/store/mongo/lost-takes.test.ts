import { describe, expect, test } from "bun:test";
import { ObjectId } from "mongodb";
import { type LostTake, LostTakes } from "../../../../src/server/store/mongo/lost-takes.ts";

const FIRST = 12_000;
const QUARTER_OF_AN_HOUR = 15 * 60_000;

/** Takes whose looks happen when the test says so. */
function lab() {
  const looks: LostTake[] = [];
  const pauses: number[] = [];
  let scheduled: (() => void)[] = [];
  let answer: () => Promise<boolean> = async () => false;
  const lost = new LostTakes({
    firstPause: FIRST,
    putBack: (take) => {
      looks.push(take);
      return answer();
    },
    schedule: (call, milliseconds) => {
      pauses.push(milliseconds);
      return scheduled.push(call) as unknown as Timer;
    },
  });
  return {
    lost,
    looks,
    pauses,
    pending: () => scheduled.length,
    answers: (next: () => Promise<boolean>) => {
      answer = next;
    },
    /** Time goes on to the next looks, and what follows from them. */
    async pass(): Promise<void> {
      const calls = scheduled;
      scheduled = [];
      for (const call of calls) call();
      await new Promise((resolve) => setImmediate(resolve));
    },
  };
}

const take = (agent: string): LostTake => ({ take: new ObjectId(), agent });

describe("takes of jobs whose answer was lost", () => {
  test("are looked for ever more rarely, until no request can be under way any more", async () => {
    const { lost, looks, pauses, pass, pending } = lab();
    const one = take("a");
    lost.add(one);
    while (pending() > 0) await pass();
    expect(new Set(looks)).toEqual(new Set([one]));
    expect(pauses.slice(0, 3)).toEqual([FIRST, 2 * FIRST, 4 * FIRST]);
    expect(pauses.reduce((sum, pause) => sum + pause)).toBeGreaterThan(QUARTER_OF_AN_HOUR);
    expect(looks.length).toBeLessThan(12);
  });

  test("are settled when their job is back in the queue", async () => {
    const { lost, looks, answers, pass, pending } = lab();
    lost.add(take("a"));
    await pass();
    answers(async () => true);
    await pass();
    expect(looks).toHaveLength(2);
    expect(pending()).toBe(0);
  });

  test("are looked for at the same pace while the database is away", async () => {
    const { lost, pauses, answers, pass } = lab();
    lost.add(take("a"));
    answers(() => Promise.reject(new Error("away")));
    for (let look = 0; look < 4; look++) await pass();
    expect(pauses).toEqual([FIRST, FIRST, FIRST, FIRST, FIRST]);
  });

  test("do not wait for each other", async () => {
    const { lost, looks, pass } = lab();
    const [first, second] = [take("a"), take("b")];
    lost.add(first);
    await pass();
    lost.add(second);
    await pass();
    expect(looks).toEqual([first, first, second]);
  });

  test("are looked for no more when the store is closed", async () => {
    const { lost, pass, pending } = lab();
    lost.add(take("a"));
    lost.close();
    await pass();
    lost.add(take("b"));
    expect(pending()).toBe(0);
  });
});
