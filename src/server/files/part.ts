import { Problem } from "../http/problem.ts";
import { garbageCollection } from "./garbage.ts";

/**
 * The body of a request that brings at most `room` bytes, as it arrives; reading slowly slows the sender down.
 *
 * Throws a 413 Problem at once when a longer one is announced. Iterating throws it where the body turns out longer, after the last byte that there is room
 * for, and a 400 Problem when the body is cut off.
 */
export function partOf(request: Request, room: number): AsyncIterable<Uint8Array> {
  if (Number(request.headers.get("content-length") ?? 0) > room) throw tooLong(room);
  return arriving(request.body, room);
}

async function* arriving(body: AsyncIterable<Uint8Array> | null, room: number) {
  const passes = garbageCollection();
  let left = room;
  try {
    for await (const piece of body ?? []) {
      passes(piece);
      yield piece.subarray(0, left);
      if (piece.length > left) throw tooLong(room);
      left -= piece.length;
    }
  } catch (cause) {
    throw cause instanceof Problem
      ? cause
      : new Problem(400, "Bad Request", { log: `part of an upload broke off: ${String(cause)}`, cause });
  }
}

const tooLong = (room: number): Problem =>
  new Problem(413, `Payload too large: the upload lacks only ${room} bytes of its announced length`);
