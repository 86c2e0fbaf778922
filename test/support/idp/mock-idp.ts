import { expect } from "bun:test";
import type { JWTPayload } from "jose";
import { type Answer, oauthError } from "./answers.ts";
import { SigningKey } from "./signing-key.ts";

/** A call that reached the provider. */
export interface Call {
  /** The whole URL if it is not at the issuer's origin. */
  readonly path: string;
  readonly authorization: string | null;
  readonly form: Readonly<Record<string, string>>;
}

export interface MockIdpOptions {
  now: () => Date;
  issuer?: string;
}

const CLIENT_ID = "testflinger-client";

/** An identity provider without a socket, whose every answer a test can replace. A well-behaved one of a single pending login until then. */
export class MockIdp {
  readonly calls: Call[] = [];
  /** The discovery document; a test may bend it. */
  readonly metadata: Record<string, unknown>;
  /** What the device authorization endpoint sends; a test may bend it. */
  readonly deviceAuthorization: Record<string, unknown>;
  /** Makes the ID token of the next login from its claims. */
  idToken: (claims: JWTPayload) => string | undefined | Promise<string | undefined>;
  key: SigningKey;
  /** Keys that the key set shows; the current one unless a test says otherwise. */
  publishedKeys?: SigningKey[];

  /** Authorization codes that were handed out and not used yet, with what was asked. */
  private readonly codes = new Map<string, URLSearchParams>();
  private outcome: { error: string } | { claims: JWTPayload } = { error: "authorization_pending" };
  private redeemed = false;
  private readonly scripted = new Map<string, Answer[]>();

  private constructor(
    key: SigningKey,
    private readonly options: Required<MockIdpOptions>,
  ) {
    const { issuer } = options;
    const base = issuer.replace(/\/$/, "");
    this.key = key;
    this.idToken = (claims) => this.key.sign(claims);
    this.metadata = {
      issuer,
      authorization_endpoint: `${base}/authorize`,
      token_endpoint: `${base}/token`,
      device_authorization_endpoint: `${base}/device`,
      userinfo_endpoint: `${base}/userinfo`,
      jwks_uri: `${base}/jwks`,
      id_token_signing_alg_values_supported: ["ES256"],
    };
    this.deviceAuthorization = {
      device_code: "device-code",
      user_code: "WDJB-MJHT",
      verification_uri: `${base}/activate`,
      verification_uri_complete: `${base}/activate?user_code=WDJB-MJHT`,
      expires_in: 300,
      interval: 5,
    };
  }

  static async create({ now, issuer = "https://idp.example" }: MockIdpOptions): Promise<MockIdp> {
    return new MockIdp(await SigningKey.create("key-1"), { now, issuer });
  }

  get issuer(): string {
    return this.options.issuer;
  }

  /** The person logs in; these are their claims. */
  approve(claims: JWTPayload): void {
    this.outcome = { claims };
    this.redeemed = false;
  }

  /**
   * The person follows the server's redirect to the provider and logs in there.
   *
   * @returns where the browser is sent back to
   */
  authorize(location: string, claims: JWTPayload): URL {
    const request = new URL(location);
    expect(request.origin + request.pathname).toBe(String(this.metadata.authorization_endpoint));
    this.approve(claims);
    const code = `code-${crypto.randomUUID()}`;
    this.codes.set(code, request.searchParams);
    const callback = new URL(request.searchParams.get("redirect_uri")!);
    const answer = { code, state: request.searchParams.get("state")!, iss: this.issuer };
    for (const [name, value] of Object.entries(answer)) callback.searchParams.set(name, value);
    return callback;
  }

  /** Polls get this error from now on. */
  fail(error: string): void {
    this.outcome = { error };
  }

  /** The next calls of the path get these answers, one each. */
  next(path: string, ...answers: Answer[]): void {
    this.scripted.set(path, [...(this.scripted.get(path) ?? []), ...answers]);
  }

  callsOf(path: string): Call[] {
    return this.calls.filter((call) => call.path === path);
  }

  readonly fetch = async (url: string, init: RequestInit): Promise<Response> => {
    const request = new Request(url, init);
    const path = url.startsWith(`${new URL(this.issuer).origin}/`) ? new URL(url).pathname : url;
    const form = request.method === "POST" ? Object.fromEntries(new URLSearchParams(await request.text())) : {};
    this.calls.push({ path, authorization: request.headers.get("authorization"), form });
    const scripted = this.scripted.get(path)?.shift();
    return scripted ? scripted(request) : this.answer(path, form, request);
  };

  private async answer(path: string, form: Record<string, string>, request: Request): Promise<Response> {
    switch (path.replace(new URL(this.issuer).pathname.replace(/\/$/, ""), "")) {
      case "/.well-known/openid-configuration":
        return Response.json(this.metadata);
      case "/jwks":
        return Response.json({ keys: (this.publishedKeys ?? [this.key]).map(({ jwk }) => jwk) });
      case "/device":
        return Response.json(this.deviceAuthorization);
      case "/token":
        return form.grant_type === "authorization_code" ? this.exchange(form, request) : this.redeem(form, request);
      case "/userinfo":
        return "claims" in this.outcome && request.headers.get("authorization") === "Bearer idp-access-token"
          ? Response.json(this.outcome.claims)
          : new Response("no", { status: 401 });
      default:
        return new Response("not found", { status: 404 });
    }
  }

  /** RFC 6749 section 4.1.3 with RFC 7636 section 4.6: a code is for one use, by whoever began the login. */
  private async exchange(form: Record<string, string>, request: Request): Promise<Response> {
    const asked = this.codes.get(form.code ?? "");
    this.codes.delete(form.code ?? "");
    const challenge = new Bun.CryptoHasher("sha256").update(form.code_verifier ?? "").digest("base64url");
    const fits = asked?.get("code_challenge") === challenge && asked.get("redirect_uri") === form.redirect_uri;
    if (!fits || "error" in this.outcome) return oauthError("invalid_grant")(request);
    return this.tokens({ nonce: asked.get("nonce") ?? undefined, ...this.outcome.claims });
  }

  private async redeem({ device_code }: Record<string, string>, request: Request): Promise<Response> {
    if ("error" in this.outcome) return oauthError(this.outcome.error)(request);
    // Providers revoke the whole grant when a code is used twice.
    if (device_code !== this.deviceAuthorization.device_code || this.redeemed)
      return oauthError("invalid_grant")(request);
    this.redeemed = true;
    return this.tokens(this.outcome.claims);
  }

  private async tokens(claims: JWTPayload): Promise<Response> {
    const iat = Math.floor(this.options.now().getTime() / 1000);
    const id_token = await this.idToken({ iss: this.issuer, aud: CLIENT_ID, iat, exp: iat + 300, ...claims });
    return Response.json({ access_token: "idp-access-token", token_type: "Bearer", expires_in: 300, id_token });
  }
}
