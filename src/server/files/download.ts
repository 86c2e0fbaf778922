import { noContent } from "../http/reply.ts";
import { optional, fields, text } from "../../shared/wire.ts";
import type { StoredFile } from "../store/files.ts";
import { garbageCollection } from "./garbage.ts";
import { requestedRange } from "./range.ts";

/** Headers that a download looks at. */
export const RANGE_HEADERS = fields({
  range: optional(text({ description: "One range of bytes, as `bytes=1000-` (RFC 9110 section 14.2)" })),
  "if-range": optional(
    text({ description: "The ETag of an earlier answer: the range counts only while it is the same" }),
  ),
});

/** What the API description says of answers to a range. */
export const RANGE_RESPONSES = {
  206: { description: "The range of the archive that was asked for", body: "application/gzip" },
  416: { description: "The archive has no such range; empty", body: [] },
} as const;

/** A stored file as a download that may be resumed; without a file an empty 204. */
export function download(request: Request, file: StoredFile | null, name: string): Response {
  if (!file) return noContent();
  const etag = `"${file.version}"`;
  const headers = {
    "content-type": "application/gzip",
    "cache-control": "no-cache",
    // The bytes come from devices: a browser must save them, whatever they look like.
    "content-disposition": `attachment; filename="${name}"`,
    "accept-ranges": "bytes",
    etag,
  };
  const range = requestedRange(request, { length: file.length, etag });
  if (range === null) return new Response(passing(file.content()), { headers });
  if (range === "unsatisfiable")
    return new Response(null, { status: 416, headers: { etag, "content-range": `bytes */${file.length}` } });
  const contentRange = `bytes ${range.start}-${range.end - 1}/${file.length}`;
  return new Response(passing(file.content(range)), {
    status: 206,
    headers: { ...headers, "content-range": contentRange },
  });
}

function passing(content: ReadableStream<Uint8Array>): ReadableStream<Uint8Array> {
  const passes = garbageCollection();
  return content.pipeThrough(
    new TransformStream<Uint8Array, Uint8Array>({
      transform(piece, controller) {
        passes(piece);
        controller.enqueue(piece);
      },
    }),
  );
}
