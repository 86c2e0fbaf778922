import { describeError, type Logger } from "../log/logger.ts";
import { StoreLimitExceeded, StoreUnavailable } from "../store/store.ts";
import { Problem } from "./problem.ts";
import { json, text } from "./reply.ts";
import type { RequestContext } from "./request-context.ts";

/** A 401 names a way to authenticate (RFC 9110 section 15.5.2); this one, where the error names none. */
const CHALLENGE = { "www-authenticate": 'Bearer realm="testflinger"' };

/** Every error becomes HTTP here and nowhere else. Unexpected ones are logged whole and told to the caller only by request id. */
export function errorResponse(error: unknown, context: RequestContext, log: Logger): Response {
  const problem = toldProblem(error, context, log);
  const headers = problem.status === 401 ? { ...CHALLENGE, ...problem.headers } : problem.headers;
  return problem.form === "text"
    ? text(String(problem.content), problem.status, headers)
    : json({ detail: problem.detail, message: problem.content }, problem.status, headers);
}

/** What the caller may know of an error, in whatever form; the rest is in the log from now on. */
export function toldProblem(error: unknown, context: RequestContext, log: Logger): Problem {
  const problem = error instanceof Problem ? error : unexpected(error, context, log);
  if (problem.log) log.warn(problem.log, { request_id: context.requestId, status: problem.status });
  return problem;
}

function unexpected(error: unknown, context: RequestContext, log: Logger): Problem {
  if (error instanceof StoreLimitExceeded) return new Problem(413, error.message);
  log.error("request failed", {
    request_id: context.requestId,
    method: context.method,
    path: context.path,
    ...describeError(error),
  });
  return error instanceof StoreUnavailable
    ? new Problem(503, "The database is not reachable at the moment. Please try again.", {
        headers: { "retry-after": "2" },
      })
    : new Problem(
        500,
        `Internal server error. The operator finds the cause in the log under request id ${context.requestId}.`,
      );
}
