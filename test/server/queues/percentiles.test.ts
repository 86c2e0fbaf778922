import { expect, test } from "bun:test";
import { percentiles } from "../../../src/server/queues/percentiles.ts";

test.each<[number[], Record<string, number>]>([
  [[], {}],
  [[7], { 5: 7, 10: 7, 50: 7, 90: 7, 95: 7 }],
  [[3, 1, 2], { 5: 1.1, 10: 1.2, 50: 2, 90: 2.8, 95: 2.9 }],
])("percentiles of %j interpolate between neighbours", (samples, wanted) => {
  const actual = percentiles(samples);
  expect(Object.keys(actual)).toEqual(Object.keys(wanted));
  for (const [percent, value] of Object.entries(wanted)) expect(actual[percent]).toBeCloseTo(value, 9);
});
