import {
  decodeProtectedHeader,
  errors,
  type JWTHeaderParameters,
  type JWTPayload,
  jwtVerify,
  type JWTVerifyResult,
  type ProtectedHeaderParameters,
  SignJWT,
} from "jose";
import { isRole } from "../../shared/roles.ts";
import type { Caller } from "../http/caller.ts";
import { Problem } from "../http/problem.ts";
import type { Permissions } from "../store/clients.ts";
import type { SigningKeys } from "./signing-keys.ts";

/** Seconds that an access token lives. */
export const ACCESS_TOKEN_LIFETIME = 600;

/** This server as an issuer and as an audience. */
const NAME = "testflinger";

/** The reference's. It tells nothing of what a token is for; issuer and audience do (RFC 8725 section 3.12). */
const TYPE = "JWT";

/** Characters of a token at the most; one with permissions for a hundred queues has a few thousand. */
const MAX_LENGTH = 16_384;

/** Tokens that are remembered at a time: more than the agents and people of a large lab have. */
const MAX_KNOWN = 5_000;

/** base64url without padding (RFC 7515 section 2). Decoders overlook blanks and line ends, so that one token would have many spellings. */
const THREE_PARTS = /^[\w-]*\.[\w-]*\.[\w-]*$/;

export interface AccessTokenOptions {
  keys: SigningKeys;
  /** Tolerated clock difference, in seconds. */
  leeway: number;
  now: () => Date;
}

/**
 * Testflinger's own access tokens: JWTs with the reference's claims (server-api section 2) and those of RFC 9068. Tokens of the reference, signed
 * with one of the keys, work here as well.
 */
export class AccessTokens {
  /** Oldest first. Only tokens with a good signature get in, so that nobody can push them out with made-up ones. */
  private readonly known = new Map<string, Verified>();

  constructor(private readonly options: AccessTokenOptions) {}

  /** @param session id of the refresh token that belongs to the login */
  async issue(clientId: string, permissions: Permissions, session?: string): Promise<string> {
    const { keys, now } = this.options;
    const issuedAt = Math.floor(now().getTime() / 1000);
    const { id: kid, key } = keys.current;
    const claims = {
      iss: NAME,
      aud: NAME,
      sub: "access_token",
      client_id: clientId,
      jti: crypto.randomUUID(),
      sid: session,
      permissions: { client_id: clientId, ...permissions },
    };
    return new SignJWT(claims)
      .setProtectedHeader({ alg: "HS256", typ: TYPE, kid })
      .setIssuedAt(issuedAt)
      .setExpirationTime(issuedAt + ACCESS_TOKEN_LIFETIME)
      .sign(await key);
  }

  /** Who the token speaks for. Throws the Problem of server-api section 1.10 that fits the fault. */
  async verify(token: string): Promise<Caller> {
    const known = this.known.get(token);
    const verified = known ?? (await this.examined(token));
    const fault = this.untimeliness(verified);
    if (fault !== undefined) throw new Problem(401, fault);
    if (!known) this.remember(token, verified);
    return verified.caller;
  }

  /** The same of a token that was verified before and is still good, without waiting; undefined of every other. */
  recall(token: string): Caller | undefined {
    const known = this.known.get(token);
    return known && this.untimeliness(known) === undefined ? known.caller : undefined;
  }

  private async examined(token: string): Promise<Verified> {
    const { kid } = headerOf(token);
    try {
      const { payload, protectedHeader } = await this.verified(token, kid);
      assertOurs(payload, protectedHeader);
      return { caller: callerOf(payload), ...timesOf(payload) };
    } catch (error) {
      throw problemOf(error);
    }
  }

  /** Agents send the same token several times a second: its signature is looked at once. */
  private remember(token: string, verified: Verified): void {
    const [oldest] = this.known.keys();
    if (oldest !== undefined && this.known.size >= MAX_KNOWN) this.known.delete(oldest);
    this.known.set(token, verified);
  }

  private async verified(token: string, kid: unknown): Promise<JWTVerifyResult> {
    const { keys, leeway, now } = this.options;
    const options = {
      algorithms: ["HS256"],
      clockTolerance: leeway,
      currentDate: now(),
      requiredClaims: ["exp", "iat", "sub"],
    };
    let failure: unknown;
    for (const { key } of keys.candidates(kid)) {
      try {
        return await jwtVerify(token, await key, options);
      } catch (error) {
        failure = error;
        if (!(error instanceof errors.JWSSignatureVerificationFailed)) break;
      }
    }
    throw failure ?? new errors.JWSSignatureVerificationFailed("no such key");
  }

  /** Looked at in every request, also where the signature is not. The reference refuses tokens from the future. */
  private untimeliness({ exp, iat, nbf }: Verified): string | undefined {
    const { leeway, now } = this.options;
    const seconds = now().getTime() / 1000;
    if (exp <= seconds - leeway) return "Token has expired";
    return Math.max(iat, nbf) > seconds + leeway ? "Token not yet valid" : undefined;
  }
}

/** What is known of a token whose signature is good; times in seconds since 1970. */
interface Verified {
  readonly caller: Caller;
  readonly exp: number;
  readonly iat: number;
  readonly nbf: number;
}

function timesOf({ exp = NaN, iat = NaN, nbf = -Infinity }: JWTPayload): Pick<Verified, "exp" | "iat" | "nbf"> {
  // JSON knows numbers that are none here: 1e999 never comes.
  if (!Number.isFinite(iat) || !Number.isFinite(exp)) throw new Problem(403, "Invalid Token", { log: "endless time" });
  return { exp, iat, nbf };
}

/** A header that is no JSON object, or fewer than three parts, is not a token at all. */
function headerOf(token: string): ProtectedHeaderParameters {
  try {
    if (token.length > MAX_LENGTH || !THREE_PARTS.test(token)) throw new TypeError("three parts expected");
    return decodeProtectedHeader(token);
  } catch (cause) {
    throw new Problem(403, "Unable to decode token", { cause });
  }
}

/**
 * Tokens of the reference have neither `iss` nor `aud`. One that has them was made by something else that shares the key, for something else
 * (RFC 8725 sections 2.7 and 3.12), unless it is one of ours.
 */
function assertOurs({ iss, aud }: JWTPayload, { typ }: JWTHeaderParameters): void {
  const isForUs = aud === undefined || [aud].flat().includes(NAME);
  if ((iss !== undefined && iss !== NAME) || !isForUs || (typ !== undefined && typ.toUpperCase() !== TYPE))
    throw new Problem(403, "Invalid Token", { log: "token of another kind, issuer or audience" });
}

function callerOf({ permissions, sid, client_id: clientId, sub }: JWTPayload): Caller {
  if (typeof sub !== "string") throw new Problem(403, "Invalid Token", { log: "sub is no text" });
  if (typeof permissions !== "object" || permissions === null || !("client_id" in permissions))
    throw new Problem(403, "Invalid Token", { log: "token names no client" });
  const { client_id, role, ...rest } = permissions as { client_id: unknown; role?: unknown } & Permissions;
  if (client_id !== null && typeof client_id !== "string")
    throw new Problem(403, "Invalid Token", { log: "client id is no text" });
  if (clientId !== undefined && clientId !== client_id)
    throw new Problem(403, "Invalid Token", { log: "token names two clients" });
  const name = role === undefined ? "contributor" : typeof role === "string" ? role.toLowerCase() : "";
  if (!isRole(name)) throw new Problem(403, "Invalid Token", { log: "unknown role" });
  return {
    clientId: client_id,
    role: name,
    permissions: { ...rest, role: name },
    ...(typeof sid === "string" ? { session: sid } : {}),
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
