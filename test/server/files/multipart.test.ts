import { describe, expect, test } from "bun:test";
import { uploadedFile } from "../../../src/server/files/multipart.ts";
import { Problem } from "../../../src/server/http/problem.ts";

const BOUNDARY = "----boundary";
const FORM = `multipart/form-data; boundary=${BOUNDARY}`;
const MANY = 10 * 1024 * 1024;

const part = (disposition: string, content: string): string =>
  `--${BOUNDARY}\r\nContent-Disposition: form-data; ${disposition}\r\n\r\n${content}\r\n`;
const END = `--${BOUNDARY}--\r\n`;
const file = (content: string): string => part('name="file"; filename="a.tar.gz"', content);

/** A request whose body arrives in the given pieces. */
function upload(pieces: Iterable<string>, headers: Record<string, string> = {}): Request {
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      for (const piece of pieces) controller.enqueue(new TextEncoder().encode(piece));
      controller.close();
    },
  });
  return new Request("http://localhost/", { method: "POST", headers: { "content-type": FORM, ...headers }, body });
}

async function read(request: Request, limit = MANY): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of await uploadedFile(request, limit)) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

const refusal = async (request: Request, limit = MANY): Promise<unknown> => {
  try {
    return `read: ${await read(request, limit)}`;
  } catch (error) {
    if (error instanceof Problem) return error.status;
    throw error;
  }
};

describe("The part file of a form", () => {
  const forms: [what: string, pieces: string[], content: string][] = [
    ["is read", [file("content") + END], "content"],
    ["may be empty", [file("") + END], ""],
    [
      "is found among other parts",
      [part('name="note"', "hello") + file("content") + part('name="x"; filename="y"', "no") + END],
      "content",
    ],
    ["is the first of two", [file("first") + file("second") + END], "first"],
    [
      "may hold what looks like a boundary",
      [file(`a\r\n--${BOUNDARY.slice(0, -1)}\r\nb`) + END],
      `a\r\n--${BOUNDARY.slice(0, -1)}\r\nb`,
    ],
    ["may arrive byte by byte", [...(file("content\r\n--") + END)], "content\r\n--"],
    ["may be followed by an epilogue", [file("content") + END, "epilogue"], "content"],
  ];
  test.each(forms)("%s", async (_what, pieces, content) => {
    expect(await read(upload(pieces))).toBe(content);
  });

  const refused: [what: string, request: () => Request][] = [
    ["it is missing", () => upload([part('name="other"; filename="a"', "x") + END])],
    ["it has no file name", () => upload([part('name="file"', "x") + END])],
    ["the form is empty", () => upload([END])],
    ["the body is empty", () => upload([])],
    ["the type names no boundary", () => upload([file("x") + END], { "content-type": "multipart/form-data" })],
    ["the body is JSON", () => upload(['{"file":"x"}'], { "content-type": "application/json" })],
    ["there is no body", () => new Request("http://localhost/", { method: "POST", headers: { "content-type": FORM } })],
    ["the boundary never comes", () => upload(["nothing of the kind"])],
    ["the file is cut off", () => upload([file("content").slice(0, -4)])],
    ["the form is cut off after the file", () => upload([file("content")])],
    ["another part is cut off", () => upload([file("content"), part('name="x"; filename="y"', "no").slice(0, -3)])],
  ];
  test.each(refused)("is refused when %s", async (_what, request) => {
    expect(await refusal(request())).toBe(400);
  });

  test("that the client breaks off is no whole file", async () => {
    const cut = new ReadableStream<Uint8Array>({
      start(controller) {
        controller.enqueue(new TextEncoder().encode(file("content").slice(0, -4)));
      },
      pull: (controller) => controller.error(new DOMException("The connection was closed.", "AbortError")),
    });
    const request = new Request("http://localhost/", { method: "POST", headers: { "content-type": FORM }, body: cut });
    expect(await refusal(request)).toBe(400);
  });
});

describe("The size limit of an upload", () => {
  test("lets a file of just that size in", async () => {
    expect(await read(upload([file("x".repeat(1000)) + END]), 1000)).toBe("x".repeat(1000));
  });
  test("refuses one byte more", async () => {
    expect(await refusal(upload([file("x".repeat(1001)) + END]), 1000)).toBe(413);
  });
  test("refuses an announced length without reading the body", async () => {
    const request = upload([file("x") + END], { "content-length": String(2 * MANY) });
    expect(await refusal(request, MANY - 1024 * 1024 - 1)).toBe(413);
    expect(request.bodyUsed).toBeFalse();
  });
  test("counts parts that are read over", async () => {
    const ballast = part('name="x"; filename="y"', "x".repeat(2 * 1024 * 1024));
    expect(await refusal(upload([ballast + file("x") + END]), 1000)).toBe(413);
  });
});

test("A slow reader slows the sender down", async () => {
  const PIECE = "x".repeat(64 * 1024);
  let sent = 0;
  const body = new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        controller.enqueue(new TextEncoder().encode(sent === 0 ? file(PIECE).slice(0, -2) : PIECE));
        sent++;
        if (sent === 1000) controller.close();
      },
    },
    { highWaterMark: 0 },
  );
  const request = new Request("http://localhost/", { method: "POST", headers: { "content-type": FORM }, body });
  const chunks = (await uploadedFile(request, 1024 ** 3))[Symbol.asyncIterator]();
  await chunks.next();
  for (let turn = 0; turn < 100; turn++) await new Promise(setImmediate);
  expect(sent).toBeLessThan(20);
  await chunks.return?.();
});

test("A reader that gives up ends the transfer", async () => {
  const { promise: cancelled, resolve } = Promise.withResolvers<true>();
  let sent = 0;
  const body = new ReadableStream<Uint8Array>({
    pull: (controller) =>
      controller.enqueue(new TextEncoder().encode(sent++ === 0 ? file("xx").slice(0, -2) : "x".repeat(1000))),
    cancel: () => resolve(true),
  });
  const request = new Request("http://localhost/", { method: "POST", headers: { "content-type": FORM }, body });
  for await (const _chunk of await uploadedFile(request, MANY)) break;
  expect(await cancelled).toBeTrue();
});
