import type { Context } from "../context.ts";
import type { Log } from "../log.ts";
import { ConnectionFailure, HttpError, UnexpectedAnswer } from "./errors.ts";
import { jittered } from "./jitter.ts";
import type { Answer } from "./transport.ts";

/** Bytes of a file that is downloaded. */
export interface DownloadedPiece {
  /** Where in the file they are. A piece at 0 that is not the first one begins the whole file anew. */
  readonly position: number;
  readonly bytes: Uint8Array;
}

/** From which byte on a file is wanted, as long as it is the same file. */
export interface Continuation {
  readonly start: number;
  /** A strong entity tag, as it came. */
  readonly etag: string;
}

/** Asks for the file, or for the rest of it; resolves with a 200, 206 or 416 answer, throws for others. */
export type OpenDownload = (continuation: Continuation | undefined) => Promise<Answer>;

const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 30_000;
/** Failures in a row without a byte more than before, after which a download is given up: about a minute and a half. */
const MOST_FAILURES = 8;
/** After so long a failure is the last one, whatever progress there was. */
const LONGEST_MS = 24 * 3_600_000;

/** Answers of a gateway or a busy server. */
const PASSING_STATUSES: readonly number[] = [408, 429, 500, 502, 503, 504];

/**
 * A file as it arrives. A transfer that breaks off is gone on with (RFC 9110 sections 13.1.5 and 14.2) where the server
 * says how to tell that the file is still the same; else it begins anew. A first request without an answer is not repeated.
 *
 * @throws what `open` throws; {ConnectionFailure} when going on keeps failing
 */
export async function* resumableDownload(
  open: OpenDownload,
  { clock, random, log }: Pick<Context, "clock" | "random"> & { readonly log: Log },
): AsyncGenerator<DownloadedPiece, void, undefined> {
  const end = clock.elapsed() + LONGEST_MS;
  let [position, furthest, failures] = [0, 0, 0];
  let isAnswered = false;
  let etag: string | undefined;
  for (;;) {
    try {
      const answer = await open(etag === undefined || position === 0 ? undefined : { start: position, etag });
      isAnswered = true;
      const total = totalOf(answer);
      etag = strongTag(answer);
      if (answer.status === 416) {
        await answer.discard();
        // It broke off after the last byte.
        if (total === position) return;
        etag = undefined;
        throw new ConnectionFailure("The file has become another one", "connection");
      }
      position = answer.status === 206 ? continued(answer, position) : 0;
      for await (const bytes of answer.chunks()) {
        yield { position, bytes };
        position += bytes.length;
        if (position > furthest) [furthest, failures] = [position, 0];
      }
      if (position === (total ?? position)) return;
      throw new ConnectionFailure("The file ended too early", "connection");
    } catch (error) {
      failures++;
      if (!isAnswered || !mayPass(error) || failures >= MOST_FAILURES || clock.elapsed() >= end) throw error;
      log.warning("api", `The download broke off and will go on: ${error.message}`);
    }
    await clock.sleep(jittered(Math.min(FIRST_PAUSE_MS * 2 ** (failures - 1), LONGEST_PAUSE_MS), random));
  }
}

const mayPass = (error: unknown): error is Error =>
  error instanceof ConnectionFailure || (error instanceof HttpError && PASSING_STATUSES.includes(error.status));

const CONTENT_RANGE = /^bytes (?:(\d+)-\d+|\*)\/(\d+)$/;

/** The position at which a part of the file begins, which must be the one that was asked for. */
function continued({ headers }: Answer, wanted: number): number {
  const [, start] = CONTENT_RANGE.exec(headers.get("content-range") ?? "") ?? [];
  if (start === String(wanted)) return wanted;
  throw new UnexpectedAnswer("The server sent another part of the file than was asked for");
}

/** Bytes of the whole file, where the answer tells. */
function totalOf({ status, headers }: Answer): number | undefined {
  const [, , total] = CONTENT_RANGE.exec(headers.get("content-range") ?? "") ?? [];
  const length = status === 200 ? headers.get("content-length") : total;
  return length === null || length === undefined ? undefined : Number(length);
}

/** Weak tags may stay the same when bytes change. */
function strongTag({ headers }: Answer): string | undefined {
  const etag = headers.get("etag") ?? "";
  return /^"[\x21\x23-\x7e]*"$/.test(etag) ? etag : undefined;
}
