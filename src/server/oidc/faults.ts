import { Problem } from "../http/problem.ts";

/** Details for the log. The provider's own words stay out of answers: whoever controls them would speak in the server's name. */
const detail = (cause: unknown): string =>
  (cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause)).slice(0, MAX_DETAIL);

const MAX_DETAIL = 300;

export const unreachable = (call: string, cause: unknown): Problem =>
  new Problem(502, "Failed to communicate with OIDC provider", { log: `${call} failed: ${detail(cause)}`, cause });

export const unexpectedAnswer = (call: string, what: string): Problem =>
  new Problem(502, "OIDC provider returned an unexpected response", { log: `${call}: ${detail(what)}` });

export const noUserInformation = (cause: unknown): Problem =>
  new Problem(502, "Failed to retrieve user information from OIDC provider", {
    log: `userinfo failed: ${detail(cause)}`,
    cause,
  });

/** A login that no further poll can save: what the provider vouches for does not let the person in. */
export class LoginRefused extends Problem {
  override readonly name = "LoginRefused";

  /** @param email whom the provider named, if it got that far */
  constructor(
    status: number,
    message: string,
    readonly reason: string,
    readonly email?: string,
  ) {
    super(status, message, { log: `login refused: ${reason}` });
  }
}
