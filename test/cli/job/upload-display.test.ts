import { expect, test } from "bun:test";
import { UploadDisplay } from "../../../src/cli/job/upload-display.ts";
import { World } from "../support/world.ts";

const ERASE = "\r\u001b[K";

test("an upload is shown in one line, not more than five times a second", () => {
  using world = new World({ terminal: true });
  const display = new UploadDisplay(world.context.io.stderr, world.clock);
  display.show({ sent: 0, total: 5_000_000 });
  world.clock.advance(100);
  display.show({ sent: 1_000_000, total: 5_000_000 });
  world.clock.advance(100);
  display.show({ sent: 2_999_999, total: 5_000_000 });
  display.clear();
  display.clear();
  expect(world.stderr).toBe(
    `${ERASE}Uploading attachments: 0 % of 5.0 MB${ERASE}Uploading attachments: 59 % of 5.0 MB${ERASE}`,
  );
});

test("an upload is not shown where there is no terminal", () => {
  using world = new World();
  const display = new UploadDisplay(world.context.io.stderr, world.clock);
  display.show({ sent: 0, total: 5 });
  display.clear();
  expect(world.stderr).toBe("");
});

test("the line fits a narrow terminal", () => {
  using world = new World({ terminal: true, columns: 20 });
  new UploadDisplay(world.context.io.stderr, world.clock).show({ sent: 1, total: 1 });
  expect(world.stderr.slice(ERASE.length)).toHaveLength(19);
});
