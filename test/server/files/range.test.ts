import { describe, expect, test } from "bun:test";
import { requestedRange } from "../../../src/server/files/range.ts";

const REPRESENTATION = { length: 1000, etag: '"v1"' };

const ask = (range: string | null, more: Record<string, string> = {}, method = "GET", length = 1000) =>
  requestedRange(
    { method, headers: new Headers({ ...(range === null ? {} : { range }), ...more }) },
    { ...REPRESENTATION, length },
  );

describe("The range of a request", () => {
  test.each<[string, ReturnType<typeof requestedRange>]>([
    ["bytes=0-0", { start: 0, end: 1 }],
    ["bytes=0-999", { start: 0, end: 1000 }],
    ["bytes=500-", { start: 500, end: 1000 }],
    ["bytes=999-", { start: 999, end: 1000 }],
    ["bytes=500-5000", { start: 500, end: 1000 }],
    ["bytes=500-99999999999999999999999999", { start: 500, end: 1000 }],
    ["bytes=-1", { start: 999, end: 1000 }],
    ["bytes=-5000", { start: 0, end: 1000 }],
    ["Bytes= 1-2 ", { start: 1, end: 3 }],
    ["bytes=1000-", "unsatisfiable"],
    ["bytes=99999999999999999999-", "unsatisfiable"],
    ["bytes=-0", "unsatisfiable"],
    // Not a range, or several: all is sent.
    ["bytes=5-1", null],
    ["bytes=", null],
    ["bytes=-", null],
    ["bytes=a-b", null],
    ["bytes=0-1,5-6", null],
    ["bytes=1.5-2", null],
    ["bytes=--5", null],
    ["lines=0-1", null],
    ["0-1", null],
    ["", null],
  ])("%p means %p", (header, range) => expect(ask(header)).toEqual(range));

  test("is none without the header", () => expect(ask(null)).toBeNull());
  test("counts for GET only", () => expect(ask("bytes=0-1", {}, "HEAD")).toBeNull());

  test.each([
    ["bytes=0-0", "unsatisfiable"],
    ["bytes=-5", null],
  ] as const)("of an empty file: %p means %p", (header, range) => expect(ask(header, {}, "GET", 0)).toBe(range));

  test.each([
    ['"v1"', { start: 5, end: 1000 }],
    ['"v0"', null],
    ['W/"v1"', null],
    ["v1", null],
    ['"v1", "v0"', null],
    ["Wed, 25 Nov 2026 01:00:00 GMT", null],
    ["", null],
  ] as const)("with If-Range: %s is %p", (validator, range) => {
    expect(ask("bytes=5-", { "if-range": validator })).toEqual(range);
    expect(ask("bytes=5000-", { "if-range": validator })).toBe(range === null ? null : "unsatisfiable");
  });
});
