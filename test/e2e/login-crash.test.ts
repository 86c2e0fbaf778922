import { afterEach, beforeEach, describe, expect, setDefaultTimeout, test } from "bun:test";
import { ALICE } from "../support/idp/logins.ts";
import { MockIdp } from "../support/idp/mock-idp.ts";
import { type ServerProcess, startServer } from "../support/server-process.ts";
import { oidcVariables } from "./support/deployment.ts";
import { heldEmbedded, type HeldDatabase, heldMongo } from "./support/held-database.ts";

setDefaultTimeout(60_000);

/** A provider on a socket, which a test can stop in the middle of an answer. */
interface Provider {
  readonly idp: MockIdp;
  /** The next call of this path is never answered. */
  hang(path: string): void;
  /** Resolves when the next call of this path has come. */
  called(path: string): Promise<void>;
  /** Resolves when the next call of this path was answered. */
  answered(path: string): Promise<void>;
  stop(): Promise<void>;
}

async function startProvider(): Promise<Provider> {
  const whenCalled = new Map<string, () => void>();
  const whenAnswered = new Map<string, () => void>();
  const made = Promise.withResolvers<MockIdp>();
  const server = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    async fetch({ url, method, headers, body }) {
      const { pathname } = new URL(url);
      whenCalled.get(pathname)?.();
      const { fetch } = await made.promise;
      const answer = await fetch(url, { method, headers, body: body && (await new Response(body).text()) });
      whenAnswered.get(pathname)?.();
      return answer;
    },
  });
  const idp = await MockIdp.create({ now: () => new Date(), issuer: `http://127.0.0.1:${server.port}` });
  made.resolve(idp);
  return {
    idp,
    hang: (path) => idp.next(path, () => new Promise<Response>(() => {})),
    called: (path) => new Promise((resolve) => whenCalled.set(path, resolve)),
    answered: (path) => new Promise((resolve) => whenAnswered.set(path, resolve)),
    stop: () => server.stop(true),
  };
}

interface Scene {
  readonly provider: Provider;
  readonly database: HeldDatabase;
}

/** A moment of a login, in the order in which they come. */
interface Moment {
  readonly when: string;
  /** Makes the server stand still there. */
  readonly hold: (scene: Scene) => Promise<void> | void;
  readonly reached: (scene: Scene) => Promise<void>;
  /** What repeating the poll gives after a restart. */
  readonly afterwards: "is logged in" | "is told to log in anew";
  /** Accounts and logins with tokens that are there. */
  readonly left: { accounts: number; logins: number };
}

const MOMENTS: Moment[] = [
  {
    when: "before the provider has answered",
    hold: ({ provider }) => provider.hang("/token"),
    reached: ({ provider }) => provider.called("/token"),
    afterwards: "is logged in",
    left: { accounts: 0, logins: 0 },
  },
  {
    // The provider gives a grant once.
    when: "before the provider's answer is kept",
    hold: ({ database }) => database.holdBefore("the grant"),
    reached: ({ provider }) => provider.answered("/token"),
    afterwards: "is told to log in anew",
    left: { accounts: 0, logins: 0 },
  },
  {
    when: "before the person is known",
    hold: ({ provider }) => provider.hang("/userinfo"),
    reached: ({ provider }) => provider.called("/userinfo"),
    afterwards: "is logged in",
    left: { accounts: 0, logins: 0 },
  },
  {
    when: "before the account is recorded",
    hold: ({ database }) => database.holdBefore("the account"),
    reached: ({ provider }) => provider.answered("/userinfo"),
    afterwards: "is logged in",
    left: { accounts: 0, logins: 0 },
  },
  {
    when: "before the login is ended",
    hold: ({ database }) => database.holdBefore("the end of the login"),
    reached: ({ database }) => database.written("the account"),
    afterwards: "is logged in",
    left: { accounts: 1, logins: 0 },
  },
  {
    when: "before the tokens are stored",
    hold: ({ database }) => database.holdBefore("the tokens"),
    reached: ({ database }) => database.written("the end of the login"),
    afterwards: "is told to log in anew",
    left: { accounts: 1, logins: 0 },
  },
  {
    // Whether the answer was under way makes no difference to somebody whom it does not reach.
    when: "before the answer has come",
    hold: () => {},
    reached: ({ database }) => database.written("the tokens"),
    afterwards: "is told to log in anew",
    left: { accounts: 1, logins: 1 },
  },
];

const stores = [{ name: "SQLite", open: heldEmbedded }];
const mongo = process.env.TEST_MONGODB_URI;
if (mongo) stores.push({ name: "MongoDB", open: () => heldMongo(mongo) });

describe.each(stores)("on $name a person whose server is killed in the middle of a login", ({ open }) => {
  let scene: Scene, server: ServerProcess;

  const start = async ({ database, provider }: Scene): Promise<void> => {
    server = await startServer({
      JWT_SIGNING_KEY: "a signing key for crashes, 32 bytes or more",
      ...oidcVariables(provider.idp.issuer, "testflinger-client"),
      ...database.env,
    });
  };
  const post = async (path: string) => {
    const answer = await fetch(server.url + path, { method: "POST" });
    return { status: answer.status, body: (await answer.json()) as Record<string, string> };
  };
  const poll = (requestId: string) => post(`/oidc/auth-poll/${requestId}`);
  /** A login that the person has approved at the provider. */
  const approved = async (): Promise<string> => {
    const { provider } = scene;
    provider.idp.deviceAuthorization.device_code = `device-code-${crypto.randomUUID()}`;
    const begun = await post("/oidc/auth-init");
    provider.idp.approve(ALICE);
    return begun.body.request_id!;
  };

  beforeEach(async () => {
    scene = { database: await open(), provider: await startProvider() };
    await start(scene);
  });
  afterEach(async () => {
    // One that still stands where it was held would not end otherwise.
    await server.stop("SIGKILL");
    await scene.provider.stop();
    await scene.database.remove();
  });

  test.each(MOMENTS)("$when: repeats the poll and $afterwards", async ({ hold, reached, afterwards, left }) => {
    const { database } = scene;
    const requestId = await approved();
    await hold(scene);
    const moment = reached(scene);
    poll(requestId).catch(() => {});
    await moment;
    await server.stop("SIGKILL");

    const { accounts, logins } = await database.contents();
    expect({ accounts: accounts.length, logins: logins.length }).toEqual(left);
    // Never half of one.
    for (const account of accounts) expect(account).toEqual([ALICE.email, "contributor"]);

    await database.letTimePass();
    await start(scene);
    const repeated = await poll(requestId);
    if (afterwards === "is logged in") expect(repeated).toMatchObject({ status: 200, body: { token_type: "Bearer" } });
    else {
      expect(repeated.status).toBe(400);
      expect(["invalid_grant", "Invalid or expired request_id"]).toContain(
        repeated.body.error ?? repeated.body.message!,
      );
      expect((await database.contents()).logins).toHaveLength(left.logins);
      expect(await poll(await approved())).toMatchObject({ status: 200, body: { token_type: "Bearer" } });
    }
    // One more than there were, and no more for those who go on.
    expect((await poll(requestId)).status).toBe(400);
    expect(await database.contents()).toEqual({
      accounts: [[ALICE.email, "contributor"]],
      logins: Array<string>(left.logins + 1).fill(ALICE.email),
    });
  });
});
