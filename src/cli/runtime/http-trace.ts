import { printableLine } from "../api/printable.ts";
import type { Context } from "../context.ts";
import type { Log } from "../log.ts";

const LONGEST_REQUEST_ID = 128;

/** Query parameters whose values are credentials, or look like it. */
const SECRET_PARAMETER = /token|secret|password|code|key/i;

/** What is shown of a request: never a header or a body, where the tokens, secrets and jobs are. */
type Request = readonly [method: string, target: string];

/**
 * A `fetch` that tells about every request on the log, for `--verbose` (W40): method, path, status, time until the
 * answer began, and the id under which the server's operator finds the request.
 */
export function tracedFetch({ fetch, clock }: Pick<Context, "fetch" | "clock">, log: Log): Context["fetch"] {
  return async (input, init) => {
    const request: Request = [init?.method ?? "GET", safeTarget(String(input))];
    const begun = clock.elapsed();
    const tell = (outcome: string) => {
      const ms = Math.round(clock.elapsed() - begun);
      log.debug("http", `${request.join(" ")} -> ${outcome} (${ms} ms)`);
    };
    try {
      const response = await fetch(input, init);
      tell(`${response.status}${requestIdOf(response)}`);
      return response;
    } catch (error) {
      tell(`no answer: ${printableLine(error instanceof Error ? error.message : String(error))}`);
      throw error;
    }
  };
}

function requestIdOf({ headers }: Response): string {
  const id = printableLine(headers.get("x-request-id") ?? "").slice(0, LONGEST_REQUEST_ID);
  return id === "" ? "" : `, request ${id}`;
}

/** Path and query without what opens doors: the request id of a device login, and credentials in a query. */
function safeTarget(url: string): string {
  const { pathname, searchParams } = new URL(url);
  for (const name of new Set(searchParams.keys())) if (SECRET_PARAMETER.test(name)) searchParams.set(name, "***");
  const query = searchParams.size === 0 ? "" : `?${searchParams}`;
  return pathname.replace(/(\/oidc\/auth-poll\/)[^/]+/, "$1***") + query;
}
