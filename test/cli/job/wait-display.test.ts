import { expect, test } from "bun:test";
import { WaitDisplay } from "../../../src/cli/job/wait-display.ts";
import { screenAfter } from "../support/virtual-terminal.ts";
import { World } from "../support/world.ts";

const displayIn = ({ context }: World) => new WaitDisplay("reserve", context.clock, context.io, context.env);

test("a line tells what is waited for, where the job is and how long that took, and then disappears", async () => {
  using world = new World({ terminal: true });
  {
    using display = displayIn(world);
    display.show("waiting");
    world.clock.advance(1000);
    await Promise.resolve();
    display.show("provision");
    expect(screenAfter(world.stderr)).toEqual(["[00:01] [provision] Waiting for reserve..."]);
  }
  expect(screenAfter(world.stderr).join("")).toBe("");
  expect(world.stdout).toBe("");
});

test("a message is printed above the line", () => {
  using world = new World({ terminal: true });
  using display = displayIn(world);
  display.show("waiting");
  world.context.io.stderr.write("a warning\n");
  expect(screenAfter(world.shown)).toEqual(["a warning", "[00:00] [waiting] Waiting for reserve..."]);
  display.show("provision");
  expect(screenAfter(world.shown)).toEqual(["a warning", "[00:00] [provision] Waiting for reserve..."]);
});

test.each([
  ["a pipe", {}],
  ["a terminal that cannot move its cursor", { terminal: true, env: { TERM: "dumb" } }],
])("nothing is shown on %s", (_, options) => {
  using world = new World(options);
  using display = displayIn(world);
  display.show("waiting");
  expect(world.stderr).toBe("");
});
