import * as oauth from "oauth4webapi";
import { isLoopback } from "./discovery.ts";
import { errorCode, type ProviderConnection, reach, readJson, SCOPE } from "./connection.ts";
import { LoginRefused, unexpectedAnswer } from "./faults.ts";
import { ERROR_CODE, type Grant, grantOf } from "./grant.ts";

/** What a browser login has to show again at its end. */
export interface CodeRequest {
  /** Tells the answer to this request from one that somebody else began (RFC 6749 section 10.12). */
  readonly state: string;
  /** The ID token repeats it (OpenID Connect Core section 3.1.2.1). */
  readonly nonce: string;
  /** Proves at the token endpoint who began the login (RFC 7636). */
  readonly codeVerifier: string;
  /** Where the provider sends the browser back to. */
  readonly redirectUri: string;
}

/** The authorization code grant with PKCE (RFC 6749 section 4.1, RFC 7636, RFC 9700 section 2.1.1), as the provider's client. */
export class CodeGrant {
  constructor(
    private readonly connection: ProviderConnection,
    private readonly now: () => Date,
  ) {}

  /** Where the person logs in. */
  async authorizationUrl({ state, nonce, codeVerifier, redirectUri }: CodeRequest): Promise<URL> {
    const url = this.endpoint("authorization_endpoint", (await this.connection.metadata()).authorization_endpoint);
    const parameters = {
      response_type: "code",
      client_id: this.connection.client.client_id,
      redirect_uri: redirectUri,
      scope: SCOPE,
      state,
      nonce,
      code_challenge: await oauth.calculatePKCECodeChallenge(codeVerifier),
      code_challenge_method: "S256",
    };
    for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
    return url;
  }

  /** Checks the provider's answer and exchanges its code, once. */
  async redeem(answer: URLSearchParams, { state, nonce, codeVerifier, redirectUri }: CodeRequest): Promise<Grant> {
    const { client, authenticate } = this.connection;
    const metadata = await this.connection.metadata();
    if (metadata.token_endpoint === undefined) throw unexpectedAnswer("discovery", "no token_endpoint");
    const code = authorizationOf(metadata, client, answer, state);
    const response = await reach("token request", () =>
      oauth.authorizationCodeGrantRequest(
        metadata,
        client,
        authenticate,
        code,
        redirectUri,
        codeVerifier,
        this.connection.request(),
      ),
    );
    const body = await readJson(response);
    const error = errorCode(body);
    if (error !== undefined) throw refusedBy(error, "token request");
    return { ...grantOf(body, this.now()), nonce };
  }

  /** Where the person's login at the provider ends (OpenID Connect RP-Initiated Logout 1.0); undefined if the provider has no such place. */
  async endSessionUrl({ idToken, returnTo }: { idToken?: string; returnTo?: string }): Promise<URL | undefined> {
    const { end_session_endpoint } = await this.connection.metadata();
    if (end_session_endpoint === undefined) return undefined;
    const url = this.endpoint("end_session_endpoint", end_session_endpoint);
    url.searchParams.set("client_id", this.connection.client.client_id);
    if (idToken !== undefined) url.searchParams.set("id_token_hint", idToken);
    if (returnTo !== undefined) url.searchParams.set("post_logout_redirect_uri", returnTo);
    return url;
  }

  /** A place that browsers are sent to: https, or the plain http that the operator chose for the whole provider. */
  private endpoint(name: string, text: string | undefined): URL {
    const url = URL.parse(text ?? "");
    const isSafe =
      url?.protocol === "https:" ||
      (url?.protocol === "http:" && (isLoopback(url) || this.connection.discovery.insecure));
    if (!url || !isSafe) throw unexpectedAnswer("discovery", `${name} is missing or no https URL`);
    return url;
  }
}

/** The code in the provider's answer. `state`, and `iss` where the provider sends or promises it (RFC 9207), must be what they should. */
function authorizationOf(
  metadata: oauth.AuthorizationServer,
  client: oauth.Client,
  answer: URLSearchParams,
  state: string,
): URLSearchParams {
  try {
    assertUnambiguous(answer);
    const valid = oauth.validateAuthResponse(metadata, client, answer, state);
    if (!valid.get("code")) throw new LoginRefused(502, "The identity provider sent no code.", "no code in the answer");
    return valid;
  } catch (error) {
    if (error instanceof oauth.AuthorizationResponseError) throw refusedBy(error.error, "authorization");
    if (error instanceof oauth.OperationProcessingError || error instanceof oauth.UnsupportedOperationError)
      throw new LoginRefused(
        400,
        "The answer of the identity provider does not belong to this login.",
        `authorization response: ${error.message}`,
      );
    throw error;
  }
}

/** RFC 6749 section 3.1: of a parameter that is there twice, two readers may take different ones. */
function assertUnambiguous(answer: URLSearchParams): void {
  const repeated = [...new Set(answer.keys())].find((name) => answer.getAll(name).length > 1);
  if (repeated !== undefined)
    throw new LoginRefused(
      400,
      "The answer of the identity provider does not belong to this login.",
      `authorization response: ${JSON.stringify(repeated.slice(0, 50))} is there twice`,
    );
}

/** The provider said no. Its own words stay out of the answer. */
function refusedBy(error: string, call: string): LoginRefused {
  const code = ERROR_CODE.test(error) ? error : "another error";
  return code === "access_denied"
    ? new LoginRefused(403, "The login was declined at the identity provider.", `${call}: access_denied`)
    : new LoginRefused(502, `The identity provider did not accept the login (${code}).`, `${call}: ${code}`);
}
