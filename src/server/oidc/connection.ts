import * as oauth from "oauth4webapi";
import { isPlainObject } from "../../shared/plain-object.ts";
import { type Fetch, ProviderUnreachable } from "./bounded-fetch.ts";
import { Discovery } from "./discovery.ts";
import { unexpectedAnswer, unreachable } from "./faults.ts";

/** What logins ask for: who the person is and how to reach them. */
export const SCOPE = "openid profile email";

export interface ConnectionOptions {
  issuer: string;
  clientId: string;
  /** Absent: a public client. */
  clientSecret?: string;
  /** Bounded in time and size. */
  fetch: Fetch;
  now: () => Date;
}

/** The provider as this server reaches it, and this server as the provider's client: what every call between them needs. */
export class ProviderConnection {
  readonly discovery: Discovery;
  readonly client: oauth.Client;

  constructor(private readonly options: ConnectionOptions) {
    this.discovery = new Discovery(options);
    this.client = { client_id: options.clientId };
  }

  /** Throws a Problem for the caller when the provider cannot be reached or sends something else. */
  metadata(): Promise<oauth.AuthorizationServer> {
    return this.discovery.metadata();
  }

  /** Options of each of the library's requests. */
  request() {
    return { [oauth.customFetch]: this.options.fetch, [oauth.allowInsecureRequests]: this.discovery.insecure };
  }

  /** HTTP Basic where there is a secret, and the client id in the body in every case (auth section 5). */
  readonly authenticate: oauth.ClientAuth = (_server, { client_id }, body, headers) => {
    body.set("client_id", client_id);
    const { clientSecret } = this.options;
    if (!clientSecret) return;
    // The library's own encoding is allowed, but writes `-` as `%2D`, and some providers do not decode what they get.
    const credentials = `${formEncoded(client_id)}:${formEncoded(clientSecret)}`;
    headers.set("authorization", `Basic ${btoa(credentials)}`);
  };
}

/** `application/x-www-form-urlencoded`, as RFC 6749 section 2.3.1 asks. */
const formEncoded = (text: string): string => new URLSearchParams([["", text]]).toString().slice(1);

/** Makes a request; what keeps it from an answer becomes a Problem. */
export async function reach(call: string, request: () => Promise<Response>): Promise<Response> {
  try {
    return await request();
  } catch (error) {
    if (error instanceof ProviderUnreachable) throw unreachable(call, error);
    // An endpoint that is no URL, or plain http at an https provider.
    if (error instanceof oauth.OperationProcessingError) throw unexpectedAnswer(call, error.message);
    throw error;
  }
}

export async function readJson(response: Response): Promise<unknown> {
  return response.json().catch(() => undefined);
}

export const errorCode = (body: unknown): string | undefined =>
  isPlainObject(body) && typeof body.error === "string" ? body.error : undefined;
