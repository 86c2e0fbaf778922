import { describe, expect, test } from "bun:test";
import { MAX_JSON_DEPTH, readJson } from "../../../src/server/http/body.ts";
import { Problem } from "../../../src/server/http/problem.ts";

const JSON_TYPE = "application/json";

const read = (body: BodyInit | undefined, type?: string, limit?: number): Promise<unknown> =>
  readJson(
    new Request("http://localhost/v1/job", { method: "POST", body, headers: type ? { "content-type": type } : {} }),
    limit,
  );

/** Status and text with which a body is refused. */
async function refusal(body: BodyInit, limit?: number): Promise<unknown> {
  try {
    return await read(body, JSON_TYPE, limit);
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    return [error.status, error.content];
  }
}

const nested = (levels: number, open: string, close: string) => open.repeat(levels) + "1" + close.repeat(levels);

describe("a body is JSON by its content type (server-api section 1.2)", () => {
  test.each<[string, string | undefined, unknown]>([
    ["application/json", JSON_TYPE, { a: 1 }],
    ["its charset", "application/json; charset=utf-8", { a: 1 }],
    ["in capitals", "Application/JSON", { a: 1 }],
    ["a kind of JSON", "application/problem+json", { a: 1 }],
    ["text", "text/plain", {}],
    ["a form", "application/x-www-form-urlencoded", {}],
    ["something like it", "application/jsonp", {}],
  ])("%s", async (_, type, wanted) => expect(await read('{"a":1}', type)).toEqual(wanted));

  test("no type counts as no body", async () =>
    expect(await readJson(new Request("http://localhost", { method: "POST", body: new Uint8Array([1]) }))).toEqual({}));

  test("an empty body counts as an empty object, null does not", async () => {
    expect(await read("", JSON_TYPE)).toEqual({});
    expect(await read(undefined, JSON_TYPE)).toEqual({});
    expect(await read("null", JSON_TYPE)).toBeNull();
  });
});

describe("a body is refused as it is read", () => {
  test.each<[string, BodyInit]>([
    ["blanks", "  "],
    ["half an object", '{"a":'],
    ["a word", "NaN"],
    ["two values", "{} {}"],
    ["bytes that are no UTF-8", new Uint8Array([0x22, 0xff, 0x22])],
  ])("400: %s", async (_, body) => expect(await refusal(body)).toEqual([400, "Bad Request"]));

  test("413: at its limit, whether its length is announced or not", async () => {
    const text = JSON.stringify("x".repeat(98));
    expect(await refusal(text, 101)).toBe("x".repeat(98));
    expect(await refusal(text, 100)).toEqual([413, "Payload too large"]);
    expect(await refusal(new Blob([text]).stream(), 100)).toEqual([413, "Payload too large"]);
  });

  test.each([
    ["lists", "[", "]"],
    ["objects", '{"a":', "}"],
  ])("413: %s nested deeper than a database keeps them", async (_, open, close) => {
    expect(await refusal(nested(MAX_JSON_DEPTH, open, close))).toBeObject();
    for (const levels of [MAX_JSON_DEPTH + 1, 5000, 100_000])
      expect(await refusal(nested(levels, open, close))).toEqual([413, "The body is nested deeper than 90 levels"]);
  });
});

/** A client that sends a byte now and then must not hold what it has sent, and its connection, for ever. */
test("a body that does not come to its end in time is refused, and not read any further", async () => {
  let cancelled = false;
  const body = new ReadableStream({
    start: (controller) => controller.enqueue(new TextEncoder().encode('{"a":')),
    cancel: () => void (cancelled = true),
  });
  const request = new Request("http://localhost/v1/job", {
    method: "POST",
    body,
    headers: { "content-type": JSON_TYPE },
  });
  const refused = await readJson(request, undefined, 10).catch((error: unknown) => error);
  expect(refused).toMatchObject({ status: 408, content: "The body of the request took too long." });
  expect(cancelled).toBe(true);
});
