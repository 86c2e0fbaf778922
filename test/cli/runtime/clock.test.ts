import { expect, test } from "bun:test";
import { systemClock } from "../../../src/cli/runtime/clock.ts";

test("a sleep ends with the reason for which it is broken off", async () => {
  const controller = new AbortController();
  const sleep = systemClock.sleep(60_000, controller.signal);
  const reason = new Error("enough");
  controller.abort(reason);
  expect(sleep).rejects.toBe(reason);
});

test("a sleep does not begin when it has been broken off before", () => {
  const reason = new Error("enough");
  expect(systemClock.sleep(60_000, AbortSignal.abort(reason))).rejects.toBe(reason);
});

test("a sleep comes to its end", async () => {
  await systemClock.sleep(0);
});
