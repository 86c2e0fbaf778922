import { Problem } from "../http/problem.ts";

/** Milliseconds for one attempt, answer included. */
const TIME_LIMIT = 3000;
const ATTEMPTS = 2;
/** Bytes of the answer that are passed back at the most. */
const MAX_ANSWER = 1024 * 1024;

export interface WebhookOptions {
  /** Only its scheme and authority matter: deliveries may go there and nowhere else. */
  url: string;
  /** Bearer token of deliveries. */
  auth?: string;
  fetch: (url: string, init: RequestInit) => Promise<Response>;
  /** A signal that aborts with a TimeoutError after so many milliseconds. */
  timeout?: (milliseconds: number) => AbortSignal;
}

export interface WebhookAnswer {
  readonly status: number;
  readonly text: string;
}

/** The one host that job events are delivered to (server-api section 6.10). */
export class Webhook {
  private readonly origin: string;

  constructor(private readonly options: WebhookOptions) {
    this.origin = new URL(options.url).origin;
  }

  /** Both sides are read by the parser that `fetch` uses, so that no spelling of a URL means two hosts. */
  accepts(target: string): boolean {
    const url = URL.parse(target);
    return url?.origin === this.origin && url.username === "" && url.password === "";
  }

  /** Sends JSON by PUT, twice if the first attempt fails; redirects are not followed, since they lead anywhere. Throws gateway Problems. */
  async put(target: string, body: unknown): Promise<WebhookAnswer> {
    const answer = await this.attempt(target, JSON.stringify(body), ATTEMPTS);
    // The server's own credentials are at fault, not the caller's: a client would take 401 and 403 for its own.
    if (answer.status === 401 || answer.status === 403)
      throw new Problem(502, "Webhook authentication failed", {
        log: `the webhook answered ${answer.status}: check WEBHOOK_AUTH`,
      });
    return answer;
  }

  private async attempt(target: string, body: string, left: number): Promise<WebhookAnswer> {
    const { auth, fetch, timeout = AbortSignal.timeout } = this.options;
    try {
      const response = await fetch(target, {
        method: "PUT",
        headers: { "content-type": "application/json", ...(auth ? { authorization: `Bearer ${auth}` } : {}) },
        body,
        redirect: "manual",
        signal: timeout(TIME_LIMIT),
      });
      // Statuses beyond those of HTTP cannot be passed back.
      if (response.status < 200 || response.status > 599) throw new Error(`status ${response.status}`);
      return { status: response.status, text: await textOf(response) };
    } catch (cause) {
      if (left > 1) return this.attempt(target, body, left - 1);
      const log = `webhook ${this.origin}: ${String(cause)}`;
      throw (cause as Error).name === "TimeoutError"
        ? new Problem(504, "Webhook Timeout", { cause, log })
        : new Problem(502, "Webhook unreachable", { cause, log });
    }
  }
}

async function textOf(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of response.body ?? []) {
    length += chunk.length;
    if (length > MAX_ANSWER) throw new Error(`the answer is larger than ${MAX_ANSWER} bytes`);
    chunks.push(chunk);
  }
  return new TextDecoder().decode(Buffer.concat(chunks));
}
