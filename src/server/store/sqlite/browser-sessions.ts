import type { BrowserSession, BrowserSessionStore } from "../browser-sessions.ts";
import { field, fromDate } from "./columns.ts";
import type { Connection } from "./connection.ts";

interface SessionRow {
  id: string;
  hash: string;
  client_id: string;
  created_at: number;
  last_seen_at: number;
  idle_until: number;
  expires_at: number;
  sealed_id_token: string | null;
  address: string | null;
}

const COLUMNS = "id, hash, client_id, created_at, last_seen_at, idle_until, expires_at, sealed_id_token, address";
const LIVING = "idle_until > $now AND expires_at > $now";

const toSession = (row: SessionRow): BrowserSession => ({
  id: row.id,
  hash: row.hash,
  clientId: row.client_id,
  createdAt: new Date(row.created_at),
  lastSeenAt: new Date(row.last_seen_at),
  idleUntil: new Date(row.idle_until),
  expiresAt: new Date(row.expires_at),
  ...field("sealedIdToken", row.sealed_id_token),
  ...field("address", row.address),
});

/** Browser sessions in SQLite. */
export function browserSessionStore(connection: Connection): BrowserSessionStore {
  const insert = connection.prepare(
    `INSERT INTO browser_sessions (${COLUMNS})
     VALUES ($id, $hash, $clientId, $createdAt, $lastSeenAt, $idleUntil, $expiresAt, $sealedIdToken, $address)`,
  );
  const find = connection.prepare<SessionRow>(
    `SELECT ${COLUMNS} FROM browser_sessions WHERE hash = $hash AND ${LIVING}`,
  );
  const touch = connection.prepare(
    `UPDATE browser_sessions SET last_seen_at = $lastSeenAt, idle_until = $idleUntil, address = coalesce($address, address)
     WHERE id = $id`,
  );
  const living = connection.prepare<SessionRow>(`SELECT ${COLUMNS} FROM browser_sessions WHERE id = $id AND ${LIVING}`);
  // Either time has an index of its own.
  const takeExpired = ["idle_until", "expires_at"].map((time) =>
    connection.prepare<SessionRow>(`DELETE FROM browser_sessions WHERE ${time} <= $now RETURNING ${COLUMNS}`),
  );
  const remove = connection.prepare("DELETE FROM browser_sessions WHERE id = $id");
  const ofClient = connection.prepare<SessionRow>(
    `SELECT ${COLUMNS} FROM browser_sessions WHERE client_id = $clientId AND ${LIVING} ORDER BY created_at DESC`,
  );

  return {
    add: async (session) =>
      void (await connection.write(() =>
        insert.run({
          id: session.id,
          hash: session.hash,
          clientId: session.clientId,
          createdAt: fromDate(session.createdAt),
          lastSeenAt: fromDate(session.lastSeenAt),
          idleUntil: fromDate(session.idleUntil),
          expiresAt: fromDate(session.expiresAt),
          sealedIdToken: session.sealedIdToken ?? null,
          address: session.address ?? null,
        }),
      )),
    find: (hash, now) =>
      connection.read(() => {
        const row = find.get({ hash, now: fromDate(now) });
        return row && toSession(row);
      }),
    touch: async (id, { lastSeenAt, idleUntil, address = null }) =>
      void (await connection.write(() =>
        touch.run({ id, lastSeenAt: fromDate(lastSeenAt), idleUntil: fromDate(idleUntil), address }),
      )),
    living: (id, now) =>
      connection.read(() => {
        const row = living.get({ id, now: fromDate(now) });
        return row && toSession(row);
      }),
    end: (id) => connection.write(() => remove.run({ id }) > 0),
    ofClient: (clientId, now) => connection.read(() => ofClient.all({ clientId, now: fromDate(now) }).map(toSession)),
    takeExpired: (now) =>
      connection.write(() => takeExpired.flatMap((taken) => taken.all({ now: fromDate(now) })).map(toSession)),
  };
}
