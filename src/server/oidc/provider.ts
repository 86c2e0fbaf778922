import * as oauth from "oauth4webapi";
import type { Person } from "../store/clients.ts";
import { CodeGrant } from "./code-grant.ts";
import { type ConnectionOptions, ProviderConnection, readJson } from "./connection.ts";
import { DeviceGrant } from "./device-grant.ts";
import type { Discovery } from "./discovery.ts";
import { LoginRefused, noUserInformation } from "./faults.ts";
import type { Grant } from "./grant.ts";
import { IdTokenVerifier } from "./id-token.ts";
import { personOf, type PersonRules } from "./person.ts";

export type IdentityProviderOptions = ConnectionOptions & PersonRules;

/** The company's identity provider: the grants by which people log in there, and who they are. */
export class IdentityProvider {
  readonly device: DeviceGrant;
  readonly code: CodeGrant;
  readonly discovery: Discovery;
  private readonly connection: ProviderConnection;
  private readonly idTokens: IdTokenVerifier;

  constructor(private readonly options: IdentityProviderOptions) {
    this.connection = new ProviderConnection(options);
    this.discovery = this.connection.discovery;
    this.device = new DeviceGrant(this.connection, options.now);
    this.code = new CodeGrant(this.connection, options.now);
    this.idTokens = new IdTokenVerifier(options);
  }

  /** Who logged in. May be repeated for the same grant when it fails with anything but LoginRefused. */
  async identify(grant: Grant): Promise<Person> {
    const metadata = await this.connection.metadata();
    const idToken = await this.idTokens.verify(metadata, grant);
    const userinfo = await this.userinfo(metadata, grant.accessToken, idToken.sub);
    return personOf(metadata.issuer, idToken.sub, userinfo, idToken, this.options);
  }

  private async userinfo(
    metadata: oauth.AuthorizationServer,
    accessToken: string,
    sub: string,
  ): Promise<oauth.UserInfoResponse> {
    const { client } = this.connection;
    try {
      const response = await oauth.userInfoRequest(metadata, client, accessToken, this.connection.request());
      if (response.status >= 400) throw new Error(`HTTP ${response.status}`);
      // Some providers name another content type than JSON, which the library would not read.
      return await oauth.processUserInfoResponse(metadata, client, sub, Response.json(await readJson(response)));
    } catch (error) {
      // OpenID Connect Core section 5.3.2: claims of another subject must not be used.
      if (error instanceof oauth.OperationProcessingError && error.code === oauth.JSON_ATTRIBUTE_COMPARISON)
        throw new LoginRefused(502, "OIDC provider named two different people", "sub of userinfo and ID token differ");
      throw noUserInformation(error);
    }
  }
}
