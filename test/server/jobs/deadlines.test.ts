import { afterEach, beforeEach, expect, jest, test } from "bun:test";
import { Deadlines } from "../../../src/server/jobs/deadlines.ts";

beforeEach(() => void jest.useFakeTimers());
afterEach(() => void jest.useRealTimers());

/** Deadlines at a time that passes by `pass`, and what has expired. */
function deadlines() {
  let time = 1000.4;
  const expired: string[] = [];
  const all = new Deadlines<string>({ elapsed: () => time, expire: (item) => expired.push(item) });
  const pass = (milliseconds: number) => {
    time += milliseconds;
    jest.advanceTimersByTime(milliseconds);
  };
  return { all, expired, pass };
}

test("nothing expires before its time, and everything soon after", () => {
  const { all, expired, pass } = deadlines();
  all.add("later", 5000);
  all.add("soon", 50);
  pass(49);
  expect(expired).toEqual([]);
  pass(101);
  expect(expired).toEqual(["soon"]);
  pass(4849);
  expect(expired).toEqual(["soon"]);
  pass(101);
  expect(expired).toEqual(["soon", "later"]);
});

test("what is taken out does not expire", () => {
  const { all, expired, pass } = deadlines();
  const slot = all.add("a", 1000);
  all.add("b", 1000);
  all.remove("a", slot);
  pass(2000);
  expect(expired).toEqual(["b"]);
});

test("a thousand that end together need one timer, and none when all are taken out", () => {
  const { all } = deadlines();
  const slots = Array.from({ length: 1000 }, (_, i) => [String(i), all.add(String(i), 50_000)] as const);
  expect(jest.getTimerCount()).toBe(1);
  for (const [item, slot] of slots) all.remove(item, slot);
  expect(jest.getTimerCount()).toBe(0);
});

test("what comes while others expire, at the same moment, expires as well", () => {
  let time = 0;
  const expired: string[] = [];
  const all: Deadlines<string> = new Deadlines({
    elapsed: () => time,
    expire(item) {
      expired.push(item);
      if (item === "a") all.add("b", 0);
    },
  });
  all.add("a", 100);
  time = 100;
  jest.advanceTimersByTime(100);
  jest.advanceTimersByTime(1);
  expect(expired).toEqual(["a", "b"]);
});

test("what takes itself out as it expires leaves nothing behind", () => {
  const all: Deadlines<string> = new Deadlines({ elapsed: () => 0, expire: (item) => all.remove(item, slot) });
  const slot = all.add("a", 10);
  all.add("b", 10);
  jest.advanceTimersByTime(200);
  expect(slot.items.size).toBe(0);
  expect(jest.getTimerCount()).toBe(0);
});
