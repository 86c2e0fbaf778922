import { openStore } from "../../../src/server/open-store.ts";
import { loadConfig } from "../../../src/server/config.ts";
import type { Permissions } from "../../../src/server/store/clients.ts";
import type { Store } from "../../../src/server/store/store.ts";
import { hashSecret } from "../../../src/server/tokens/client-secret.ts";
import { TestClock } from "../../support/clock.ts";
import { Browser } from "../../support/idp/browser.ts";
import type { MockIdp } from "../../support/idp/mock-idp.ts";
import { loginAt, type Served, Serving } from "../../support/serving.ts";
import { embeddedStore } from "../../support/stores.ts";

const SECRET = "a-long-enough-secret";

/** A client with a secret, logged in. */
export interface Account {
  readonly id: string;
  readonly secret: string;
  readonly access: string;
  readonly refresh: string;
}

/** A running server whose every rule is enforced, and those who run into them. */
export class Scene {
  private names = 0;

  private constructor(
    readonly serving: Serving,
    readonly clock: TestClock,
    readonly server: Served,
    readonly store: Store,
    readonly idp: MockIdp,
  ) {}

  static async open(settings: Readonly<Record<string, string>>): Promise<Scene> {
    const clock = new TestClock();
    const serving = new Serving(clock);
    const [{ env: data }, idp] = [await serving.fresh(embeddedStore), await serving.provider()];
    const env = { ...data, ...loginAt(idp), ...settings };
    const server = await serving.start(env);
    // Beside the server, as the operator's commands are.
    const store = await openStore(loadConfig(env), false);
    serving.defer(() => store.close());
    return new Scene(serving, clock, server, store, idp);
  }

  name(what: string): string {
    return `${what}-${++this.names}`;
  }

  async client(permissions: Permissions = {}): Promise<Account> {
    const id = this.name(permissions.role ?? "contributor");
    await this.store.clients.create({ id, secretHash: await hashSecret(SECRET), permissions });
    const tokens = await (await this.login(id)).json();
    return { id, secret: SECRET, access: tokens.access_token, refresh: tokens.refresh_token };
  }

  login(id: string, secret = SECRET): Promise<Response> {
    return this.send("POST", "/v1/oauth2/token", { authorization: `Basic ${btoa(`${id}:${secret}`)}` });
  }

  refresh(refresh_token: unknown, more: object = {}): Promise<Response> {
    return this.send("POST", "/v1/oauth2/refresh", {}, { refresh_token, ...more });
  }

  /** A request of the API; with nobody as the caller there is no token. */
  as(caller: Pick<Account, "access"> | null, method: string, path: string, body?: unknown): Promise<Response> {
    return this.send(method, path, caller ? { authorization: `Bearer ${caller.access}` } : {}, body);
  }

  send(method: string, path: string, headers: Record<string, string> = {}, body?: unknown): Promise<Response> {
    const form = body instanceof FormData;
    return fetch(this.server.url + path, {
      method,
      redirect: "manual",
      headers: { ...(form ? {} : { "content-type": "application/json" }), ...headers },
      body: form ? body : body === undefined ? undefined : JSON.stringify(body),
    });
  }

  async times(count: number, call: () => Promise<Response>): Promise<Response[]> {
    const answers: Response[] = [];
    for (let index = 0; index < count; index++) answers.push(await call());
    return answers;
  }

  async job(caller: Account, definition: object = {}): Promise<string> {
    const answer = await this.as(caller, "POST", "/v1/job", { job_queue: "q", ...definition });
    return ((await answer.json()) as { job_id: string }).job_id;
  }

  browser(): Browser {
    return new Browser((request) => fetch(request, { redirect: "manual" }), this.server.url);
  }

  /** Who logs in at the provider as this person, in this browser; the answer to the last step. */
  async signIn(browser: Browser, name: string): Promise<Response> {
    const { claims } = this.person(name);
    const callback = this.idp.authorize((await browser.get("/auth/login")).headers.get("location")!, claims);
    return browser.get(callback.pathname + callback.search);
  }

  person(name: string) {
    const email = `${name}@example.com`;
    return { email, claims: { sub: name, email, email_verified: true, name } };
  }

  async close(): Promise<void> {
    await this.serving.end();
  }
}
