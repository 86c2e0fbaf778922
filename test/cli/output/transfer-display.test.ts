import { expect, test } from "bun:test";
import { TransferDisplay } from "../../../src/cli/output/transfer-display.ts";
import { screenAfter } from "../support/virtual-terminal.ts";
import { World } from "../support/world.ts";

const displayIn = ({ context, clock }: World) =>
  new TransferDisplay("Uploading", context.io.stderr, clock, context.env);

test("a transfer is shown in one line, not more than five times a second", () => {
  using world = new World({ terminal: true });
  const display = displayIn(world);
  display.show({ done: 0, total: 5_000_000 });
  world.clock.advance(100);
  display.show({ done: 1_000_000, total: 5_000_000 });
  expect(screenAfter(world.stderr)).toEqual(["Uploading: 0 % of 5.0 MB"]);
  world.clock.advance(100);
  display.show({ done: 2_999_999, total: 5_000_000 });
  expect(screenAfter(world.stderr)).toEqual(["Uploading: 59 % of 5.0 MB"]);
  display.clear();
  display.clear();
  expect(screenAfter(world.stderr)).toEqual([""]);
});

test("a transfer of unknown length is shown by what has come", () => {
  using world = new World({ terminal: true });
  displayIn(world).show({ done: 12_345_678, total: undefined });
  expect(world.stderr).toBe("Uploading: 12 MB");
});

test("a message is printed above the line", () => {
  using world = new World({ terminal: true });
  const display = displayIn(world);
  display.show({ done: 1, total: 2 });
  world.context.io.stderr.write("a warning\n");
  expect(screenAfter(world.stderr)).toEqual(["a warning", "Uploading: 50 % of 0.0 MB"]);
  display.clear();
  world.context.io.stderr.write("another\n");
  expect(screenAfter(world.stderr)).toEqual(["a warning", "another", ""]);
});

test.each([
  ["without a terminal", {}],
  ["with NO_COLOR", { terminal: true, env: { NO_COLOR: "1" } }],
  ["on a terminal that cannot move its cursor", { terminal: true, env: { TERM: "dumb" } }],
])("nothing is shown %s", (_, options) => {
  using world = new World(options);
  const display = displayIn(world);
  display.show({ done: 0, total: 5 });
  display.clear();
  expect(world.stderr).toBe("");
});

test("the line fits a narrow terminal", () => {
  using world = new World({ terminal: true, columns: 20 });
  displayIn(world).show({ done: 1, total: 1 });
  expect(world.stderr).toHaveLength(19);
});
