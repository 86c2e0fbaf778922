import { isPlainObject } from "../../shared/plain-object.ts";
import { Problem } from "../http/problem.ts";
import { isLoopback } from "./discovery.ts";
import { unexpectedAnswer } from "./faults.ts";

/** RFC 8628 section 3.2: seconds between polls when the provider names none. */
const DEFAULT_INTERVAL = 5;
/** Seconds that a login may take when the provider names none (auth section 5.1). */
const DEFAULT_LIFETIME = 300;
const LONGEST_LIFETIME = 86_400;

export interface DeviceAuthorization {
  readonly deviceCode: string;
  /** Seconds. */
  readonly interval: number;
  /** Seconds. */
  readonly expiresIn: number;
  /** Everything else that the provider sent, for the client. */
  readonly shown: Readonly<Record<string, unknown>>;
}

/**
 * Reads the provider's device authorization response (RFC 8628 section 3.2, auth section 5.1).
 *
 * @param issuer plain http is accepted for people's browsers only where the operator talks plain http to the same host
 */
export function deviceAuthorizationOf(body: unknown, issuer: URL): DeviceAuthorization {
  const call = "device authorization";
  if (!isPlainObject(body)) throw unexpectedAnswer(call, "not a JSON object");
  const { device_code, ...shown } = body;
  if (typeof device_code !== "string" || device_code === "")
    throw new Problem(502, "OIDC provider response missing device_code", { log: `${call}: no device_code` });
  if (typeof shown.user_code !== "string" || !/^[^\p{C}]{1,100}$/u.test(shown.user_code))
    throw unexpectedAnswer(call, "user_code is missing or not printable");
  assertSafe("verification_uri", shown.verification_uri, issuer);
  if (shown.verification_uri_complete !== undefined)
    assertSafe("verification_uri_complete", shown.verification_uri_complete, issuer);
  return {
    deviceCode: device_code,
    interval: Math.ceil(seconds(shown.interval, 0) ?? DEFAULT_INTERVAL),
    expiresIn: Math.min(seconds(shown.expires_in, 1) ?? DEFAULT_LIFETIME, LONGEST_LIFETIME),
    shown,
  };
}

/** People open this URL, some clients do it for them: `javascript:`, `file:` and pages that anybody on the way can forge are not for them. */
function assertSafe(field: string, value: unknown, issuer: URL): void {
  const url = typeof value === "string" && !/[\s\p{C}]/u.test(value) ? URL.parse(value) : null;
  const isSafe =
    url !== null &&
    (url.protocol === "https:" || (url.protocol === "http:" && (isLoopback(url) || url.origin === issuer.origin)));
  if (!isSafe) throw unexpectedAnswer("device authorization", `${field} is not an https URL`);
}

const seconds = (value: unknown, least: number): number | undefined =>
  typeof value === "number" && Number.isFinite(value) && value >= least ? value : undefined;
