import { afterEach, beforeEach, expect, jest, test } from "bun:test";
import { Poller } from "../../../src/server/store/poller.ts";

beforeEach(() => void jest.useFakeTimers());
afterEach(() => void jest.useRealTimers());

/** A poller whose looks a test ends one by one. */
function lab() {
  const errors: unknown[] = [];
  let looks = 0;
  let current = Promise.withResolvers<void>();
  const poller = new Poller({
    look() {
      looks += 1;
      current = Promise.withResolvers<void>();
      return current.promise;
    },
    onError: (error) => errors.push(error),
    interval: 500,
  });
  /** Ends the look that is under way, and lets the poller notice. */
  const endLook = async (error?: Error) => {
    if (error) current.reject(error);
    else current.resolve();
    for (let i = 0; i < 5; i++) await Promise.resolve();
  };
  return { poller, errors, looks: () => looks, endLook };
}

test("looks once per interval while somebody waits, and never twice at a time", async () => {
  const { poller, looks, endLook } = lab();
  poller.start();
  poller.start();
  jest.advanceTimersByTime(499);
  expect(looks()).toBe(0);
  jest.advanceTimersByTime(1);
  expect(looks()).toBe(1);
  jest.advanceTimersByTime(5000);
  expect(looks()).toBe(1);
  await endLook();
  jest.advanceTimersByTime(500);
  expect(looks()).toBe(2);
});

test("ends with the last one who waits, also in the midst of a look", async () => {
  const { poller, looks, endLook } = lab();
  poller.start();
  poller.stop();
  jest.advanceTimersByTime(500);
  expect(looks()).toBe(0);
  poller.start();
  jest.advanceTimersByTime(500);
  poller.stop();
  await endLook();
  jest.advanceTimersByTime(5000);
  expect(looks()).toBe(1);
});

test("goes on when somebody begins to wait in the midst of the last look", async () => {
  const { poller, looks, endLook } = lab();
  poller.start();
  jest.advanceTimersByTime(500);
  poller.stop();
  poller.start();
  await endLook();
  jest.advanceTimersByTime(500);
  expect(looks()).toBe(2);
});

test("a database that is away is told of once, and again after it has been back", async () => {
  const { poller, errors, endLook } = lab();
  const look = async (error?: Error) => {
    jest.advanceTimersByTime(500);
    await endLook(error);
  };
  const [first, second] = [new Error("away"), new Error("away again")];
  poller.start();
  await look(first);
  await look(new Error("still away"));
  expect(errors).toEqual([first]);
  await look();
  await look(second);
  expect(errors).toEqual([first, second]);
});
