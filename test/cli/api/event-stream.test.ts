import { describe, expect, test } from "bun:test";
import { UnexpectedAnswer } from "../../../src/cli/api/errors.ts";
import { serverSentEvents } from "../../../src/cli/api/event-stream.ts";

async function* chunks(...pieces: (string | Uint8Array)[]) {
  for (const piece of pieces) yield typeof piece === "string" ? new TextEncoder().encode(piece) : piece;
}

const read = (...pieces: (string | Uint8Array)[]) => Array.fromAsync(serverSentEvents(chunks(...pieces)));

describe("an event stream", () => {
  test("has events with a name, an id and data", async () => {
    expect(await read("event: state\nid: 7\ndata: x\n\n")).toEqual([{ event: "state", id: "7", data: "x" }]);
  });

  test("calls nameless events messages, and keeps the id until another comes", async () => {
    expect(await read("id: 1\ndata: a\n\ndata: b\n\n")).toEqual([
      { event: "message", id: "1", data: "a" },
      { event: "message", id: "1", data: "b" },
    ]);
  });

  test("joins several lines of data", async () => {
    expect(await read("data: a\ndata\ndata:  b\n\n")).toEqual([{ event: "message", id: undefined, data: "a\n\n b" }]);
  });

  test.each(["\n", "\r\n", "\r"])("takes %j as the end of a line, wherever the pieces break", async (end) => {
    const bytes = new TextEncoder().encode(["id: 1", "data: é", "", "data: b", "", ""].join(end));
    const expected = [
      { event: "message", id: "1", data: "é" },
      { event: "message", id: "1", data: "b" },
    ];
    // A CR at the very end waits for a possible LF.
    const last = end === "\r" ? "\r" : "";
    expect(await read(...Array.from(bytes, (byte) => Uint8Array.of(byte)), last)).toEqual(expected);
  });

  test("ignores comments, unknown fields and events without data", async () => {
    expect(await read(": alive\n\nevent: nothing\n\nretry: 5\nfoo: bar\n\n")).toEqual([]);
  });

  test("drops an event that is cut off", async () => {
    expect(await read("data: a\n\ndata: b\n")).toEqual([{ event: "message", id: undefined, data: "a" }]);
  });

  test.each([
    ["a line", ["data: 12345", "6789", "0123", "4567"]],
    ["an event", ["data: 12345\n", "data: 6789\n", "data: 0123\n"]],
  ])("ends with an error when %s never ends", async (_, pieces) => {
    await expect(Array.fromAsync(serverSentEvents(chunks(...pieces), 16))).rejects.toThrow(UnexpectedAnswer);
  });
});
