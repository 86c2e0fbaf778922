import type { NewJob } from "../../../src/server/store/jobs.ts";
import type { LogFragment } from "../../../src/server/store/logs.ts";
import { type TestApp, testApp, type TestAppOptions } from "../../support/test-app.ts";

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
}

export const ORIGIN = "http://localhost";

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
    async log(jobId, data, given = {}) {
      const fragment = { jobId, type: "output", phase: "test", number: fragments++, timestamp: now(), data } as const;
      await app.store.logs.append({ ...fragment, ...given }, now());
    },
  };
}
