import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { Provider } from "oidc-provider";

export interface RealProvider {
  readonly issuer: string;
  stop(): Promise<void>;
}

const DEVICE_GRANT = "urn:ietf:params:oauth:grant-type:device_code";

/** Clients that it knows: one without a secret and one with. */
export const PUBLIC_CLIENT = "testflinger-client";
export const CONFIDENTIAL_CLIENT = { id: "testflinger-confidential", secret: "s3cret/with+signs=" };

/** A native application may listen on any port of its machine (RFC 8252 section 7.3), as servers under test do. */
const client = {
  application_type: "native" as const,
  grant_types: [DEVICE_GRANT, "authorization_code"],
  response_types: ["code" as const],
  redirect_uris: ["http://127.0.0.1/auth/callback"],
};

/** People who can log in, with any password. */
const ACCOUNTS: Readonly<Record<string, { name: string; email: string; email_verified: boolean }>> = {
  alice: { name: "Alice A", email: "alice@example.com", email_verified: true },
  bob: { name: "Bob B", email: "bob@example.com", email_verified: false },
};

/** The certified `oidc-provider` on a port of this machine, with its development pages for login and consent. */
export async function startProvider(): Promise<RealProvider> {
  // The issuer holds the port, and the provider has to know its issuer from the start.
  const server = createServer((request, response) => handle(request, response));
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const provider = new Provider(issuer, {
    clients: [
      { ...client, client_id: PUBLIC_CLIENT, token_endpoint_auth_method: "none" },
      {
        ...client,
        client_id: CONFIDENTIAL_CLIENT.id,
        client_secret: CONFIDENTIAL_CLIENT.secret,
        token_endpoint_auth_method: "client_secret_basic",
      },
    ],
    features: { deviceFlow: { enabled: true }, devInteractions: { enabled: true }, userinfo: { enabled: true } },
    claims: { openid: ["sub"], profile: ["name"], email: ["email", "email_verified"] },
    cookies: { keys: ["a key for tests"] },
    ttl: { AccessToken: 600, DeviceCode: 300, Grant: 600, IdToken: 600, Interaction: 600, Session: 600 },
    findAccount: (_context, accountId) => {
      const account = ACCOUNTS[accountId];
      return account && { accountId, claims: () => ({ sub: accountId, ...account }) };
    },
  });
  const handle = provider.callback();
  return {
    issuer,
    stop: () =>
      new Promise((stopped) => {
        server.close(() => stopped());
        server.closeAllConnections();
      }),
  };
}
