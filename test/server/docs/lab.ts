import { listen } from "../../../src/server/listen.ts";
import { SAMPLE } from "../../../src/server/http/example.ts";
import type { Site } from "../../support/idp/browser.ts";
import type { Store } from "../../../src/server/store/store.ts";
import { MockIdp } from "../../support/idp/mock-idp.ts";
import { SECRETS_MASTER_KEY_TEXT } from "../../support/secrets-master-key.ts";
import { testApp } from "../../support/test-app.ts";
import type { Subject } from "../../contract/contract.ts";

const WEBHOOK = "https://ci.example.com/";
/** The caller without a token. */
export const NOBODY = "nobody";
export const CLIENT_SECRET = "correct horse battery staple";

interface Sent {
  readonly body?: BodyInit | undefined;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A server of a lab at the moment at which the examples happen, in which nothing has happened yet. */
export interface Lab {
  readonly store: Store;
  readonly idp: MockIdp;
  /** As a browser reaches it. */
  readonly site: Site;
  /** An answer of the server; `as` is a role, a whole Authorization header, or `NOBODY`. */
  call(as: string, method: string, path: string, sent?: Sent): Promise<Response>;
  /** Sends JSON, and fails unless it is accepted. */
  send(as: string, method: string, path: string, body?: unknown): Promise<Response>;
  close(): Promise<void>;
}

const JSON_TYPE = { "content-type": "application/json" };

export async function openLab({ store, watch }: Pick<Subject, "store" | "watch">): Promise<Lab> {
  const now = () => new Date(SAMPLE.now);
  const idp = await MockIdp.create({ now });
  const app = await testApp({
    oidc: true,
    env: {
      OIDC_PROVIDER_ISSUER: idp.issuer,
      TESTFLINGER_SECRETS_MASTER_KEY: SECRETS_MASTER_KEY_TEXT,
      WEBHOOK_URL: WEBHOOK,
    },
    now,
    on: { store, watch },
    fetch: async (url, init) => (url.startsWith(WEBHOOK) ? new Response("thanks") : idp.fetch(url, init)),
  });
  const server = await listen((request, peers) => app.fetch(request, peers), "127.0.0.1", 0);
  const token = (role: string) => app.token(role === "contributor" ? SAMPLE.client : `the-${role}`, { role });
  const authorization = async (as: string) => (as.includes(" ") ? as : `Bearer ${await token(as)}`);
  const call: Lab["call"] = async (as, method, path, { body, headers } = {}) => {
    const identity: Record<string, string> = as === NOBODY ? {} : { authorization: await authorization(as) };
    return fetch(`${server.url}${path}`, { method, body, headers: { ...identity, ...headers }, redirect: "manual" });
  };
  return {
    store,
    idp,
    site: (request) => app.fetch(request),
    call,
    async send(as, method, path, body) {
      const json = body === undefined ? {} : { body: JSON.stringify(body), headers: JSON_TYPE };
      const answer = await call(as, method, path, json);
      if (answer.status >= 400) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
      return answer;
    },
    async close() {
      await server.stop(0);
      await app.close();
    },
  };
}
