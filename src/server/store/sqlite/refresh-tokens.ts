import type { RefreshToken, RefreshTokenStore } from "../refresh-tokens.ts";
import { fromDate } from "./columns.ts";
import type { Connection } from "./connection.ts";

interface TokenRow {
  id: string;
  client_id: string;
  issued_at: number;
  expires_at: number;
  revoked: number;
  last_accessed: number;
}

const COLUMNS = "id, client_id, issued_at, expires_at, revoked, last_accessed";

const toToken = (row: TokenRow): RefreshToken => ({
  id: row.id,
  clientId: row.client_id,
  issuedAt: new Date(row.issued_at),
  expiresAt: new Date(row.expires_at),
  revoked: row.revoked === 1,
  lastAccessed: new Date(row.last_accessed),
});

const sha256 = (token: string) => new Bun.CryptoHasher("sha256").update(token).digest("hex");

/** Refresh tokens in SQLite, as hashes. */
export function refreshTokenStore(connection: Connection, randomId: () => string): RefreshTokenStore {
  const insert = connection.prepare<TokenRow>(
    `INSERT INTO refresh_tokens (id, hash, client_id, issued_at, expires_at, last_accessed)
     VALUES ($id, $hash, $clientId, $issuedAt, $expiresAt, $issuedAt) RETURNING ${COLUMNS}`,
  );
  const find = connection.prepare<TokenRow>(`SELECT ${COLUMNS} FROM refresh_tokens WHERE hash = $hash`);
  const touch = connection.prepare("UPDATE refresh_tokens SET last_accessed = $now WHERE id = $id");
  const revoke = connection.prepare("UPDATE refresh_tokens SET revoked = 1 WHERE id = $id AND revoked = 0");
  const ofClient = connection.prepare<TokenRow>(
    `SELECT ${COLUMNS} FROM refresh_tokens WHERE client_id = $clientId AND revoked = 0 AND expires_at > $now
     ORDER BY issued_at DESC`,
  );

  return {
    add: (token, { clientId, issuedAt, expiresAt }) =>
      connection.write(() =>
        toToken(
          insert.get({
            id: randomId(),
            hash: sha256(token),
            clientId,
            issuedAt: fromDate(issuedAt),
            expiresAt: fromDate(expiresAt),
          })!,
        ),
      ),
    find: (token) =>
      connection.read(() => {
        const row = find.get({ hash: sha256(token) });
        return row && toToken(row);
      }),
    touch: async (id, now) => void (await connection.write(() => touch.run({ id, now: fromDate(now) }))),
    revoke: (id) => connection.write(() => revoke.run({ id }) > 0),
    ofClient: (clientId, now) => connection.read(() => ofClient.all({ clientId, now: fromDate(now) }).map(toToken)),
  };
}
