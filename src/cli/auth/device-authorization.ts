import { printableLine } from "../api/printable.ts";
import { isObject, isText } from "../api/shapes.ts";
import { deviceLoginFailed } from "./errors.ts";

/** What a person needs to log in, and how to wait for it (RFC 8628 section 3.2). Texts are safe for a terminal. */
export interface DeviceAuthorization {
  readonly requestId: string;
  readonly verificationUri: string;
  readonly verificationUriComplete: string | undefined;
  readonly userCode: string;
  readonly intervalMs: number;
  readonly lifetimeMs: number;
}

const DEFAULT_INTERVAL = 5;
const DEFAULT_LIFETIME = 300;
/** Seconds; a server that says more would make the program wait for ever. */
const LONGEST_INTERVAL = 600;
const LONGEST_LIFETIME = 24 * 3600;

/** @throws {AuthenticationError} naming the field that is missing */
export function readDeviceAuthorization(body: string): DeviceAuthorization {
  const answer = objectIn(body);
  if (!answer) throw deviceLoginFailed("Failed to initiate OIDC login: the answer is no JSON object");
  const text = (field: string) => {
    const value = answer[field];
    if (isText(value) && printableLine(value)) return printableLine(value);
    throw deviceLoginFailed(`Failed to initiate OIDC login: the answer lacks ${field}`);
  };
  const seconds = (field: string, fallback: number, longest: number) => {
    const value = answer[field];
    return typeof value === "number" && value > 0 ? Math.min(value, longest) : fallback;
  };
  return {
    requestId: text("request_id"),
    verificationUri: text("verification_uri"),
    verificationUriComplete: isText(answer.verification_uri_complete)
      ? printableLine(answer.verification_uri_complete) || undefined
      : undefined,
    userCode: text("user_code"),
    intervalMs: seconds("interval", DEFAULT_INTERVAL, LONGEST_INTERVAL) * 1000,
    lifetimeMs: seconds("expires_in", DEFAULT_LIFETIME, LONGEST_LIFETIME) * 1000,
  };
}

function objectIn(body: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(body);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
