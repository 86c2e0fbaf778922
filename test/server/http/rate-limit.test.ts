import { expect, test } from "bun:test";
import { RateLimit } from "../../../src/server/http/rate-limit.ts";
import { TestClock } from "../../support/clock.ts";

const limited = (limit: number) => {
  const clock = new TestClock();
  return { clock, rate: new RateLimit({ limit, window: 60_000, now: clock.now }) };
};

test("calls within the limit pass, the next one is told how long to wait", () => {
  const { rate, clock } = limited(2);
  expect([rate.count("a"), rate.count("a")]).toEqual([0, 0]);
  clock.advance(20.5);
  expect(rate.count("a")).toBe(40);
});

test("keys do not share a limit", () => {
  const { rate } = limited(1);
  expect([rate.count("a"), rate.count("b")]).toEqual([0, 0]);
});

test("a new window begins when the old one has ended", () => {
  const { rate, clock } = limited(1);
  rate.count("a");
  clock.advance(60);
  expect(rate.count("a")).toBe(0);
});

test("a flood of keys cannot fill the memory: the oldest are forgotten", () => {
  const { rate } = limited(1);
  rate.count("first");
  for (let key = 0; key < 20_000; key++) rate.count(String(key));
  expect(rate.count("19999")).toBeGreaterThan(0);
  expect(rate.count("first")).toBe(0);
});
