import type { SecurityEventName, SecurityEvents } from "../log/security-events.ts";
import type { Attempts, AttemptStore } from "../store/attempts.ts";
import { OpenAttempts } from "./open-attempts.ts";
import { Problem } from "./problem.ts";
import type { RequestContext } from "./request-context.ts";

/** Milliseconds for which attempts are counted together, and refused together. */
export const ATTEMPT_WINDOW = 300_000;

export interface AttemptLimitOptions {
  attempts: AttemptStore;
  /** Of what is limited; tells its counters apart from others. */
  name: string;
  /** Attempts of one subject in a window; 0: as many as they like. */
  limit: number;
  /** A sentence for whoever has made too many. */
  message?: string;
  /** Tells the audit log of the attempt that used the last up. */
  report?: {
    name: Extract<SecurityEventName, "authn_login_fail_max" | "excess_rate_limit_exceeded">;
    /** Does it lock a client out? Then the audit log is told that as well. */
    locks?: true;
    events: SecurityEvents;
  };
  now: () => Date;
  /** Milliseconds; five minutes unless told otherwise. */
  window?: number;
}

/**
 * Limits how often an address or a client may try something (ASVS 5.0 control 6.3.1). All servers of a deployment count together. What may be
 * limited are failures, so that a whole lab behind one address works; where calls themselves cost something, calls are.
 */
export class AttemptLimit {
  private readonly open = new OpenAttempts();

  constructor(private readonly options: AttemptLimitOptions) {}

  /**
   * Makes an attempt of which only a failure counts. It counts from before the check and is given back afterwards: of a thousand guesses at once
   * no more are checked than may fail. Those that would only have to wait for the outcome of others do so.
   *
   * @param check null: the attempt has failed
   * @param origin where the attempt comes from: one that has none of its own that failed is let through, so that nobody can lock a subject out from
   * elsewhere
   * @throws Problem 429 when the subject has used its attempts up
   */
  async attempt<T>(
    subject: string,
    context: RequestContext,
    check: () => Promise<T | null>,
    origin?: string,
  ): Promise<T | null> {
    if (this.isOff) return check();
    const keys = this.keysOf(subject, origin);
    const taken = await this.take(keys);
    let failed = false;
    try {
      const outcome = await check().catch(async (error: unknown) => {
        // What broke the check may break this as well; the attempt then counts until its window ends.
        await this.giveBack(taken).catch(() => {});
        throw error;
      });
      failed = outcome === null;
      await (failed ? this.countFailure(subject, taken, context) : this.giveBack(taken));
      return outcome;
    } finally {
      this.open.end(keys, !failed);
    }
  }

  /** @throws Problem 429 when the subject has used its attempts up */
  async assertOpen(subject: string): Promise<void> {
    if (this.isOff) return;
    const attempts = await this.find(this.keyOf(subject));
    if (attempts && attempts.count >= this.options.limit) throw this.tooMany(attempts);
  }

  /**
   * Counts an attempt; the one that uses the last up is told to the audit log.
   *
   * @returns are they used up?
   */
  async count(subject: string, context: RequestContext): Promise<boolean> {
    const attempts = await this.counted(subject, context);
    return attempts !== undefined && attempts.count >= this.options.limit;
  }

  /** Counts an attempt, and refuses it if it is one too many. */
  async admit(subject: string, context: RequestContext): Promise<void> {
    const attempts = await this.counted(subject, context);
    if (attempts && attempts.count > this.options.limit) throw this.tooMany(attempts);
  }

  private async counted(subject: string, context: RequestContext): Promise<Attempts | undefined> {
    if (this.isOff) return undefined;
    const counted = await this.countUnder(this.keyOf(subject));
    if (counted?.count === this.options.limit) this.report(subject, context);
    return counted;
  }

  /** Takes room for an attempt; what is to be given back if it does not fail. */
  private async take(keys: Keys): Promise<Taken[]> {
    for (let retries = 0; ;) {
      const taken = await this.open.begin(keys, () => this.takeNow(keys));
      if (taken) return taken;
      const full = await this.find(keys.subject);
      const failures = full && (await this.find(this.failuresOf(full, keys)));
      const usedUp = failures && failures.count >= this.options.limit ? full : undefined;
      // What else has taken the room is open yet: here, or at another server, for whose sake nobody waits.
      if (usedUp && keys.origin === undefined) throw this.tooMany(usedUp);
      if (await this.open.room(usedUp ? keys.origin : keys.subject)) retries = 0;
      else if (retries++ > 0) throw this.tooMany(usedUp);
    }
  }

  private async takeNow({ subject, origin }: Keys): Promise<Taken[] | null> {
    const { attempts, limit, now, window = ATTEMPT_WINDOW } = this.options;
    const taken = await attempts.take(subject, limit, now(), window);
    if (origin === undefined) return taken && [{ key: subject, ...taken }];
    if (!taken) {
      const only = await attempts.take(origin, 1, now(), window);
      return only && [{ key: origin, ...only }];
    }
    const own = await this.countUnder(origin);
    return [{ key: subject, ...taken }, ...(own ? [{ key: origin, ...own }] : [])];
  }

  private async giveBack(taken: readonly Taken[]): Promise<void> {
    const { attempts } = this.options;
    await Promise.all(taken.map(({ key, windowEndsAt }) => attempts.giveBack(key, windowEndsAt)));
  }

  /** Whoever was let through to a subject that is closed adds nothing to its failures. */
  private async countFailure(subject: string, taken: readonly Taken[], context: RequestContext): Promise<void> {
    const keys = this.keysOf(subject);
    const window = taken.find(({ key }) => key === keys.subject);
    const failures = window && (await this.countUnder(this.failuresOf(window, keys)));
    if (failures?.count === this.options.limit) this.report(subject, context);
  }

  private async find(key: string): Promise<Attempts | undefined> {
    const [attempts] = await this.options.attempts.find([key], this.options.now());
    return attempts ?? undefined;
  }

  private async countUnder(key: string): Promise<Attempts | undefined> {
    const { attempts, now, window = ATTEMPT_WINDOW } = this.options;
    const [counted] = await attempts.count([key], now(), window);
    return counted;
  }

  private report(subject: string, context: RequestContext): void {
    const { report, name, limit } = this.options;
    const description = `${name}: ${subject} has made ${limit} attempts`;
    report?.events.emit("WARNING", report.name, [subject, String(limit)], description, context);
    if (!report?.locks) return;
    const lock = `${subject} is closed to addresses that have failed as this client, for some minutes`;
    report.events.emit("WARNING", "authn_login_lock", [subject, "maxretries"], lock, context);
  }

  private get isOff(): boolean {
    return this.options.limit === 0;
  }

  private keysOf(subject: string, origin?: string): Keys {
    return {
      subject: this.keyOf(subject),
      ...(origin === undefined ? {} : { origin: this.keyOf(`${subject}\0${origin}`) }),
    };
  }

  /** Under which the attempts of a window count that have failed, apart from those that may yet succeed. */
  private failuresOf({ windowEndsAt }: Attempts, { subject }: Keys): string {
    return this.keyOf(`${subject}\0failed\0${windowEndsAt.getTime()}`);
  }

  /** Of one length whatever the subject, and without telling it: who was refused from where is nobody's to read in the database. */
  private keyOf(text: string): string {
    return new Bun.CryptoHasher("sha256").update(`${this.options.name}\0${text}`).digest("base64url");
  }

  /** @param used absent: not by failures, but by attempts that will be over in a moment */
  private tooMany(used?: Attempts): Problem {
    const left = used ? (used.windowEndsAt.getTime() - this.options.now().getTime()) / 1000 : 0;
    const seconds = Math.max(1, Math.ceil(left));
    return new Problem(429, `${this.options.message ?? "Too many attempts."} Please try again in ${seconds} seconds.`, {
      headers: { "retry-after": String(seconds) },
    });
  }
}

/** What an attempt is counted under. */
type Keys = {
  readonly subject: string;
  readonly origin?: string;
};

/** Room for an attempt that was taken, and under which key. */
type Taken = Attempts & { readonly key: string };

/**
 * The address that attempts are counted by. A subscriber has 2^64 addresses of IPv6, which count as one; requests without a socket have none.
 */
export function countedAddress({ sourceAddress }: Pick<RequestContext, "sourceAddress">): string {
  if (sourceAddress === undefined) return "unknown";
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(sourceAddress)?.[1];
  if (mapped !== undefined || !sourceAddress.includes(":")) return mapped ?? sourceAddress;
  const host = URL.parse(`http://[${sourceAddress.replace(/%.*$/, "")}]/`)?.hostname.slice(1, -1);
  if (host === undefined) return sourceAddress;
  const [head = "", tail] = host.split("::");
  const groups = head === "" ? [] : head.split(":");
  const zeros = tail === undefined ? 0 : 8 - groups.length - (tail === "" ? 0 : tail.split(":").length);
  const all = [...groups, ...Array<string>(zeros).fill("0"), ...(tail ? tail.split(":") : [])];
  return `${all.slice(0, 4).join(":")}::/64`;
}
