import { describe, expect, test } from "bun:test";
import { StatusLine } from "../../../src/cli/poll/status-line.ts";
import { TerminalScreen } from "../../../src/cli/poll/terminal-screen.ts";
import { screenAfter } from "../support/virtual-terminal.ts";
import { World } from "../support/world.ts";

function statusLine(state: string) {
  const world = new World({ terminal: true });
  const line = new StatusLine(new TerminalScreen(world.context.io.stdout, world.context.io.stderr), world.clock, state);
  return {
    world,
    line,
    shown: () => screenAfter(world.stdout),
    /** Lets a second pass, as often as wanted. */
    async pass(seconds: number) {
      for (let i = 0; i < seconds; i++) {
        await world.clock.untilSomeoneSleeps();
        world.clock.advance(1000);
      }
      await world.clock.untilSomeoneSleeps();
    },
  };
}

describe("the status line", () => {
  test("counts from the beginning, once a second, across states", async () => {
    const { line, pass, shown } = statusLine("waiting");
    expect(shown()).toEqual(["[00:00] [waiting] Waiting on a node to become available..."]);
    await pass(65);
    expect(shown()).toEqual(["[01:05] [waiting] Waiting on a node to become available..."]);
    line.enter("test");
    expect(shown()).toEqual(["[01:05] [test] Waiting on output..."]);
  });

  test("says in place of the device that a deployment goes on", () => {
    const { line, shown } = statusLine("provision");
    line.show("flashing\n2026 INFO: 1 minute(s) passed since deployment.\n");
    line.show("2026 INFO: 2 minute(s) passed since deployment.\nbooting\n");
    expect(shown()).toEqual([
      "flashing",
      "[00:00] [provision] Deployment in progress...",
      "booting",
      "[00:00] [provision] Deployment in progress...",
    ]);
  });

  test("keeps such lines in other states", () => {
    const { line, shown } = statusLine("test");
    line.show("INFO: 1 minute(s) passed since deployment.\n");
    expect(shown()[0]).toBe("INFO: 1 minute(s) passed since deployment.");
  });

  test("counts down to the end that the log of the reservation names, and to no guess", async () => {
    const { line, pass, shown } = statusLine("reserve");
    expect(shown()).toEqual(["[00:00] [reserve] Device reserved"]);
    line.show("Reservation expires at: [2026-11-23T11:00:05Z]\n");
    await pass(5);
    expect(shown().at(-1)).toMatch(/^\[01:00:00\] \[reserve\] Reservation expires at: \[2026-11-23T\d\d:00:05\]$/);
    line.enter("cleanup");
    expect(shown().at(-1)).toBe("[00:05] [cleanup] Waiting on output...");
  });

  test("stops at zero", async () => {
    const { line, pass, shown } = statusLine("reserve");
    line.show("Reservation expires at: [2026-11-23T10:00:01Z]\n");
    await pass(3);
    expect(shown().at(-1)).toStartWith("[00:00] [reserve]");
  });

  test("leaves the screen to a prompt and comes back", async () => {
    const { line, pass, shown } = statusLine("test");
    line.pause();
    await pass(2);
    expect(shown()).toEqual([""]);
    line.resume();
    expect(shown()).toEqual(["[00:02] [test] Waiting on output..."]);
  });

  test.each([
    ["complete", "[00:07] [complete] Job complete - Total time in use: 00:00:07"],
    ["cancelled", "[00:07] [cancelled] Job cancelled - Total time in use: 00:00:07"],
  ])("ends a job that is %s with the total time", async (state, summary) => {
    const { line, pass, shown } = statusLine("test");
    await pass(7);
    line.enter(state);
    line.close();
    expect(shown()).toEqual([summary, ""]);
  });

  test("draws no more once it is closed", async () => {
    const { world, line } = statusLine("test");
    line.close();
    const before = world.stdout;
    world.clock.advance(5000);
    expect(world.stdout).toBe(before);
    expect(world.clock.sleepers).toBe(0);
  });
});
