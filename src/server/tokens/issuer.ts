import type { RequestContext } from "../http/request-context.ts";
import { effectivePermissions } from "../permissions/groups.ts";
import type { Client, ClientStore, Permissions } from "../store/clients.ts";
import type { LoginKind, RefreshTokenStore } from "../store/refresh-tokens.ts";
import { ACCESS_TOKEN_LIFETIME, type AccessTokens } from "./access-token.ts";
import { type RandomBytes, randomText } from "./random.ts";

/** Seconds that a refresh token lives: six days, whatever the role (auth section 3). */
export const REFRESH_TOKEN_LIFETIME = 518_400;

/** Letters and digits: 285 bits. */
export const REFRESH_TOKEN_LENGTH = 48;

/** A successful answer of a token endpoint (RFC 6749 section 5.1). */
export interface AccessTokenAnswer {
  readonly access_token: string;
  readonly token_type: "Bearer";
  /** Seconds. */
  readonly expires_in: number;
}

/** With a refresh token if the one that was used is replaced. */
export interface RefreshAnswer extends AccessTokenAnswer {
  readonly refresh_token?: string;
}

export interface TokenPair extends AccessTokenAnswer {
  readonly refresh_token: string;
}

export interface TokenIssuerOptions {
  accessTokens: AccessTokens;
  refreshTokens: RefreshTokenStore;
  clients: Pick<ClientStore, "find">;
  random: RandomBytes;
  now: () => Date;
}

type Origin = Pick<RequestContext, "sourceAddress">;

/** Issues Testflinger's own tokens to clients whose identity has been proved. They carry what client and groups may do at this moment. */
export class TokenIssuer {
  constructor(private readonly options: TokenIssuerOptions) {}

  /** @param session id of the refresh token that the login has */
  async access(client: Client, session: string): Promise<AccessTokenAnswer> {
    const { accessTokens, clients } = this.options;
    return {
      access_token: await accessTokens.issue(client.id, claimed(await effectivePermissions(client, clients)), session),
      token_type: "Bearer",
      expires_in: ACCESS_TOKEN_LIFETIME,
    };
  }

  /** @param context of the login, whose owner is shown where it came from */
  async pair(client: Client, kind: LoginKind, { sourceAddress: address }: Origin): Promise<TokenPair> {
    const refresh_token = randomText(REFRESH_TOKEN_LENGTH, this.options.random);
    const issuedAt = this.options.now();
    const expiresAt = new Date(issuedAt.getTime() + REFRESH_TOKEN_LIFETIME * 1000);
    const login = { clientId: client.id, issuedAt, expiresAt, kind, address };
    const { id } = await this.options.refreshTokens.add(refresh_token, login);
    return { ...(await this.access(client, id)), refresh_token };
  }
}

/** What a token tells of a client. The reference's password route copies every stored field, names of people included (auth section 8, no. 10). */
const claimed = ({
  role,
  max_priority,
  allowed_queues,
  allowed_queue_patterns,
  max_reservation_time,
  email,
  allowed_agents,
}: Permissions): Permissions => ({
  role,
  max_priority,
  allowed_queues,
  allowed_queue_patterns,
  max_reservation_time,
  email,
  allowed_agents,
});
