import { Problem } from "../http/problem.ts";
import { isCodeChallenge } from "../oidc/code-verifier.ts";

/** What the command line asks for: a code for the person in the browser, to be sent to a port of their own machine (RFC 8252 section 7.3). */
export interface AuthorizationRequest {
  readonly redirectUri: string;
  /** Repeated in the answer, so that the command line knows it for its own. */
  readonly state: string;
  /** S256 (RFC 7636). */
  readonly codeChallenge: string;
}

/** base64url of 128 to 512 bits. */
const STATE = /^[A-Za-z0-9_-]{22,86}$/;

/**
 * Reads the parameters of an authorization request. What is wrong with them is shown and never sent to where they point: that may be anywhere.
 *
 * @throws Problem 400 naming the parameter
 */
export function authorizationRequestOf(parameters: URLSearchParams): AuthorizationRequest {
  const redirectUri = parameters.get("redirect_uri") ?? "";
  if (!isLoopbackUri(redirectUri)) throw faulty("redirect_uri");
  const state = parameters.get("state") ?? "";
  if (!STATE.test(state)) throw faulty("state");
  const codeChallenge = parameters.get("code_challenge") ?? "";
  if (!isCodeChallenge(codeChallenge)) throw faulty("code_challenge");
  if (parameters.get("code_challenge_method") !== "S256") throw faulty("code_challenge_method");
  return { redirectUri, state, codeChallenge };
}

const faulty = (parameter: string): Problem =>
  new Problem(400, `This login was not begun by the testflinger command: its ${parameter} is not usable.`);

/**
 * A port of the machine that the browser runs on, by number: the name `localhost` may lead elsewhere (RFC 8252 section 8.3). The spelling must be
 * the one that a browser would make of it, so that nothing else is meant by it than is seen here.
 */
export function isLoopbackUri(text: string): boolean {
  const url = /^http:\/\/(?:127\.0\.0\.1|\[::1\]):[1-9]\d{0,4}\/[a-z-]*$/.test(text) ? URL.parse(text) : null;
  return url?.href === text;
}

/** Where the browser goes with the answer. */
export function answerUrl(
  { redirectUri, state }: AuthorizationRequest,
  answer: { code: string } | { error: string },
): string {
  const url = new URL(redirectUri);
  for (const [name, value] of Object.entries({ ...answer, state })) url.searchParams.set(name, value);
  return url.href;
}
