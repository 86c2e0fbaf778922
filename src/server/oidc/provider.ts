import * as oauth from "oauth4webapi";
import { isPlainObject } from "../http/decode.ts";
import { Problem } from "../http/problem.ts";
import type { Person } from "../store/clients.ts";
import { type Fetch, ProviderUnreachable } from "./bounded-fetch.ts";
import { type DeviceAuthorization, deviceAuthorizationOf } from "./device-authorization.ts";
import { Discovery } from "./discovery.ts";
import { LoginRefused, noUserInformation, unexpectedAnswer, unreachable } from "./faults.ts";
import { IdTokenVerifier } from "./id-token.ts";
import { personOf } from "./person.ts";

const SCOPE = "openid profile email";

/** The form of every registered error code (RFC 6749 section 5.2, RFC 8628 section 3.5); anything else is text that we do not pass on. */
const ERROR_CODE = /^[a-z][a-z0-9_]{0,63}$/;

export interface IdentityProviderOptions {
  issuer: string;
  clientId: string;
  /** Absent: a public client. */
  clientSecret?: string;
  requireVerifiedEmail: boolean;
  /** Bounded in time and size. */
  fetch: Fetch;
  now: () => Date;
}

/** What the provider hands out for an approved device code; proves once and for all who logged in. */
export interface Grant {
  readonly accessToken: string;
  readonly idToken: string;
  readonly receivedAt: Date;
}

/** The calls of the device flow to the provider (auth section 5). */
export class IdentityProvider {
  readonly discovery: Discovery;
  private readonly client: oauth.Client;
  private readonly idTokens: IdTokenVerifier;

  constructor(private readonly options: IdentityProviderOptions) {
    this.discovery = new Discovery(options);
    this.client = { client_id: options.clientId };
    this.idTokens = new IdTokenVerifier(options);
  }

  async authorizeDevice(): Promise<DeviceAuthorization> {
    const metadata = await this.discovery.metadata();
    if (metadata.device_authorization_endpoint === undefined)
      throw new Problem(500, "OIDC provider does not support device authorization");
    const call = "device authorization";
    const response = await reach(call, () =>
      oauth.deviceAuthorizationRequest(metadata, this.client, this.authenticate, { scope: SCOPE }, this.request()),
    );
    if (response.status >= 400)
      throw new Problem(502, "OIDC provider rejected device authorization request", {
        log: `${call}: HTTP ${response.status}, error ${JSON.stringify(errorCode(await readJson(response)))}`,
      });
    return deviceAuthorizationOf(await readJson(response), this.discovery.issuer);
  }

  /** Asks for the outcome of a device login, once. The body decides, whatever the status (auth section 5.2). */
  async redeem(deviceCode: string): Promise<Grant | { error: string }> {
    const metadata = await this.discovery.metadata();
    if (metadata.token_endpoint === undefined) throw new Problem(500, "OIDC provider metadata missing token endpoint");
    const response = await reach("token request", () =>
      oauth.deviceCodeGrantRequest(metadata, this.client, this.authenticate, deviceCode, this.request()),
    );
    const body = await readJson(response);
    const error = errorCode(body);
    if (error !== undefined) return { error: ERROR_CODE.test(error) ? error : "server_error" };
    if (!isPlainObject(body) || typeof body.access_token !== "string" || body.access_token === "")
      throw unexpectedAnswer("token request", "neither an error nor an access token");
    // From here on the device code is used up: a fault cannot be mended by asking again.
    if (typeof body.id_token !== "string")
      throw new LoginRefused(502, "OIDC provider did not return an ID token", "no id_token in the token response");
    return { accessToken: body.access_token, idToken: body.id_token, receivedAt: this.options.now() };
  }

  /** Who logged in. May be repeated for the same grant when it fails with anything but LoginRefused. */
  async identify(grant: Grant): Promise<Person> {
    const metadata = await this.discovery.metadata();
    const idToken = await this.idTokens.verify(metadata, grant.idToken, grant.receivedAt);
    const userinfo = await this.userinfo(metadata, grant.accessToken, idToken.sub);
    return personOf(metadata.issuer, idToken.sub, userinfo, idToken, this.options.requireVerifiedEmail);
  }

  private async userinfo(
    metadata: oauth.AuthorizationServer,
    accessToken: string,
    sub: string,
  ): Promise<oauth.UserInfoResponse> {
    try {
      const response = await oauth.userInfoRequest(metadata, this.client, accessToken, this.request());
      if (response.status >= 400) throw new Error(`HTTP ${response.status}`);
      // Some providers name another content type than JSON, which the library would not read.
      return await oauth.processUserInfoResponse(metadata, this.client, sub, Response.json(await readJson(response)));
    } catch (error) {
      // OpenID Connect Core section 5.3.2: claims of another subject must not be used.
      if (error instanceof oauth.OperationProcessingError && error.code === oauth.JSON_ATTRIBUTE_COMPARISON)
        throw new LoginRefused(502, "OIDC provider named two different people", "sub of userinfo and ID token differ");
      throw noUserInformation(error);
    }
  }

  private request() {
    return { [oauth.customFetch]: this.options.fetch, [oauth.allowInsecureRequests]: this.discovery.insecure };
  }

  /** HTTP Basic where there is a secret, and the client id in the body in every case (auth section 5). */
  private readonly authenticate: oauth.ClientAuth = (_server, { client_id }, body, headers) => {
    body.set("client_id", client_id);
    const { clientSecret } = this.options;
    if (!clientSecret) return;
    // The library's own encoding is allowed, but writes `-` as `%2D`, and some providers do not decode what they get.
    const credentials = `${formEncoded(client_id)}:${formEncoded(clientSecret)}`;
    headers.set("authorization", `Basic ${btoa(credentials)}`);
  };
}

/** `application/x-www-form-urlencoded`, as RFC 6749 section 2.3.1 asks. */
const formEncoded = (text: string): string => new URLSearchParams([["", text]]).toString().slice(1);

async function reach(call: string, request: () => Promise<Response>): Promise<Response> {
  try {
    return await request();
  } catch (error) {
    if (error instanceof ProviderUnreachable) throw unreachable(call, error);
    // An endpoint that is no URL, or plain http at an https provider.
    if (error instanceof oauth.OperationProcessingError) throw unexpectedAnswer(call, error.message);
    throw error;
  }
}

async function readJson(response: Response): Promise<unknown> {
  return response.json().catch(() => undefined);
}

const errorCode = (body: unknown): string | undefined =>
  isPlainObject(body) && typeof body.error === "string" ? body.error : undefined;
