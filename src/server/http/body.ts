import { Problem } from "./problem.ts";

/** Bytes of a JSON body at the most: what a database document may hold (server-api section 1.8). */
export const MAX_JSON_BODY = 16 * 1024 * 1024;

/**
 * Levels of objects and lists in a JSON body at the most. MongoDB keeps 100, of which stored documents need some; SQLite reads no deeper JSON than 1000
 * levels, and one such job would break every list that it is in.
 */
export const MAX_JSON_DEPTH = 90;

/** Milliseconds for a whole JSON body. A client that sends a byte now and then would hold its connection and what it has sent for ever. */
const TIME_LIMIT = 60_000;

const tooLarge = (): Problem => new Problem(413, "Payload too large");

/**
 * The JSON body of a request (server-api section 1.2): without a JSON content type, or empty, it counts as `{}`. Faults are 400 `Bad Request`;
 * a body at or over the limit is refused before it is read when its length is announced, and while it is read otherwise. So is one that is nested too
 * deep, or that takes too long.
 */
export async function readJson(request: Request, limit = MAX_JSON_BODY, timeLimit = TIME_LIMIT): Promise<unknown> {
  if (!isJson(request.headers.get("content-type"))) return {};
  if (Number(request.headers.get("content-length") ?? 0) >= limit) throw tooLarge();
  const bytes = await readAll(request.body, limit, timeLimit);
  if (bytes.length === 0) return {};
  const value = parse(bytes);
  if (!fits(value, MAX_JSON_DEPTH)) throw new Problem(413, `The body is nested deeper than ${MAX_JSON_DEPTH} levels`);
  return value;
}

function parse(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch (cause) {
    throw new Problem(400, "Bad Request", { cause });
  }
}

const fits = (value: unknown, levels: number): boolean =>
  typeof value !== "object" ||
  value === null ||
  // `Object.values` of a list of a million numbers takes seconds.
  (levels > 0 && (Array.isArray(value) ? value : Object.values(value)).every((inner) => fits(inner, levels - 1)));

const isJson = (type: string | null): boolean => {
  const media = (type ?? "").split(";")[0]?.trim().toLowerCase() ?? "";
  return media === "application/json" || /^application\/.+\+json$/.test(media);
};

async function readAll(body: ReadableStream<Uint8Array> | null, limit: number, timeLimit: number): Promise<Uint8Array> {
  if (!body) return new Uint8Array();
  const reader = body.getReader();
  let isLate = false;
  const timer = setTimeout(() => {
    isLate = true;
    void reader.cancel().catch(() => undefined);
  }, timeLimit);
  try {
    const chunks: Uint8Array[] = [];
    for (let length = 0; ;) {
      const { done, value } = await reader.read();
      if (isLate) throw new Problem(408, "The body of the request took too long.");
      if (done) return Buffer.concat(chunks);
      length += value.length;
      if (length >= limit) throw tooLarge();
      chunks.push(value);
    }
  } finally {
    clearTimeout(timer);
    void reader.cancel().catch(() => undefined);
  }
}
