import { readFileSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { isObject, isText } from "../api/shapes.ts";
import type { Clock } from "../context.ts";
import { replaceFile } from "../files/atomic.ts";
import { readClaims } from "./access-token.ts";
import type { Tokens } from "./token-endpoint.ts";

/** A token that ends sooner than this is not worth using. */
const MARGIN_MS = 30_000;

/** Where the access token of a stored login is kept. */
export const accessTokenFileBeside = (loginFile: string): string => join(dirname(loginFile), "access.json");

/** Who an access token was given to, and for what: a refresh token or a secret key. */
export interface TokenOwner {
  readonly clientId: string;
  readonly proof: string;
}

/**
 * Keeps an access token in a file, so that a command does not have to ask for one first. A token is bound to what it was
 * given for: when another program replaces the login, or somebody the secret key, the cache is worthless.
 */
export class AccessTokenCache {
  constructor(
    private readonly file: () => string,
    private readonly clock: Clock,
  ) {}

  /** A token of this owner that is still good, other than `rejected`. */
  read(owner: TokenOwner, rejected: string | undefined): string | undefined {
    const entry = this.#entry();
    if (!entry || entry.token === rejected || entry.owner !== fingerprint(owner)) return undefined;
    return this.clock.now().getTime() < entry.expiresAt - MARGIN_MS ? entry.token : undefined;
  }

  /** A token whose end is not known is not kept; nor is one when the disk refuses, which costs time and nothing else. */
  async write(owner: TokenOwner, { accessToken, expiresIn }: Tokens): Promise<void> {
    const now = this.clock.now().getTime();
    const ends = [readClaims(accessToken).expiresAt, expiresIn && now / 1000 + expiresIn].filter(
      (end) => end !== undefined,
    );
    if (ends.length === 0) return;
    const entry = { access_token: accessToken, expires_at: Math.min(...ends), login: fingerprint(owner) };
    await replaceFile(this.file(), `${JSON.stringify(entry)}\n`).catch(() => undefined);
  }

  forget(): void {
    rmSync(this.file(), { force: true });
  }

  #entry(): { token: string; expiresAt: number; owner: string } | undefined {
    try {
      const value: unknown = JSON.parse(readFileSync(this.file(), "utf8"));
      if (!isObject(value)) return undefined;
      const { access_token: token, expires_at: end, login: owner } = value;
      return isText(token) && typeof end === "number" && isText(owner)
        ? { token, expiresAt: end * 1000, owner }
        : undefined;
    } catch {
      return undefined;
    }
  }
}

const fingerprint = ({ clientId, proof }: TokenOwner) =>
  new Bun.CryptoHasher("sha256").update(`${clientId}\0${proof}`).digest("base64url");
