import type { SecretRecord, SecretStore } from "../secrets.ts";
import { dateField, fromDate } from "./columns.ts";
import type { Connection } from "./connection.ts";

interface SecretRow {
  owner: string;
  path: string;
  sealed: Uint8Array;
  key_id: string;
  ephemeral: number;
  expires_at: number | null;
}

const COLUMNS = "owner, path, sealed, key_id, ephemeral, expires_at";

const toSecret = (row: SecretRow): SecretRecord => ({
  owner: row.owner,
  path: row.path,
  sealed: row.sealed,
  keyId: row.key_id,
  ephemeral: row.ephemeral === 1,
  ...dateField("expiresAt", row.expires_at),
});

/** Sealed secrets in SQLite. */
export function secretStore(connection: Connection): SecretStore {
  const put = connection.prepare(
    `INSERT OR REPLACE INTO secrets (owner, path, sealed, key_id, ephemeral, expires_at, updated_at)
     VALUES ($owner, $path, $sealed, $keyId, $ephemeral, $expiresAt, $now)`,
  );
  const find = connection.prepare<SecretRow>(
    `SELECT ${COLUMNS} FROM secrets WHERE owner = $owner AND path = $path AND (expires_at IS NULL OR expires_at > $now)`,
  );
  const existing = connection.prepare<{ path: string }>(
    `SELECT path FROM secrets
     WHERE owner = $owner AND path IN (SELECT value FROM json_each($paths)) AND (expires_at IS NULL OR expires_at > $now)`,
  );
  const remove = connection.prepare("DELETE FROM secrets WHERE owner = $owner AND path = $path");
  // Two ranges, since no index serves "unequal".
  const otherKey = connection.prepare<SecretRow>(
    `SELECT ${COLUMNS} FROM secrets WHERE key_id < $keyId
     UNION ALL SELECT ${COLUMNS} FROM secrets WHERE key_id > $keyId LIMIT $limit`,
  );
  const reseal = connection.prepare(
    `UPDATE secrets SET sealed = $sealed, key_id = $keyId
     WHERE owner = $owner AND path = $path AND sealed = $oldSealed AND key_id = $oldKeyId`,
  );

  return {
    put: async ({ owner, path, sealed, keyId, ephemeral, expiresAt }, now) =>
      void (await connection.write(() =>
        put.run({
          owner,
          path,
          sealed,
          keyId,
          ephemeral: Number(ephemeral),
          expiresAt: fromDate(expiresAt),
          now: fromDate(now),
        }),
      )),
    find: (owner, path, now) =>
      connection.read(() => {
        const row = find.get({ owner, path, now: fromDate(now) });
        return row && toSecret(row);
      }),
    take: (owner, path, now) =>
      connection.write(() => {
        const row = find.get({ owner, path, now: fromDate(now) });
        if (row?.ephemeral) remove.run({ owner, path });
        return row && toSecret(row);
      }),
    existing: (owner, paths, now) =>
      connection.read(() =>
        existing.all({ owner, paths: JSON.stringify(paths), now: fromDate(now) }).map(({ path }) => path),
      ),
    delete: async (owner, path) => void (await connection.write(() => remove.run({ owner, path }))),
    sealedWithOtherKey: (keyId, limit) => connection.read(() => otherKey.all({ keyId, limit }).map(toSecret)),
    reseal: ({ owner, path, sealed: oldSealed, keyId: oldKeyId }, sealed, keyId) =>
      connection.write(() => reseal.run({ owner, path, oldSealed, oldKeyId, sealed, keyId }) > 0),
  };
}
