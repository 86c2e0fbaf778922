import type { NewJob } from "../../../src/server/store/jobs.ts";
import type { LogFragment } from "../../../src/server/store/logs.ts";
import type { Role } from "../../../src/shared/roles.ts";
import { type TestApp, testApp, type TestAppOptions, WEB_SECRET_KEY } from "../../support/test-app.ts";

/** A lab behind a server without a socket, and a visitor of its pages. */
export interface Lab extends TestApp {
  get(path: string, headers?: Record<string, string>): Promise<Response>;
  /** The page as text. */
  page(path: string): Promise<string>;
  /** Posts a form as a page of this server does. */
  post(path: string, form?: Record<string, string>, headers?: Record<string, string>): Promise<Response>;
  /** Stores a waiting job; its id. */
  job(given?: Partial<Omit<NewJob, "definition">> & { definition?: object }): Promise<string>;
  log(jobId: string, data: string, given?: Partial<LogFragment>): Promise<void>;
  /** Signs a person in in a browser, where OIDC is on; the headers that the browser then sends. */
  signIn(role: Role, email?: string): Promise<{ cookie: string }>;
}

export const ORIGIN = "http://localhost";

const DAY = 86_400_000;

export async function lab(options: TestAppOptions = {}): Promise<Lab> {
  const app = await testApp(options);
  const now = options.now ?? (() => new Date());
  const send = (path: string, init: RequestInit) => app.fetch(new Request(ORIGIN + path, init));
  let fragments = 0;
  return {
    ...app,
    get: (path, headers = {}) => send(path, { headers }),
    page: async (path) => (await send(path, {})).text(),
    post: (path, form = {}, headers = {}) =>
      send(path, {
        method: "POST",
        body: new URLSearchParams(form),
        headers: { host: "localhost", origin: ORIGIN, ...headers },
        redirect: "manual",
      }),
    async job({ definition, ...given } = {}) {
      const id = given.id ?? crypto.randomUUID();
      await app.store.jobs.submit({
        createdAt: now(),
        priority: 0,
        ...given,
        id,
        definition: { job_queue: "q", exclude_agents: [], ...definition },
      });
      return id;
    },
    async signIn(role, email = `${role}@example.com`) {
      const at = now();
      const later = new Date(at.getTime() + DAY);
      const name = `The <b>${role}</b>`;
      await app.store.clients.recordLogin({ issuer: "https://idp.example", sub: email, email, name }, at);
      await app.store.clients.update(email, { role });
      const value = crypto.randomUUID();
      await app.store.browserSessions.add({
        id: `session-of-${email}`,
        hash: new Bun.CryptoHasher("sha256", WEB_SECRET_KEY).update(value).digest("hex"),
        clientId: email,
        createdAt: at,
        lastSeenAt: at,
        idleUntil: later,
        expiresAt: later,
      });
      return { cookie: `testflinger-session=${value}` };
    },
    async log(jobId, data, given = {}) {
      const fragment = { jobId, type: "output", phase: "test", number: fragments++, timestamp: now(), data } as const;
      await app.store.logs.append({ ...fragment, ...given }, now());
    },
  };
}
