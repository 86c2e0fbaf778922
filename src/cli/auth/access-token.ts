import { isObject, isText } from "../api/shapes.ts";

/** What an access token says about its owner. The server checks signatures; the client only reads (cli section 5.7). */
export interface TokenClaims {
  readonly clientId: string | undefined;
  /** `contributor` when the token names none; undefined when it cannot be read. */
  readonly role: string | undefined;
  /** When it ends, in seconds since 1970. */
  readonly expiresAt: number | undefined;
}

const UNREADABLE: TokenClaims = { clientId: undefined, role: undefined, expiresAt: undefined };

/** Reads a token without checking anything; a text that is no JWT (RFC 7519) gives no claims. */
export function readClaims(token: string): TokenClaims {
  const payload = payloadOf(token);
  if (!payload) return UNREADABLE;
  const permissions = isObject(payload.permissions) ? payload.permissions : {};
  return {
    clientId: isText(permissions.client_id) && permissions.client_id ? permissions.client_id : undefined,
    role: isText(permissions.role) && permissions.role ? permissions.role : "contributor",
    expiresAt: typeof payload.exp === "number" ? payload.exp : undefined,
  };
}

function payloadOf(token: string): Record<string, unknown> | undefined {
  try {
    const [, payload] = token.split(".");
    const value: unknown = JSON.parse(Buffer.from(payload ?? "", "base64url").toString("utf8"));
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
