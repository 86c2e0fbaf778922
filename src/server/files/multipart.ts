import type { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { Busboy, type BusboyFileStream } from "@fastify/busboy";
import { Problem } from "../http/problem.ts";
import { garbageCollection } from "./garbage.ts";

/** Bytes that a form may have besides its file: other fields, boundaries, part headers. */
const FORM_OVERHEAD = 1024 * 1024;
/** Bytes of the file that are held for a slow store. */
const HELD = 64 * 1024;
const MAX_PARTS = 1000;

/**
 * The part `file` of a multipart/form-data body (RFC 7578) as it arrives; reading slowly slows the sender down. Only a part with a file name
 * counts, the first one of that name; other parts are read over (server-api section 6.6).
 *
 * Throws a 400 Problem when there is no such part and a 413 Problem when the announced length is above what `limit` bytes of file can need.
 * Iterating throws them for a form that is cut off or ill-formed and for a file above the limit: a file is whole only if the iteration ends.
 */
export async function uploadedFile(request: Request, limit: number): Promise<AsyncIterable<Uint8Array>> {
  const type = request.headers.get("content-type") ?? "";
  if (!request.body || !/^multipart\/form-data\b/i.test(type)) throw noFile("the body is no form");
  if (Number(request.headers.get("content-length") ?? 0) > limit + FORM_OVERHEAD) throw tooLarge(limit);

  const { parser, file } = fileParser(type);
  const abandon = new AbortController();
  const parsed = pipeline(formUpTo(limit, request.body), parser, { signal: abandon.signal });
  // Read again at the end of the iteration; until then a failure must not count as unhandled.
  parsed.catch(() => {});
  const stream = await Promise.race([file, parsed.then(() => null)]).catch((cause: unknown) => {
    throw formProblem(cause);
  });
  if (!stream) throw noFile("the form has no part `file` with a file name");
  parsed.catch((error: Error) => stream.destroy(error));
  return contentOf(stream, parsed, abandon, limit);
}

function fileParser(type: string) {
  const { promise: file, resolve } = Promise.withResolvers<BusboyFileStream>();
  const parser = parserOf(type);
  let found = false;
  parser.on("file", (field, stream) => {
    // A part that ends in the middle reports an error of its own, which nobody listens to otherwise.
    stream.on("error", () => {});
    if (field !== "file" || found) stream.resume();
    else {
      found = true;
      resolve(stream);
    }
  });
  return { parser, file };
}

function parserOf(type: string) {
  try {
    return new Busboy({
      headers: { "content-type": type },
      isPartAFile: (_field, _type, fileName) => fileName !== undefined,
      fileHwm: HELD,
      limits: { parts: MAX_PARTS },
    });
  } catch (cause) {
    throw formProblem(cause);
  }
}

async function* contentOf(file: Readable, parsed: Promise<void>, abandon: AbortController, limit: number) {
  let length = 0;
  try {
    for await (const chunk of file as AsyncIterable<Buffer>) {
      length += chunk.length;
      if (length > limit) throw tooLarge(limit);
      yield chunk;
    }
    // Only the end of the form tells a whole file from one that was cut off.
    await parsed;
  } catch (error) {
    throw formProblem(error);
  } finally {
    abandon.abort();
  }
}

/** The form, up to what a file of `limit` bytes can need: parts that are read over count too. */
async function* formUpTo(limit: number, body: AsyncIterable<Uint8Array>) {
  const passes = garbageCollection();
  let length = 0;
  for await (const chunk of body) {
    passes(chunk);
    length += chunk.length;
    if (length > limit + FORM_OVERHEAD) throw tooLarge(limit);
    yield chunk;
  }
}

const formProblem = (cause: unknown): Problem => (cause instanceof Problem ? cause : noFile(String(cause), cause));

const noFile = (log: string, cause?: unknown): Problem =>
  new Problem(400, "Bad Request", { log: `upload refused: ${log}`, cause });

/** 413: a file of more than so many bytes. */
export const tooLarge = (limit: number): Problem =>
  new Problem(413, `Payload too large: the file may have at most ${limit} bytes`);
