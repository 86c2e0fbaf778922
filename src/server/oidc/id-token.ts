import { createRemoteJWKSet, customFetch, errors, jwtVerify, type JWTPayload } from "jose";
import type { AuthorizationServer } from "oauth4webapi";
import { type Fetch, ProviderUnreachable } from "./bounded-fetch.ts";
import { LoginRefused, unexpectedAnswer, unreachable } from "./faults.ts";
import type { Grant } from "./grant.ts";

/** Signatures that a key set can verify. `none` and the shared-secret ones are no proof of who signed. */
const ASYMMETRIC = /^(?:(?:RS|PS|ES)(?:256|384|512)|EdDSA|Ed25519)$/;

/**
 * What the header of an ID token may call it. Others that the provider signs for this client, access and logout tokens, are no proof of a login
 * (RFC 8725 section 3.11).
 */
const TYPE = /^(?:application\/)?jwt$/i;

/** Seconds that the provider's clock may differ. */
const CLOCK_TOLERANCE = 30;

export interface IdTokenVerifierOptions {
  clientId: string;
  /** Bounded in time and size. */
  fetch: Fetch;
}

type KeySet = ReturnType<typeof createRemoteJWKSet>;

/** Verifies ID tokens as OpenID Connect Core section 3.1.3.7 asks. */
export class IdTokenVerifier {
  private keys?: { uri: string; set: KeySet };

  constructor(private readonly options: IdTokenVerifierOptions) {}

  /**
   * A login that is finished later, after a failure, is judged by the time at which its grant came.
   *
   * @throws LoginRefused for a token that proves nothing; a Problem when the provider's keys cannot be had now
   */
  async verify(metadata: AuthorizationServer, grant: Grant): Promise<JWTPayload & { sub: string }> {
    const keys = this.keySet(metadata);
    const check = () =>
      jwtVerify(grant.idToken, keys, {
        issuer: metadata.issuer,
        audience: this.options.clientId,
        algorithms: (metadata.id_token_signing_alg_values_supported ?? ["RS256"]).filter((name) =>
          ASYMMETRIC.test(name),
        ),
        requiredClaims: ["iss", "sub", "aud", "exp", "iat"],
        currentDate: grant.receivedAt,
        clockTolerance: CLOCK_TOLERANCE,
      });
    try {
      const { payload, protectedHeader } = await check().catch(async (error) => {
        // A new key under an old id: the cached key set does not fit any more.
        if (!(error instanceof errors.JWSSignatureVerificationFailed)) throw error;
        await keys.reload();
        return check();
      });
      if (protectedHeader.typ !== undefined && !TYPE.test(protectedHeader.typ)) throw refused("of another type");
      return this.assertMeantForUs(payload, grant);
    } catch (error) {
      throw problemOf(error);
    }
  }

  private assertMeantForUs(
    payload: JWTPayload,
    { nonce, receivedAt }: Pick<Grant, "nonce" | "receivedAt">,
  ): JWTPayload & { sub: string } {
    const { sub, aud, azp, iat = 0 } = payload;
    if (iat > receivedAt.getTime() / 1000 + CLOCK_TOLERANCE) throw refused("issued in the future");
    // A token of another login, put into this one by whoever could read it (OpenID Connect Core section 15.5.2).
    if (nonce !== undefined && payload.nonce !== nonce) throw refused("nonce of another login");
    if (typeof sub !== "string" || sub === "") throw refused("sub is no text");
    const foreign = Array.isArray(aud) && aud.length > 1 && azp === undefined;
    if (foreign || (azp !== undefined && azp !== this.options.clientId)) throw refused("issued to another client");
    return { ...payload, sub };
  }

  private keySet(metadata: AuthorizationServer): KeySet {
    const uri = metadata.jwks_uri;
    if (uri === undefined) throw unexpectedAnswer("discovery", "no jwks_uri");
    if (this.keys?.uri !== uri) this.keys = { uri, set: this.remoteKeys(uri, metadata.issuer) };
    return this.keys.set;
  }

  private remoteKeys(uri: string, issuer: string): KeySet {
    const secure = uri.startsWith("https:") || (uri.startsWith("http:") && issuer.startsWith("http:"));
    if (!secure || !URL.canParse(uri)) throw unexpectedAnswer("discovery", "jwks_uri is not safe to use");
    // Tokens come from the provider alone, so nobody can make us fetch keys all the time: an unknown key id is looked up at once.
    return createRemoteJWKSet(new URL(uri), { [customFetch]: this.options.fetch, cooldownDuration: 0 });
  }
}

const refused = (reason: string): LoginRefused =>
  new LoginRefused(502, "OIDC provider returned an ID token that is not valid", `ID token: ${reason}`);

function problemOf(error: unknown): unknown {
  if (error instanceof ProviderUnreachable || error instanceof errors.JWKSTimeout) return unreachable("key set", error);
  // Providers publish a new key late at times; a later poll may find it.
  if (error instanceof errors.JWKSNoMatchingKey)
    return unexpectedAnswer("key set", "the key of the ID token is not in it");
  if (error instanceof errors.JWKSInvalid || error?.constructor === errors.JOSEError)
    return unexpectedAnswer("key set", (error as Error).message);
  if (error instanceof errors.JOSEError) return refused(`${error.code} ${error.message}`);
  return error;
}
