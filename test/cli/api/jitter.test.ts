import { expect, test } from "bun:test";
import { BackOff } from "../../../src/cli/api/back-off.ts";
import { ConnectionFailure } from "../../../src/cli/api/errors.ts";
import { jittered } from "../../../src/cli/api/jitter.ts";
import { createLog } from "../../../src/cli/log.ts";
import { Trouble } from "../../../src/cli/poll/trouble.ts";
import { World } from "../support/world.ts";

const FAILURE = new ConnectionFailure("no answer", "connection");

test.each([
  [0, 750],
  [0.5, 1_000],
  [1, 1_250],
])("with chance %p a pause of a second is one of %p milliseconds", (chance, ms) => {
  expect(jittered(1_000, () => chance)).toBe(ms);
});

/** The pauses that clients make one after the other when all see the same failures, with chances of their own. */
async function pauses(pause: (context: World["context"]) => Promise<unknown>, chances: readonly number[]) {
  return Promise.all(
    chances.map(async (chance) => {
      using world = new World();
      await world.clock.run(pause({ ...world.context, random: () => chance }));
      return world.clock.slept;
    }),
  );
}

test("clients whose requests fail at the same time come back at different ones", async () => {
  const twice = async (context: World["context"]) => {
    const backOff = new BackOff(context, createLog(context), 3);
    for (let failures = 0; failures < 2; failures++) {
      backOff.failed(FAILURE);
      await backOff.ready();
    }
  };
  expect(await pauses(twice, [0, 0.5])).toEqual([
    [1_500, 3_000],
    [2_000, 4_000],
  ]);
});

test("clients that follow jobs of a server in trouble come back at different times", async () => {
  const twice = async (context: World["context"]) => {
    const trouble = new Trouble(context, createLog(context), new AbortController().signal);
    for (let failures = 0; failures < 2; failures++) await trouble.waitOut(FAILURE);
  };
  expect(await pauses(twice, [0, 0.5])).toEqual([
    [750, 1_500],
    [1_000, 2_000],
  ]);
});
