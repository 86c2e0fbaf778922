import type { DeviceLogin, DeviceLoginStore } from "../device-logins.ts";
import { field, fromDate } from "./columns.ts";
import type { Connection } from "./connection.ts";

/** Seconds that a poll before its time adds to the interval (RFC 8628 section 3.5). */
const SLOW_DOWN_SECONDS = 5;

interface LoginRow {
  request_hash: string;
  sealed_device_code: string;
  interval: number;
  next_poll_at: number;
  expires_at: number;
  code_challenge: string | null;
  sealed_identity: string | null;
  claimed_until: number | null;
}

const toLogin = (row: LoginRow): DeviceLogin => ({
  requestHash: row.request_hash,
  sealedDeviceCode: row.sealed_device_code,
  interval: row.interval,
  expiresAt: new Date(row.expires_at),
  ...field("codeChallenge", row.code_challenge),
  ...field("sealedIdentity", row.sealed_identity),
});

/** Device logins in SQLite. A redeemed one stays until it expires, so that nobody can add it anew. */
export function deviceLoginStore(connection: Connection, randomId: () => string): DeviceLoginStore {
  const insert = connection.prepare(
    `INSERT INTO device_logins (request_hash, sealed_device_code, interval, next_poll_at, expires_at, code_challenge, sealed_identity)
     VALUES ($requestHash, $sealedDeviceCode, $interval, $nextPollAt, $expiresAt, $codeChallenge, $sealedIdentity)`,
  );
  const find = connection.prepare<LoginRow>(
    `SELECT request_hash, sealed_device_code, interval, next_poll_at, expires_at, code_challenge, sealed_identity, claimed_until
     FROM device_logins WHERE request_hash = $requestHash AND expires_at > $now AND redeemed = 0`,
  );
  const slowDown = connection.prepare(
    "UPDATE device_logins SET interval = $interval, next_poll_at = $nextPollAt WHERE request_hash = $requestHash",
  );
  const claim = connection.prepare(
    "UPDATE device_logins SET claim_id = $claimId, claimed_until = $until WHERE request_hash = $requestHash",
  );
  const whileClaimed = (change: string) =>
    connection.prepare(`UPDATE device_logins SET ${change} WHERE request_hash = $requestHash AND claim_id = $claimId`);
  const release = whileClaimed(
    "interval = max(interval, $interval), next_poll_at = $nextPollAt, claim_id = NULL, claimed_until = NULL",
  );
  const identify = whileClaimed("sealed_identity = $sealedIdentity");
  const redeem = whileClaimed("redeemed = 1, claim_id = NULL");
  const remove = connection.prepare("DELETE FROM device_logins WHERE request_hash = $requestHash");
  const countPending = connection.prepare<{ count: number }>(
    "SELECT count(*) AS count FROM device_logins WHERE expires_at > $now AND redeemed = 0",
  );

  return {
    add: async (login, nextPollAt) =>
      void (await connection.write(() =>
        insert.run({
          requestHash: login.requestHash,
          sealedDeviceCode: login.sealedDeviceCode,
          interval: login.interval,
          nextPollAt: fromDate(nextPollAt),
          expiresAt: fromDate(login.expiresAt),
          codeChallenge: login.codeChallenge ?? null,
          sealedIdentity: login.sealedIdentity ?? null,
        }),
      )),

    find: (requestHash, now) =>
      connection.read(() => {
        const row = find.get({ requestHash, now: fromDate(now) });
        return row && toLogin(row);
      }),

    claim: (requestHash, now, until) =>
      connection.write(() => {
        const row = find.get({ requestHash, now: fromDate(now) });
        if (row === null) return { refused: "unknown" };
        if (row.next_poll_at > now.getTime()) {
          const interval = row.interval + SLOW_DOWN_SECONDS;
          slowDown.run({ requestHash, interval, nextPollAt: now.getTime() + interval * 1000 });
          return { refused: "early", interval };
        }
        if (row.claimed_until !== null && row.claimed_until > now.getTime())
          return { refused: "early", interval: row.interval };
        const claimId = randomId();
        claim.run({ requestHash, claimId, until: fromDate(until) });
        return { login: toLogin(row), claimId };
      }),

    release: ({ login: { requestHash }, claimId }, { interval, nextPollAt }) =>
      connection.write(() => release.run({ requestHash, claimId, interval, nextPollAt: fromDate(nextPollAt) }) > 0),
    identify: ({ login: { requestHash }, claimId }, sealedIdentity) =>
      connection.write(() => identify.run({ requestHash, claimId, sealedIdentity }) > 0),
    redeem: ({ login: { requestHash }, claimId }) => connection.write(() => redeem.run({ requestHash, claimId }) > 0),
    remove: async (requestHash) => void (await connection.write(() => remove.run({ requestHash }))),
    countPending: (now) => connection.read(() => countPending.get({ now: fromDate(now) })!.count),
  };
}
