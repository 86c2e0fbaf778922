import { readFileSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { isObject, isText } from "../api/shapes.ts";
import type { Clock } from "../context.ts";
import { replaceFile } from "../files/atomic.ts";
import { readClaims } from "./access-token.ts";
import type { StoredLogin } from "./login-store.ts";
import type { Tokens } from "./token-endpoint.ts";

const FILE = "access.json";

/** A token that ends sooner than this is not worth using. */
const MARGIN_MS = 30_000;

/**
 * Keeps access tokens beside the stored login they belong to, so that a command does not have to refresh first. A token
 * is bound to the refresh token it came from: when another program replaces the login, the cache is worthless.
 */
export class AccessTokenCache {
  constructor(
    private readonly loginFile: () => string,
    private readonly clock: Clock,
  ) {}

  /** A token for this login that is still good, other than `rejected`. */
  read(login: StoredLogin, rejected: string | undefined): string | undefined {
    const entry = this.#entry();
    if (!entry || entry.token === rejected || entry.login !== fingerprint(login)) return undefined;
    return this.clock.now().getTime() < entry.expiresAt - MARGIN_MS ? entry.token : undefined;
  }

  /** A token whose end is not known is not kept; nor is one when the disk refuses, which costs time and nothing else. */
  async write(login: StoredLogin, { accessToken, expiresIn }: Tokens): Promise<void> {
    const now = this.clock.now().getTime();
    const ends = [readClaims(accessToken).expiresAt, expiresIn && now / 1000 + expiresIn].filter(
      (end) => end !== undefined,
    );
    if (ends.length === 0) return;
    const entry = { access_token: accessToken, expires_at: Math.min(...ends), login: fingerprint(login) };
    await replaceFile(this.#file, `${JSON.stringify(entry)}\n`).catch(() => undefined);
  }

  forget(): void {
    rmSync(this.#file, { force: true });
  }

  get #file(): string {
    return join(dirname(this.loginFile()), FILE);
  }

  #entry(): { token: string; expiresAt: number; login: string } | undefined {
    try {
      const value: unknown = JSON.parse(readFileSync(this.#file, "utf8"));
      if (!isObject(value)) return undefined;
      const { access_token: token, expires_at: end, login } = value;
      return isText(token) && typeof end === "number" && isText(login)
        ? { token, expiresAt: end * 1000, login }
        : undefined;
    } catch {
      return undefined;
    }
  }
}

const fingerprint = ({ clientId, refreshToken }: StoredLogin) =>
  new Bun.CryptoHasher("sha256").update(`${clientId}\0${refreshToken}`).digest("base64url");
