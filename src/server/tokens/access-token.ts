import { errors, decodeProtectedHeader, type JWTHeaderParameters, type JWTPayload, jwtVerify, SignJWT } from "jose";
import { isRole } from "../../shared/roles.ts";
import type { Caller } from "../http/caller.ts";
import { Problem } from "../http/problem.ts";
import type { Permissions } from "../store/clients.ts";

/** Seconds that an access token lives. */
export const ACCESS_TOKEN_LIFETIME = 600;

/** This server as an issuer and as an audience. */
const NAME = "testflinger";

export interface AccessTokenOptions {
  /** Raw bytes of the signing key, at least 32. */
  key: Uint8Array;
  /** Tolerated clock difference, in seconds. */
  leeway: number;
  now: () => Date;
}

/**
 * Testflinger's own access tokens: JWTs of the reference's form (server-api section 2), so that tokens of either server work on both.
 */
export class AccessTokens {
  constructor(private readonly options: AccessTokenOptions) {}

  /** @param session id of the refresh token that belongs to the login */
  issue(clientId: string, permissions: Permissions, session?: string): Promise<string> {
    const now = Math.floor(this.options.now().getTime() / 1000);
    return new SignJWT({ sub: "access_token", sid: session, permissions: { client_id: clientId, ...permissions } })
      .setProtectedHeader({ alg: "HS256", typ: "JWT" })
      .setIssuedAt(now)
      .setExpirationTime(now + ACCESS_TOKEN_LIFETIME)
      .sign(this.options.key);
  }

  /** Who the token speaks for. Throws the Problem of server-api section 1.10 that fits the fault. */
  async verify(token: string): Promise<Caller> {
    assertDecodable(token);
    const { key, leeway, now } = this.options;
    try {
      const { payload, protectedHeader } = await jwtVerify(token, key, {
        algorithms: ["HS256"],
        clockTolerance: leeway,
        currentDate: now(),
        requiredClaims: ["exp", "iat", "sub"],
      });
      assertOurs(payload, protectedHeader);
      if (typeof payload.sub !== "string") throw new Problem(403, "Invalid Token", { log: "sub is no text" });
      // jose does not look at iat unless a maximum age is asked for; the reference refuses tokens from the future.
      if ((payload.iat as number) > now().getTime() / 1000 + leeway) throw new Problem(401, "Token not yet valid");
      return callerOf(payload.permissions, payload.sid);
    } catch (error) {
      throw problemOf(error);
    }
  }
}

/** A header that is no JSON object, or fewer than three parts, is not a token at all. */
function assertDecodable(token: string): void {
  try {
    if (token.split(".").length !== 3) throw new TypeError("three parts expected");
    decodeProtectedHeader(token);
  } catch (cause) {
    throw new Problem(403, "Unable to decode token", { cause });
  }
}

/**
 * Tokens of the reference have neither `iss` nor `aud`. One that has them was made by something else that shares the key, for something else
 * (RFC 8725 sections 2.7 and 3.11).
 */
function assertOurs({ iss, aud }: JWTPayload, { typ }: JWTHeaderParameters): void {
  const forUs = aud === undefined || [aud].flat().includes(NAME);
  if ((iss !== undefined && iss !== NAME) || !forUs || (typ !== undefined && typ.toUpperCase() !== "JWT"))
    throw new Problem(403, "Invalid Token", { log: "token of another kind, issuer or audience" });
}

function callerOf(permissions: unknown, session: unknown): Caller {
  if (typeof permissions !== "object" || permissions === null || !("client_id" in permissions))
    throw new Problem(403, "Invalid Token", { log: "token names no client" });
  const { client_id, role, ...rest } = permissions as { client_id: unknown; role?: unknown } & Permissions;
  if (client_id !== null && typeof client_id !== "string")
    throw new Problem(403, "Invalid Token", { log: "client id is no text" });
  const name = role === undefined ? "contributor" : typeof role === "string" ? role.toLowerCase() : "";
  if (!isRole(name)) throw new Problem(403, "Invalid Token", { log: "unknown role" });
  return {
    clientId: client_id,
    role: name,
    permissions: { ...rest, role: name },
    ...(typeof session === "string" ? { session } : {}),
  };
}

function problemOf(error: unknown): unknown {
  if (error instanceof errors.JWTExpired) return new Problem(401, "Token has expired");
  if (error instanceof errors.JWTClaimValidationFailed) {
    if (error.reason === "missing") return new Problem(403, `Token missing required claim: ${error.claim}`);
    if (error.claim === "nbf" && error.reason === "check_failed") return new Problem(401, "Token not yet valid");
    return new Problem(403, "Invalid Token", { cause: error });
  }
  if (error instanceof errors.JWSSignatureVerificationFailed) return new Problem(403, "Invalid Token signature");
  if (error instanceof errors.JOSEError) return new Problem(403, "Invalid Token", { cause: error });
  return error;
}
