import * as oauth from "oauth4webapi";
import { Problem } from "../http/problem.ts";
import { errorCode, type ProviderConnection, reach, readJson, SCOPE } from "./connection.ts";
import { type DeviceAuthorization, deviceAuthorizationOf } from "./device-authorization.ts";
import { ERROR_CODE, type Grant, grantOf } from "./grant.ts";

/** The device authorization grant (RFC 8628), as the provider's client (auth section 5). */
export class DeviceGrant {
  constructor(
    private readonly connection: ProviderConnection,
    private readonly now: () => Date,
  ) {}

  async authorize(): Promise<DeviceAuthorization> {
    const { client, authenticate, discovery } = this.connection;
    const metadata = await this.connection.metadata();
    if (metadata.device_authorization_endpoint === undefined)
      throw new Problem(500, "OIDC provider does not support device authorization");
    const call = "device authorization";
    const response = await reach(call, () =>
      oauth.deviceAuthorizationRequest(metadata, client, authenticate, { scope: SCOPE }, this.connection.request()),
    );
    if (response.status >= 400)
      throw new Problem(502, "OIDC provider rejected device authorization request", {
        log: `${call}: HTTP ${response.status}, error ${JSON.stringify(errorCode(await readJson(response)))}`,
      });
    return deviceAuthorizationOf(await readJson(response), discovery.issuer);
  }

  /** Asks for the outcome of a device login, once. The body decides, whatever the status (auth section 5.2). */
  async redeem(deviceCode: string): Promise<Grant | { error: string }> {
    const { client, authenticate } = this.connection;
    const metadata = await this.connection.metadata();
    if (metadata.token_endpoint === undefined) throw new Problem(500, "OIDC provider metadata missing token endpoint");
    const response = await reach("token request", () =>
      oauth.deviceCodeGrantRequest(metadata, client, authenticate, deviceCode, this.connection.request()),
    );
    const body = await readJson(response);
    const error = errorCode(body);
    if (error !== undefined) return { error: ERROR_CODE.test(error) ? error : "server_error" };
    return grantOf(body, this.now());
  }
}
