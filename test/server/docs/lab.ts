import { listen } from "../../../src/server/listen.ts";
import { SAMPLE } from "../../../src/server/http/example.ts";
import type { Permissions } from "../../../src/server/store/clients.ts";
import type { Site } from "../../support/idp/browser.ts";
import type { Store } from "../../../src/server/store/store.ts";
import { MockIdp } from "../../support/idp/mock-idp.ts";
import { SECRETS_MASTER_KEY_TEXT } from "../../support/secrets-master-key.ts";
import { testApp } from "../../support/test-app.ts";
import type { Subject } from "../../contract/contract.ts";

export const WEBHOOK = "https://ci.example.com/";
/** The caller without a token. */
export const NOBODY = "nobody";
export const CLIENT_SECRET = "correct horse battery staple";

/** A server of a lab at the moment at which the examples happen, in which nothing has happened yet. */
export interface Lab {
  readonly store: Store;
  readonly idp: MockIdp;
  /** As a browser reaches it. */
  readonly site: Site;
  /** An answer of the server; `as` is a role, or a whole Authorization header. */
  call(
    as: string | undefined,
    method: string,
    path: string,
    init?: Pick<RequestInit, "body" | "headers">,
  ): Promise<Response>;
  /** Sends JSON, and fails unless it is accepted. */
  send(as: string | undefined, method: string, path: string, body?: unknown): Promise<Response>;
  close(): Promise<void>;
}

const PERMISSIONS: Permissions = {
  role: "contributor",
  max_priority: {},
  allowed_queues: [],
  max_reservation_time: {},
} as never;

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
  const server = await listen(app.fetch as never, "127.0.0.1", 0);
  const authorization = async (as: string) =>
    / /.test(as)
      ? as
      : `Bearer ${await app.token(as === "contributor" ? SAMPLE.client : `the-${as}`, { ...PERMISSIONS, role: as } as never)}`;
  const call: Lab["call"] = async (as, method, path, { body, headers } = {}) =>
    fetch(`${server.url}${path}`, {
      method,
      body,
      headers: {
        ...(as === undefined || as === NOBODY ? {} : { authorization: await authorization(as) }),
        ...headers,
      } as Record<string, string>,
      redirect: "manual",
    });
  return {
    store,
    idp,
    site: (request) => app.fetch(request),
    call,
    async send(as, method, path, body) {
      const json = { body: JSON.stringify(body), headers: { "content-type": "application/json" } };
      const answer = await call(as, method, path, body === undefined ? {} : json);
      if (answer.status >= 400) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
      return answer;
    },
    async close() {
      await server.stop(0);
      await app.close();
    },
  };
}
