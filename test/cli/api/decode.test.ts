import { describe, expect, test } from "bun:test";
import { errorOf, jsonDocument, jsonValue } from "../../../src/cli/api/decode.ts";
import { HttpError, UnexpectedAnswer, VpnError } from "../../../src/cli/api/errors.ts";
import { anyObject } from "../../../src/cli/api/shapes.ts";
import { Float } from "../../../src/cli/format/json-value.ts";

describe("the error of an answer (cli section 4.2)", () => {
  const rows: [name: string, status: number, body: string, message: string][] = [
    ["is the message of a JSON object", 500, '{"message": "the reason"}', "the reason"],
    ["is the whole body of an object without a message", 404, '{"other": 1}', '{"other": 1}'],
    ["writes a message that is no text in Python's notation", 500, '{"message": ["a"]}', "['a']"],
    ["is plain text as it is", 502, "bad gateway\n", "bad gateway\n"],
    ["may be empty", 500, "", ""],
    ["is the whole body when that is JSON, but no object", 500, '["x"]', '["x"]'],
    ["is an ordinary one for a 403 with JSON", 403, '{"message": "no"}', "no"],
    ["keeps control sequences of the server from the terminal", 500, "a\u001b]0;title\u0007\u202eb", "a]0;titleb"],
    [
      "names the fields of a 422",
      422,
      '{"message": "bad", "detail": {"json": {"a": ["x"], "b": {"c": null}}}}',
      "bad - a: ['x'], b: {'c': None}",
    ],
    ["shows texts of a 422 bare", 422, '{"message": "bad", "detail": {"json": {"e": "text"}}}', "bad - e: text"],
    [
      "keeps the digits of a 422",
      422,
      '{"message": "bad", "detail": {"json": {"n": [1.0, 12345678901234567890]}}}',
      "bad - n: [1.0, 12345678901234567890]",
    ],
    ["is the message alone for a 422 without fields", 422, '{"message": "bad", "detail": {"json": {}}}', "bad"],
    ["is the message alone for a 422 whose detail is text", 422, '{"message": "bad", "detail": "text"}', "bad"],
    ["ignores the fields of other statuses", 400, '{"message": "bad", "detail": {"json": {"a": ["x"]}}}', "bad"],
  ];
  test.each(rows)("%s", (_, status, body, message) => {
    const error = errorOf(status, body);
    expect(error).toBeInstanceOf(HttpError);
    expect(error).toMatchObject({ status, message, body });
  });

  test.each(["", "<html>403</html>", "no"])("is the VPN page for a 403 that is no JSON: %j", (body) => {
    const error = errorOf(403, body);
    expect(error).toBeInstanceOf(VpnError);
    expect(error.message).toBe(
      "403 Forbidden Error: Server access requires a VPN connection.\n" +
        "Please make sure you are connected to the VPN and try again.",
    );
  });
});

describe("a JSON answer", () => {
  test("is read without loss as a document", () => {
    const { json, value } = jsonDocument('{"10": 1.0, "2": 12345678901234567890}', "GET /x", anyObject());
    expect(json).toEqual(
      new Map<string, unknown>([
        ["10", new Float(1)],
        ["2", 12345678901234567890n],
      ]) as never,
    );
    expect(value).toEqual({ 10: 1, 2: Number(12345678901234567890n) });
  });

  test("may hold NaN, as Python writes it", () => {
    expect(jsonValue<object>('{"a": NaN}', "GET /x", anyObject())).toEqual({ a: NaN });
  });

  test.each(["<html><title>Maintenance</title>", "", "[1]", "null"])("that is no object is unexpected: %j", (body) => {
    expect(() => jsonValue(body, "GET /x", anyObject())).toThrow(UnexpectedAnswer);
    expect(() => jsonDocument(body, "GET /x", anyObject())).toThrow(UnexpectedAnswer);
  });

  test("names the request and the beginning of what came instead", () => {
    expect(() => jsonValue("<html>\u001b[31mMaintenance", "GET /x", anyObject())).toThrow(
      "Unexpected answer to GET /x: <html>[31mMaintenance",
    );
  });
});
