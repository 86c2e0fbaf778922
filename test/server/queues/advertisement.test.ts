import { expect, test } from "bun:test";
import { assertAdvertisement, assertImages } from "../../../src/server/queues/advertisement.ts";
import { MAX_INDEXED } from "../../../src/shared/wire.ts";

const queues = <Told>(count: number, told: Told) =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [`queue-${index}`, told]));

test.each([
  ["descriptions", assertAdvertisement, ""],
  ["images", assertImages, {}],
])("more queues than a lab has are refused at once, with their %s", (_, assert, told) => {
  const check: (body: Record<string, unknown>) => void = assert;
  expect(() => check(queues(MAX_INDEXED, told))).not.toThrow();
  expect(() => check(queues(MAX_INDEXED + 1, told))).toThrow(
    expect.objectContaining({
      detail: { json: { _schema: ["At most 10000 queues can be told of at once"] } },
    }),
  );
});
