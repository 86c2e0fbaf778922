import { provesChallenge } from "../oidc/code-verifier.ts";
import { type Seal, SealBroken } from "../oidc/seal.ts";
import type { AttemptStore } from "../store/attempts.ts";
import type { AuthorizationRequest } from "./authorization-request.ts";

/** Milliseconds that a code is good for: the browser hands it on at once (RFC 9700 section 4.5, RFC 6749 section 4.1.2). */
const LIFETIME = 60_000;

const PURPOSE = "authorization code";

export interface CodesOptions {
  seal: Seal;
  /** Remembers which codes were used. */
  attempts: AttemptStore;
  now: () => Date;
}

/** What the command line shows for its code. */
export interface Redemption {
  readonly code: string;
  readonly codeVerifier: string;
  readonly redirectUri: string;
}

/** For whom a code is. */
export interface CodeOwner {
  readonly clientId: string;
  /** The browser session in which the person has allowed it: the code ends with it. */
  readonly session: string;
}

/** What came of showing a code that is good. */
export interface CodeUse extends CodeOwner {
  readonly issuedAt: Date;
  /** Of later uses nobody gets tokens. */
  readonly isFirst: boolean;
  /** Under which the uses are counted. */
  readonly key: string;
}

interface Content extends CodeOwner {
  readonly redirectUri: string;
  readonly codeChallenge: string;
  readonly expiresAt: number;
}

/** Authorization codes of this server: sealed, for one use, by whoever began the login. */
export class Codes {
  constructor(private readonly options: CodesOptions) {}

  issue({ clientId, session }: CodeOwner, { redirectUri, codeChallenge }: AuthorizationRequest): Promise<string> {
    const expiresAt = this.options.now().getTime() + LIFETIME;
    const content: Content = { clientId, session, redirectUri, codeChallenge, expiresAt };
    return this.options.seal.seal(JSON.stringify(content), PURPOSE);
  }

  /** Counts a use of the code by whoever began the login; null for a code that is not good, or not any more, or is somebody else's. */
  async redeem({ code, codeVerifier, redirectUri }: Redemption): Promise<CodeUse | null> {
    const content = await this.contentOf(code);
    const { attempts, now } = this.options;
    if (!content || content.expiresAt <= now().getTime() || content.redirectUri !== redirectUri) return null;
    if (!(await provesChallenge(codeVerifier, content.codeChallenge))) return null;
    const key = `code ${new Bun.CryptoHasher("sha256").update(code).digest("base64url")}`;
    const [use] = await attempts.count([key], now(), LIFETIME);
    const { clientId, session, expiresAt } = content;
    return { clientId, session, issuedAt: new Date(expiresAt - LIFETIME), isFirst: use?.count === 1, key };
  }

  /** Was the code shown again after this use of it? */
  async isUsedAgain({ key }: CodeUse): Promise<boolean> {
    const [uses] = await this.options.attempts.find([key], this.options.now());
    return (uses?.count ?? 0) > 1;
  }

  private async contentOf(code: string): Promise<Content | null> {
    try {
      return JSON.parse(await this.options.seal.open(code, PURPOSE)) as Content;
    } catch (error) {
      if (error instanceof SealBroken) return null;
      throw error;
    }
  }
}
