import type { Context } from "../context.ts";
import type { ServerUrl } from "../api/server-url.ts";
import { deviceLoginExpired } from "./device-endpoint.ts";
import { deviceLoginFailed } from "./errors.ts";
import { createProofKey } from "./pkce.ts";
import type { TokenEndpoint, Tokens } from "./token-endpoint.ts";

export interface LoopbackFlow {
  readonly context: Context;
  readonly server: ServerUrl;
  readonly endpoint: TokenEndpoint;
  /** May a browser be opened? */
  readonly browser: boolean;
}

/** As long as a device login takes at most, unless the provider says otherwise. */
const LIFETIME_MS = 300_000;

const CALLBACK = "/callback";

/**
 * Logs a person in through the browser of this machine (RFC 8252): the server asks them, and sends a code to a port that only this machine reaches.
 *
 * @throws {AuthenticationError} when the person refuses or does not come in time, and as `TokenEndpoint.redeem`
 */
export async function logInByLoopback({ context, server, endpoint, browser }: LoopbackFlow): Promise<Tokens> {
  const { verifier, challenge } = createProofKey();
  const state = createProofKey().verifier;
  const { promise: answered, resolve } = Promise.withResolvers<URLSearchParams>();
  const listener = context.listenOnLoopback((request) => {
    const answer = answerIn(request, listener.port, state);
    if (!answer) return new Response("Not found", { status: 404 });
    resolve(answer);
    return page(answer.has("code"));
  });
  try {
    const redirectUri = `http://127.0.0.1:${listener.port}${CALLBACK}`;
    const request = { redirect_uri: redirectUri, state, code_challenge: challenge, code_challenge_method: "S256" };
    await prompt(`${server.base}/auth/authorize?${new URLSearchParams(request)}`, context, browser);
    const code = (await beforeLong(answered, context)).get("code");
    if (!code) throw deviceLoginFailed("Authentication failed: access denied");
    return await endpoint.redeem({ code, verifier, redirectUri });
  } finally {
    await listener.stop();
  }
}

/** The answer of the server, which carries the state; anything else that comes to the port is not meant for this login. */
function answerIn(request: Request, port: number, state: string): URLSearchParams | undefined {
  const url = URL.parse(request.url);
  // A page of the web may reach the port by a name of its own that leads here.
  const isHere = request.headers.get("host") === `127.0.0.1:${port}` && url?.pathname === CALLBACK;
  return request.method === "GET" && isHere && url.searchParams.get("state") === state ? url.searchParams : undefined;
}

async function prompt(url: string, { io, openBrowser }: Context, browser: boolean): Promise<void> {
  io.stderr.write(`Log in in a browser on this machine:\n${url}\n`);
  if (browser && (await openBrowser(url))) io.stderr.write("Your browser should show the page now.\n");
}

async function beforeLong<T>(event: Promise<T>, { clock }: Context): Promise<T> {
  const done = new AbortController();
  const late = clock.sleep(LIFETIME_MS, done.signal).then(() => Promise.reject(deviceLoginExpired()));
  late.catch(() => undefined);
  try {
    return await Promise.race([event, late]);
  } finally {
    done.abort();
  }
}

function page(successful: boolean): Response {
  const text = successful
    ? "You are logged in on the command line. You can close this window."
    : "You are not logged in on the command line. You can close this window.";
  return new Response(
    `<!doctype html><html lang="en"><meta charset="utf-8"><title>Testflinger</title><p>${text}</p></html>`,
    {
      headers: {
        "content-type": "text/html; charset=utf-8",
        "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
        "referrer-policy": "no-referrer",
        "cache-control": "no-store",
        connection: "close",
      },
    },
  );
}
