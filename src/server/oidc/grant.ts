import { isPlainObject } from "../../shared/plain-object.ts";
import { LoginRefused, unexpectedAnswer } from "./faults.ts";

/** What the provider hands out for a finished login; proves once and for all who logged in. */
export interface Grant {
  readonly accessToken: string;
  readonly idToken: string;
  readonly receivedAt: Date;
  /** What the ID token has to repeat, in a login that sent one. */
  readonly nonce?: string;
}

/** The form of every registered error code (RFC 6749 section 5.2, RFC 8628 section 3.5); anything else is text that we do not pass on. */
export const ERROR_CODE = /^[a-z][a-z0-9_]{0,63}$/;

/** The tokens of a successful answer of the token endpoint. The code is used up from then on: asking again mends no fault. */
export function grantOf(body: unknown, receivedAt: Date): Grant {
  if (!isPlainObject(body) || typeof body.access_token !== "string" || body.access_token === "")
    throw unexpectedAnswer("token request", "neither an error nor an access token");
  if (typeof body.id_token !== "string")
    throw new LoginRefused(502, "OIDC provider did not return an ID token", "no id_token in the token response");
  return { accessToken: body.access_token, idToken: body.id_token, receivedAt };
}
