import type { Filter, ObjectId, UpdateFilter } from "mongodb";
import type { DeviceLogin, DeviceLoginStore, PollClaim } from "../device-logins.ts";
import type { Collections } from "./collections.ts";
import { present } from "./documents.ts";

/** A pending device login: the reference's document (data section 3.11) without anything in clear, and with the state of its polls. */
export interface DeviceLoginDocument {
  readonly _id: ObjectId;
  /** Its hash. */
  readonly request_id: string;
  /** Sealed. */
  readonly device_code: string;
  readonly expires_at: Date;
  readonly interval: number;
  readonly next_poll_at: Date;
  readonly code_challenge?: string;
  readonly sealed_identity?: string;
  readonly claim_id?: string | null;
  readonly claimed_until?: Date | null;
  readonly redeemed?: boolean;
}

/** Seconds that `slow_down` adds (RFC 8628 section 3.5). */
const SLOW_DOWN = 5;

const pending = (now: Date) => ({ expires_at: { $gt: now }, redeemed: { $ne: true } });

const loginOf = (document: DeviceLoginDocument): DeviceLogin =>
  present({
    requestHash: document.request_id,
    sealedDeviceCode: document.device_code,
    interval: document.interval,
    expiresAt: document.expires_at,
    codeChallenge: document.code_challenge,
    sealedIdentity: document.sealed_identity,
  });

export class MongoDeviceLoginStore implements DeviceLoginStore {
  readonly #logins: Collections["deviceLogins"];

  constructor({ deviceLogins }: Collections) {
    this.#logins = deviceLogins;
  }

  async add(login: DeviceLogin, nextPollAt: Date): Promise<void> {
    await this.#logins.insertOne(
      present({
        request_id: login.requestHash,
        device_code: login.sealedDeviceCode,
        expires_at: login.expiresAt,
        interval: login.interval,
        next_poll_at: nextPollAt,
        code_challenge: login.codeChallenge,
        sealed_identity: login.sealedIdentity,
      }) as DeviceLoginDocument,
    );
  }

  async find(requestHash: string, now: Date): Promise<DeviceLogin | null> {
    const document = await this.#logins.findOne({ request_id: requestHash, ...pending(now) });
    return document && loginOf(document);
  }

  async claim(requestHash: string, now: Date, until: Date): ReturnType<DeviceLoginStore["claim"]> {
    const claimId = crypto.randomUUID();
    const tooSoon = { $gt: ["$next_poll_at", now] };
    const refused = { $or: [tooSoon, { $gt: ["$claimed_until", now] }] };
    const grown = { $add: ["$interval", SLOW_DOWN] };
    const document = await this.#logins.findOneAndUpdate(
      { request_id: requestHash, ...pending(now) },
      [
        {
          $set: {
            interval: { $cond: [tooSoon, grown, "$interval"] },
            next_poll_at: { $cond: [tooSoon, { $add: [now, { $multiply: [grown, 1000] }] }, "$next_poll_at"] },
            claim_id: { $cond: [refused, { $ifNull: ["$claim_id", null] }, claimId] },
            claimed_until: { $cond: [refused, { $ifNull: ["$claimed_until", null] }, until] },
          },
        },
      ],
      { returnDocument: "after" },
    );
    if (document === null) return { refused: "unknown" };
    return document.claim_id === claimId
      ? { login: loginOf(document), claimId }
      : { refused: "early", interval: document.interval };
  }

  release(claim: PollClaim, { interval, nextPollAt }: { interval: number; nextPollAt: Date }): Promise<boolean> {
    return this.#settle(claim, {
      $max: { interval },
      $set: { next_poll_at: nextPollAt },
      $unset: { claim_id: "", claimed_until: "" },
    });
  }

  identify(claim: PollClaim, sealedIdentity: string): Promise<boolean> {
    return this.#settle(claim, { $set: { sealed_identity: sealedIdentity } });
  }

  redeem(claim: PollClaim): Promise<boolean> {
    return this.#settle(claim, {
      $set: { redeemed: true },
      $unset: { claim_id: "", claimed_until: "", sealed_identity: "" },
    });
  }

  async remove(requestHash: string): Promise<void> {
    await this.#logins.deleteMany({ request_id: requestHash });
  }

  countPending(now: Date): Promise<number> {
    return this.#logins.countDocuments(pending(now));
  }

  async #settle({ login, claimId }: PollClaim, update: UpdateFilter<DeviceLoginDocument>): Promise<boolean> {
    const held: Filter<DeviceLoginDocument> = {
      request_id: login.requestHash,
      claim_id: claimId,
      redeemed: { $ne: true },
    };
    return (await this.#logins.updateOne(held, update)).matchedCount === 1;
  }
}
