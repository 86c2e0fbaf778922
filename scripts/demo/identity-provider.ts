import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { timingSafeEqual } from "node:crypto";
import Provider, { type ClientMetadata, type Configuration, type KoaContextWithOIDC } from "oidc-provider";
import * as page from "./login-pages.ts";

/** What a person is shown who wants to log in a device (RFC 8628 section 3.2). */
export interface DeviceAuthorization {
  readonly userCode: string;
  readonly verificationUriComplete: string;
}

export interface IdentityProviderOptions {
  /** The one client: public, for device logins and for logins in a browser. */
  readonly clientId: string;
  /** Where browsers are sent back to; logins in a browser are off without one. */
  readonly redirectUri?: string;
  /** Opens every account. */
  readonly password: string;
  /** Seconds between two questions of a waiting device. */
  readonly interval: number;
  readonly onDeviceAuthorization?: (authorization: DeviceAuthorization) => void;
}

export interface IdentityProvider {
  readonly issuer: string;
  stop(): Promise<void>;
}

const SCOPES = ["openid", "profile", "email"];
const DEVICE_GRANT = "urn:ietf:params:oauth:grant-type:device_code";
const INTERACTION = /^\/interaction\/[\w-]+$/;
/** Seconds. */
const MINUTES = 60;

/**
 * A company's identity provider in miniature, on the certified `oidc-provider` package. Every name of letters and digits is an account; nothing is
 * kept. Listens on the loopback address.
 */
export async function startIdentityProvider(options: IdentityProviderOptions): Promise<IdentityProvider> {
  // The issuer has to be known before there is a provider: take the port first.
  let answer = (_request: IncomingMessage, response: ServerResponse) => void response.writeHead(503).end();
  const server = createServer((request, response) => answer(request, response));
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  const provider = new Provider(issuer, await configuration(options));
  provider.on("device_authorization.success", (_ctx: KoaContextWithOIDC, body: Record<string, unknown>) => {
    body.interval = options.interval;
    options.onDeviceAuthorization?.({
      userCode: String(body.user_code),
      verificationUriComplete: String(body.verification_uri_complete),
    });
  });
  const pages = provider.callback();
  answer = (request, response) => {
    if (!INTERACTION.test(request.url ?? "")) return void pages(request, response);
    askWhoItIs(provider, options.password, request, response).catch((error: unknown) => {
      response.writeHead(400, { "content-type": "text/html; charset=utf-8" }).end(page.failure(String(error)));
    });
  };
  return {
    issuer,
    stop: () =>
      new Promise((stopped) => {
        server.close(() => stopped());
        server.closeAllConnections();
      }),
  };
}

async function askWhoItIs(provider: Provider, password: string, request: IncomingMessage, response: ServerResponse) {
  const { params } = await provider.interactionDetails(request, response);
  const show = (status: number, problem?: string) =>
    void response
      .writeHead(status, { "content-type": "text/html; charset=utf-8", "cache-control": "no-store" })
      .end(page.login(String(params.client_id), problem));
  if (request.method !== "POST") return show(200);
  const form = await readForm(request);
  const name = (form.get("name") ?? "").trim().toLowerCase();
  if (!isName(name)) return show(422, "A name has up to 32 letters and digits.");
  if (!sameText(form.get("password") ?? "", password)) return show(422, "That is not the password in the terminal.");
  await provider.interactionFinished(request, response, { login: { accountId: name } });
}

async function readForm(request: IncomingMessage): Promise<URLSearchParams> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > 10_000) throw new Error("The form is too long.");
    chunks.push(chunk);
  }
  return new URLSearchParams(Buffer.concat(chunks).toString());
}

const isName = (text: string): boolean => /^[a-z0-9]{1,32}$/.test(text);

function sameText(a: string, b: string): boolean {
  const digest = (text: string) => new Bun.CryptoHasher("sha256").update(text).digest();
  return timingSafeEqual(digest(a), digest(b));
}

async function configuration({ clientId, redirectUri }: IdentityProviderOptions): Promise<Configuration> {
  const client: ClientMetadata = {
    client_id: clientId,
    token_endpoint_auth_method: "none",
    grant_types: redirectUri ? ["authorization_code", DEVICE_GRANT] : [DEVICE_GRANT],
    response_types: redirectUri ? ["code"] : [],
    redirect_uris: redirectUri ? [redirectUri] : [],
  };
  return {
    clients: [client],
    scopes: SCOPES,
    claims: { openid: ["sub"], profile: ["name"], email: ["email", "email_verified"] },
    // Testflinger reads who it is from the ID token of the device flow, too.
    conformIdTokenClaims: false,
    findAccount: (_ctx, id) =>
      isName(id)
        ? {
            accountId: id,
            claims: () => ({
              sub: id,
              name: id.charAt(0).toUpperCase() + id.slice(1),
              email: `${id}@example.com`,
              email_verified: true,
            }),
          }
        : undefined,
    // The one client belongs to the house: nobody is asked for consent.
    async loadExistingGrant({ oidc }) {
      if (!oidc.client || !oidc.session?.accountId) return undefined;
      const grant = new oidc.provider.Grant({ clientId: oidc.client.clientId, accountId: oidc.session.accountId });
      grant.addOIDCScope(SCOPES.join(" "));
      await grant.save();
      return grant;
    },
    interactions: { url: (_ctx, interaction) => `/interaction/${interaction.uid}` },
    renderError: (ctx, { error, error_description: description }) => {
      ctx.type = "html";
      ctx.body = page.failure(description ?? error);
    },
    features: {
      devInteractions: { enabled: false },
      deviceFlow: {
        enabled: true,
        charset: "base-20",
        mask: "****-****",
        userCodeInputSource: (ctx, form, _out, error) => void (ctx.body = page.enterCode(form, error !== undefined)),
        userCodeConfirmSource: (ctx, form, _client, _device, code) => void (ctx.body = page.confirmCode(form, code)),
        successSource: (ctx) => void (ctx.body = page.done()),
      },
    },
    cookies: { keys: [crypto.randomUUID()] },
    jwks: { keys: [await signingKey()] },
    ttl: {
      AccessToken: 10 * MINUTES,
      DeviceCode: 10 * MINUTES,
      IdToken: 10 * MINUTES,
      Interaction: 10 * MINUTES,
      Session: 24 * 60 * MINUTES,
      Grant: 24 * 60 * MINUTES,
    },
  };
}

async function signingKey(): Promise<JsonWebKey & { kid: string }> {
  const pair = await crypto.subtle.generateKey(
    { name: "RSASSA-PKCS1-v1_5", modulusLength: 2048, publicExponent: new Uint8Array([1, 0, 1]), hash: "SHA-256" },
    true,
    ["sign", "verify"],
  );
  // The public half is made from it and must not say that it is for signing.
  const { key_ops: _, ...key } = await crypto.subtle.exportKey("jwk", pair.privateKey);
  return { ...key, kid: "demo", use: "sig" };
}
