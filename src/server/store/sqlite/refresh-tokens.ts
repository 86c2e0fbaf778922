import type { LoginKind, RefreshToken, RefreshTokenStore } from "../refresh-tokens.ts";
import { field, fromDate } from "./columns.ts";
import type { Connection } from "./connection.ts";

interface TokenRow {
  id: string;
  client_id: string;
  issued_at: number;
  expires_at: number;
  revoked: number;
  last_accessed: number;
  kind: LoginKind | null;
  address: string | null;
}

interface LookedUpRow extends TokenRow {
  /** When the token was replaced that was looked up, by the login's present one or by one before it. */
  replaced_by_present: number | null;
  replaced_before: number | null;
}

const COLUMNS = "id, client_id, issued_at, expires_at, revoked, last_accessed, kind, address";

const toToken = (row: TokenRow): RefreshToken => ({
  id: row.id,
  clientId: row.client_id,
  issuedAt: new Date(row.issued_at),
  expiresAt: new Date(row.expires_at),
  revoked: row.revoked === 1,
  lastAccessed: new Date(row.last_accessed),
  ...field("kind", row.kind),
  ...field("address", row.address),
});

const toLookedUp = ({ replaced_by_present, replaced_before, ...row }: LookedUpRow): RefreshToken => {
  const at = replaced_by_present ?? replaced_before;
  if (at === null) return toToken(row);
  return { ...toToken(row), replaced: { at: new Date(at), byPresent: replaced_by_present !== null } };
};

const sha256 = (token: string) => new Bun.CryptoHasher("sha256").update(token).digest("hex");

/** Refresh tokens in SQLite, as hashes. */
export function refreshTokenStore(connection: Connection, randomId: () => string): RefreshTokenStore {
  const insert = connection.prepare<TokenRow>(
    `INSERT INTO refresh_tokens (id, hash, client_id, issued_at, expires_at, last_accessed, kind, address)
     VALUES ($id, $hash, $clientId, $issuedAt, $expiresAt, $issuedAt, $kind, $address) RETURNING ${COLUMNS}`,
  );
  const find = connection.prepare<LookedUpRow>(
    `SELECT ${COLUMNS}, NULL AS replaced_by_present, NULL AS replaced_before FROM refresh_tokens WHERE hash = +$hash
     UNION ALL
     SELECT ${COLUMNS}, iif(previous_hash = +$hash, present.replaced_at, NULL), former.replaced_at
     FROM replaced_refresh_tokens AS former JOIN refresh_tokens AS present ON present.id = former.login
     WHERE former.hash = +$hash`,
  );
  const replace = connection.prepare(
    `UPDATE refresh_tokens SET hash = $successor, previous_hash = $hash, replaced_at = $now, expires_at = $expiresAt, last_accessed = $now,
       address = coalesce($address, address)
     WHERE id = $id AND hash = $hash AND revoked = 0`,
  );
  const remember = connection.prepare(
    "INSERT INTO replaced_refresh_tokens (hash, login, replaced_at) VALUES ($hash, $id, $now)",
  );
  const touch = connection.prepare(
    "UPDATE refresh_tokens SET last_accessed = $now, address = coalesce($address, address) WHERE id = $id",
  );
  const revoke = connection.prepare("UPDATE refresh_tokens SET revoked = 1 WHERE id = $id AND revoked = 0");
  const living = connection.prepare<TokenRow>(
    `SELECT ${COLUMNS} FROM refresh_tokens WHERE id = $id AND revoked = 0 AND expires_at > $now`,
  );
  const ofClient = connection.prepare<TokenRow>(
    `SELECT ${COLUMNS} FROM refresh_tokens WHERE client_id = $clientId AND revoked = 0 AND expires_at > $now
     ORDER BY issued_at DESC`,
  );

  return {
    add: (token, { clientId, issuedAt, expiresAt, kind, address }) =>
      connection.write(() =>
        toToken(
          insert.get({
            id: randomId(),
            hash: sha256(token),
            clientId,
            issuedAt: fromDate(issuedAt),
            expiresAt: fromDate(expiresAt),
            kind: kind ?? null,
            address: address ?? null,
          })!,
        ),
      ),
    find: (token) =>
      connection.read(() => {
        const row = find.get({ hash: sha256(token) });
        return row && toLookedUp(row);
      }),
    replace: (id, token, successor, next) =>
      connection.write(() => {
        const [hash, now] = [sha256(token), fromDate(next.now)];
        const changes = { successor: sha256(successor), now, expiresAt: fromDate(next.expiresAt) };
        if (replace.run({ id, hash, ...changes, address: next.address ?? null }) === 0) return false;
        remember.run({ hash, id, now });
        return true;
      }),
    touch: async (id, now, address) =>
      void (await connection.write(() => touch.run({ id, now: fromDate(now), address: address ?? null }))),
    living: (id, now) =>
      connection.read(() => {
        const row = living.get({ id, now: fromDate(now) });
        return row && toToken(row);
      }),
    revoke: (id) => connection.write(() => revoke.run({ id }) > 0),
    ofClient: (clientId, now) => connection.read(() => ofClient.all({ clientId, now: fromDate(now) }).map(toToken)),
  };
}
