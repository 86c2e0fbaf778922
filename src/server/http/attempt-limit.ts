import type { SecurityEventName, SecurityEvents } from "../log/security-events.ts";
import type { Attempts, AttemptStore } from "../store/attempts.ts";
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
  constructor(private readonly options: AttemptLimitOptions) {}

  /**
   * @param origin where the attempt comes from: one that has made none itself is let through, so that nobody can lock a subject out from elsewhere
   * @throws Problem 429 when the subject has used its attempts up
   */
  async assertOpen(subject: string, origin?: string): Promise<void> {
    if (this.isOff) return;
    const [attempts, own] = await this.options.attempts.find(this.keysOf(subject, origin), this.options.now());
    const isUsedUp = attempts && attempts.count >= this.options.limit;
    if (isUsedUp && (origin === undefined || own)) throw this.tooMany(attempts);
  }

  /**
   * Counts an attempt; the one that uses the last up is told to the audit log.
   *
   * @returns are they used up?
   */
  async count(subject: string, context: RequestContext, origin?: string): Promise<boolean> {
    const attempts = await this.counted(subject, context, origin);
    return attempts !== undefined && attempts.count >= this.options.limit;
  }

  /** Counts an attempt, and refuses it if it is one too many. */
  async admit(subject: string, context: RequestContext): Promise<void> {
    const attempts = await this.counted(subject, context);
    if (attempts && attempts.count > this.options.limit) throw this.tooMany(attempts);
  }

  private async counted(subject: string, context: RequestContext, origin?: string): Promise<Attempts | undefined> {
    if (this.isOff) return undefined;
    const { attempts, limit, report, name, now, window = ATTEMPT_WINDOW } = this.options;
    const [counted] = await attempts.count(this.keysOf(subject, origin), now(), window);
    const description = `${name}: ${subject} has made ${limit} attempts`;
    if (counted?.count === limit)
      report?.events.emit("WARNING", report.name, [subject, String(limit)], description, context);
    return counted;
  }

  private get isOff(): boolean {
    return this.options.limit === 0;
  }

  /** Of one length whatever the subject, and without telling it: who was refused from where is nobody's to read in the database. */
  private keysOf(subject: string, origin: string | undefined): string[] {
    const key = (text: string) =>
      new Bun.CryptoHasher("sha256").update(`${this.options.name}\0${text}`).digest("base64url");
    return origin === undefined ? [key(subject)] : [key(subject), key(`${subject}\0${origin}`)];
  }

  private tooMany({ windowEndsAt }: Attempts): Problem {
    const seconds = Math.max(1, Math.ceil((windowEndsAt.getTime() - this.options.now().getTime()) / 1000));
    return new Problem(429, `${this.options.message ?? "Too many attempts."} Please try again in ${seconds} seconds.`, {
      headers: { "retry-after": String(seconds) },
    });
  }
}

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
