import { expect, test } from "bun:test";
import { contract } from "./contract.ts";
import { at, atOnce, START } from "./samples.ts";

const MINUTE = 60_000;

contract("attempts", (subject) => {
  const count = (keys: string[], now = START) => subject.store.attempts.count(keys, now, MINUTE);
  const find = (keys: string[], now = START) => subject.store.attempts.find(keys, now);

  test("are counted by key, in a window that begins with the first", async () => {
    expect(await count(["a"])).toEqual([{ count: 1, windowEndsAt: at(60) }]);
    expect(await count(["a", "b"], at(30))).toEqual([
      { count: 2, windowEndsAt: at(60) },
      { count: 1, windowEndsAt: at(90) },
    ]);
    expect(await find(["b", "unknown", "a"], at(59))).toEqual([
      { count: 1, windowEndsAt: at(90) },
      null,
      { count: 2, windowEndsAt: at(60) },
    ]);
  });

  test("are forgotten when their window ends", async () => {
    await count(["a"]);
    expect(await find(["a"], at(60))).toEqual([null]);
    expect(await count(["a"], at(60))).toEqual([{ count: 1, windowEndsAt: at(120) }]);
  });

  test("at once are all counted, from the first on", async () => {
    const answers = await atOnce(50, () => count(["a"]));
    expect(answers.map(([attempts]) => attempts!.count).toSorted((a, b) => a - b)).toEqual(
      Array.from({ length: 50 }, (_, index) => index + 1),
    );
  });

  const take = (limit: number, now = START) => subject.store.attempts.take("a", limit, now, MINUTE);

  test("are taken up to a limit, and anew in the next window", async () => {
    expect(await take(2)).toEqual({ count: 1, windowEndsAt: at(60) });
    expect(await take(2, at(59))).toEqual({ count: 2, windowEndsAt: at(60) });
    expect(await take(2, at(59))).toBeNull();
    expect(await take(3, at(59))).toEqual({ count: 3, windowEndsAt: at(60) });
    expect(await take(2, at(60))).toEqual({ count: 1, windowEndsAt: at(120) });
  });

  test("that are taken at once are no more than may be", async () => {
    const taken = await atOnce(50, () => take(10));
    expect(
      taken
        .filter(Boolean)
        .map((attempts) => attempts!.count)
        .toSorted((a, b) => a - b),
    ).toEqual(Array.from({ length: 10 }, (_, index) => index + 1));
  });

  test("that are given back leave room, in their own window only", async () => {
    const { attempts } = subject.store;
    const first = (await take(1))!;
    await attempts.giveBack("a", first.windowEndsAt);
    await attempts.giveBack("a", first.windowEndsAt);
    expect(await find(["a"])).toEqual([{ count: 0, windowEndsAt: at(60) }]);
    expect(await take(1, at(60))).toEqual({ count: 1, windowEndsAt: at(120) });
    await attempts.giveBack("a", first.windowEndsAt);
    await attempts.giveBack("unknown", first.windowEndsAt);
    expect(await take(1, at(60))).toBeNull();
  });

  test("outlive a restart, and are swept when their window has ended", async () => {
    await count(["a"]);
    await count(["b"], at(30));
    const store = await subject.reopen();
    await store.sweep(at(60));
    // As found by a clock that has not come that far: swept, not only out of date.
    expect(await store.attempts.find(["a", "b"], START)).toEqual([null, { count: 1, windowEndsAt: at(90) }]);
  });

  test("under no key are none", async () => {
    expect([await count([]), await find([])]).toEqual([[], []]);
  });
});
