import { Problem } from "../http/problem.ts";
import { AttemptLimit, countedAddress } from "../http/attempt-limit.ts";
import type { Limits } from "../http/limits.ts";
import type { RequestContext } from "../http/request-context.ts";
import { describeError, type Logger } from "../log/logger.ts";
import type { SecurityEvents } from "../log/security-events.ts";
import type { Client } from "../store/clients.ts";
import type { DeviceLogin, PollClaim } from "../store/device-logins.ts";
import type { Store } from "../store/store.ts";
import type { TokenIssuer, TokenPair } from "../tokens/issuer.ts";
import type { RandomBytes } from "../tokens/random.ts";
import type { Admission } from "./admission.ts";
import { provesChallenge } from "./code-verifier.ts";
import { LoginRefused } from "./faults.ts";
import type { Grant } from "./grant.ts";
import type { IdentityProvider } from "./provider.ts";
import { type Seal, SealBroken } from "./seal.ts";

/** Milliseconds for which one poll has a login to itself: longer than all its calls to the provider can take (discovery, token, keys, userinfo). */
export const CLAIM_LIFETIME = 30_000;

/** Seconds that slow_down adds to the interval (RFC 8628 section 3.5). */
const SLOW_DOWN_STEP = 5;

const REQUEST_ID_BYTES = 32;

/** Wrong verifiers after which a login ends. An honest client never sends one. */
const MAX_FAILED_PROOFS = 5;

/** Milliseconds for which wrong verifiers are counted: longer than any login. */
const PROOF_WINDOW = 86_400_000;

/** Logins that may be pending at a time: `auth-init` is open, and each one costs a call to the provider and a record. */
const MAX_PENDING_LOGINS = 10_000;

export interface DeviceLoginServiceOptions {
  store: Pick<Store, "deviceLogins" | "attempts">;
  provider: Pick<IdentityProvider, "device">;
  admission: Admission;
  issuer: TokenIssuer;
  seal: Seal;
  events: SecurityEvents;
  log: Logger;
  random: RandomBytes;
  now: () => Date;
  limits: Pick<Limits, "authInit" | "authPoll">;
}

/** What a poll ends in, other than a fault (auth section 5.2). */
export type PollOutcome =
  | { readonly tokens: TokenPair }
  /** @param retryAfter seconds */
  | { readonly error: string; readonly retryAfter?: number };

const unknownRequest = () => new Problem(400, "Invalid or expired request_id");

/** Logins by the device flow, which the server carries on with the provider for its clients (RFC 8628, auth section 5). */
export class DeviceLoginService {
  private readonly failedProofs: AttemptLimit;

  constructor(private readonly options: DeviceLoginServiceOptions) {
    this.failedProofs = new AttemptLimit({
      attempts: options.store.attempts,
      now: options.now,
      name: "code verifiers of a device login",
      limit: MAX_FAILED_PROOFS,
      window: PROOF_WINDOW,
    });
  }

  /** Begins a login. The answer is what the provider wants shown to the person, and the id to poll with. */
  async begin(codeChallenge: string | undefined, context: RequestContext): Promise<Record<string, unknown>> {
    const { store, provider, seal, random, now } = this.options;
    await this.assertRoom(context);
    const { deviceCode, interval, expiresIn, shown } = await provider.device.authorize();
    const requestId = Buffer.from(random(REQUEST_ID_BYTES)).toString("base64url");
    const requestHash = hashOf(requestId);
    const start = now();
    const sealedDeviceCode = await seal.seal(deviceCode, purposes(requestHash).deviceCode);
    const expiresAt = later(start, expiresIn);
    await store.deviceLogins.add({ requestHash, sealedDeviceCode, interval, expiresAt, codeChallenge }, start);
    return { ...shown, request_id: requestId };
  }

  private async assertRoom(context: RequestContext): Promise<void> {
    await this.options.limits.authInit.admit(countedAddress(context), context);
    if ((await this.options.store.deviceLogins.countPending(this.options.now())) < MAX_PENDING_LOGINS) return;
    const message = "Too many logins are waiting at the moment. Please try again in a minute.";
    throw new Problem(429, message, { headers: { "retry-after": "60" }, log: message });
  }

  /** Asks how a login stands; ends it with tokens for exactly one caller. */
  async poll(requestId: string, codeVerifier: string | undefined, context: RequestContext): Promise<PollOutcome> {
    const { deviceLogins } = this.options.store;
    const requestHash = hashOf(requestId);
    const start = this.options.now();
    const login = await this.find(requestHash, start, context);
    if (!(await this.isProved(login, codeVerifier, context))) return { error: "invalid_grant" };
    const claim = await deviceLogins.claim(requestHash, start, new Date(start.getTime() + CLAIM_LIFETIME));
    if (!("refused" in claim)) return this.settle(claim, start, context);
    if (claim.refused === "unknown") throw unknownRequest();
    return { error: "slow_down", retryAfter: Math.ceil(claim.interval) };
  }

  /** Only those who guess ask for what is not there again and again. */
  private async find(requestHash: string, now: Date, context: RequestContext): Promise<DeviceLogin> {
    const { limits, store } = this.options;
    const address = countedAddress(context);
    await limits.authPoll.assertOpen(address);
    const login = await store.deviceLogins.find(requestHash, now);
    if (login) return login;
    await limits.authPoll.admit(address, context);
    throw unknownRequest();
  }

  /** Asked before anything else, so that whoever cannot prove to have begun the login does not even slow it down. */
  private async isProved(
    { requestHash, codeChallenge }: DeviceLogin,
    codeVerifier: string | undefined,
    context: RequestContext,
  ): Promise<boolean> {
    // A verifier without a challenge: somebody took the challenge out of auth-init on the way (RFC 9700 section 4.8).
    const proved =
      codeChallenge === undefined
        ? codeVerifier === undefined
        : await provesChallenge(codeVerifier ?? "", codeChallenge);
    if (!proved && (await this.failedProofs.count(requestHash, context))) {
      await this.options.store.deviceLogins.remove(requestHash);
      this.reportRefusal({ reason: `${MAX_FAILED_PROOFS} wrong code verifiers` }, context);
    }
    return proved;
  }

  private async settle(claim: PollClaim, start: Date, context: RequestContext): Promise<PollOutcome> {
    const { deviceLogins } = this.options.store;
    const { requestHash, interval } = claim.login;
    const release = (next: number) => deviceLogins.release(claim, { interval: next, nextPollAt: later(start, next) });
    try {
      const grant = (await this.keptGrant(claim.login)) ?? (await this.askProvider(claim));
      if (!("error" in grant)) return await this.admit(claim, grant, context);
      if (grant.error === "authorization_pending") await release(interval);
      else if (grant.error === "slow_down") await release(interval + SLOW_DOWN_STEP);
      else await deviceLogins.remove(requestHash);
      return grant.error === "slow_down" ? { error: grant.error, retryAfter: SLOW_DOWN_STEP } : { error: grant.error };
    } catch (error) {
      if (error instanceof LoginRefused || error instanceof SealBroken) await deviceLogins.remove(requestHash);
      else
        await release(interval).catch((cause) =>
          this.options.log.warn("device login stays claimed", describeError(cause)),
        );
      if (error instanceof LoginRefused) this.reportRefusal(error, context);
      // The server's secret has changed since the login began.
      throw error instanceof SealBroken ? unknownRequest() : error;
    }
  }

  /** A grant that an earlier poll got and could not finish with: the provider would not give it again. */
  private async keptGrant({ sealedIdentity, requestHash }: DeviceLogin): Promise<Grant | undefined> {
    if (sealedIdentity === undefined) return undefined;
    const grant = JSON.parse(await this.options.seal.open(sealedIdentity, purposes(requestHash).grant));
    return { ...grant, receivedAt: new Date(grant.receivedAt) };
  }

  private async askProvider(claim: PollClaim): Promise<Grant | { error: string }> {
    const { seal, provider, store } = this.options;
    const { requestHash, sealedDeviceCode } = claim.login;
    const grant = await provider.device.redeem(await seal.open(sealedDeviceCode, purposes(requestHash).deviceCode));
    if ("error" in grant) return grant;
    const kept = await store.deviceLogins.identify(
      claim,
      await seal.seal(JSON.stringify(grant), purposes(requestHash).grant),
    );
    return kept ? grant : { error: "slow_down" };
  }

  private async admit(claim: PollClaim, grant: Grant, context: RequestContext): Promise<PollOutcome> {
    const { admission, store, issuer } = this.options;
    const client = await admission.admit(grant, context);
    // Before the tokens exist: nobody gets a second pair, and a crash from here on costs a new login, not a leaked token.
    if (!(await store.deviceLogins.redeem(claim))) return { error: "slow_down", retryAfter: SLOW_DOWN_STEP };
    const tokens = await issuer.pair(client, "cli", context);
    this.reportLogin(client, context);
    return { tokens };
  }

  private reportLogin({ id, permissions }: Client, context: RequestContext): void {
    const { events } = this.options;
    const role = permissions.role ?? "";
    events.emit(
      "INFO",
      "authn_token_created",
      [id, role],
      `Tokens issued to client ${id} after a device login`,
      context,
    );
    events.emit(
      "INFO",
      "authn_login_success",
      [id],
      `${id} with role ${role || "contributor"} logged in by the device flow`,
      context,
    );
  }

  private reportRefusal(
    { email = "unknown", reason }: Pick<LoginRefused, "email" | "reason">,
    context: RequestContext,
  ): void {
    this.options.events.emit(
      "WARNING",
      "authn_login_fail",
      [email],
      `Device login of ${email} refused: ${reason}`,
      context,
    );
  }
}

const hashOf = (requestId: string): string => new Bun.CryptoHasher("sha256").update(requestId).digest("hex");

/** What a sealed text of a login is for. */
const purposes = (requestHash: string) => ({ deviceCode: `${requestHash}/device-code`, grant: `${requestHash}/grant` });

const later = (date: Date, seconds: number): Date => new Date(date.getTime() + seconds * 1000);
