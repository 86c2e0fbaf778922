import { describe, expect, test } from "bun:test";
import type { DeviceLoginStore } from "../../../src/server/store/device-logins.ts";
import type { Store } from "../../../src/server/store/store.ts";
import { contract } from "../../contract/contract.ts";
import { TestClock } from "../../support/clock.ts";
import { ALICE } from "../../support/idp/logins.ts";
import { LoginServer } from "../../support/idp/login-server.ts";
import { MockIdp } from "../../support/idp/mock-idp.ts";

type Steps = Pick<Store, "clients" | "deviceLogins" | "browserSessions" | "refreshTokens" | "attempts">;

contract("device logins of several servers", (subject) => {
  const made = async () => {
    const clock = new TestClock();
    const idp = await MockIdp.create({ now: clock.now });
    const { watch } = subject;
    const serverOn = (store: Steps) =>
      new LoginServer({ issuer: idp.issuer, store, watch, fetch: idp.fetch, now: clock.now });
    return { clock, idp, serverOn };
  };

  /** ASVS 5.0 control 6.5.1. */
  test("200 polls of one approved login at once give exactly one pair of tokens", async () => {
    const { idp, clock, serverOn } = await made();
    const servers = [serverOn(subject.store), serverOn(subject.store)] as const;
    const { request_id } = await servers[0].begin();
    idp.approve(ALICE);
    const polls = await Promise.all(Array.from({ length: 200 }, (_, index) => servers[index % 2]!.poll(request_id)));
    const bodies = await Promise.all(polls.map((response) => response.json()));
    expect(bodies.filter((body) => body.access_token)).toHaveLength(1);
    const others = bodies.filter((body) => !body.access_token).map((body) => body.error ?? body.message);
    expect(["slow_down", "Invalid or expired request_id"]).toEqual(expect.arrayContaining([...new Set(others)]));
    expect(idp.callsOf("/token")).toHaveLength(1);
    expect(await subject.store.refreshTokens.ofClient(ALICE.email, clock.now())).toHaveLength(1);
  });

  /** The process dies where the step begins or right after it: what comes next never happens, no clean-up either. */
  const steps: [step: string, die: (store: Store, died: () => Promise<never>) => Steps, survives: boolean][] = [
    [
      "claiming the login",
      (store, died) => withLogins(store, (logins) => ({ claim: (...given) => logins.claim(...given).then(died) })),
      true,
    ],
    ["asking the provider", (store, died) => withLogins(store, () => ({ identify: died })), false],
    [
      "keeping the grant",
      (store, died) =>
        withLogins(store, (logins) => ({ identify: (...given) => logins.identify(...given).then(died) })),
      true,
    ],
    [
      "recording the login",
      (store, died) => ({
        ...parts(store),
        clients: override(store.clients, { recordLogin: (...given) => store.clients.recordLogin(...given).then(died) }),
      }),
      true,
    ],
    ["redeeming begins", (store, died) => withLogins(store, () => ({ redeem: died })), true],
    [
      "redeeming ends",
      (store, died) => withLogins(store, (logins) => ({ redeem: (...given) => logins.redeem(...given).then(died) })),
      false,
    ],
    [
      "issuing tokens begins",
      (store, died) => ({ ...parts(store), refreshTokens: override(store.refreshTokens, { add: died }) }),
      false,
    ],
  ];

  describe.each(steps)("a server that dies when %s", (_step, die, survives) => {
    test(`leaves no token; ${survives ? "another one finishes the login" : "the person logs in anew"}`, async () => {
      const { clock, idp, serverOn } = await made();
      const { store } = subject;
      const dead = Promise.withResolvers<void>();
      const dying = serverOn(
        die(store, () => {
          dead.resolve();
          return new Promise<never>(() => {});
        }),
      );
      const { request_id } = await dying.begin();
      idp.approve(ALICE);
      void dying.poll(request_id);
      await dead.promise;
      expect(await store.refreshTokens.ofClient(ALICE.email, clock.now())).toEqual([]);

      clock.advance(31);
      const server = serverOn(store);
      if (survives) await server.finish(request_id);
      else {
        expect((await server.poll(request_id)).status).toBe(400);
        expect(await store.refreshTokens.ofClient(ALICE.email, clock.now())).toEqual([]);
        const again = await server.begin();
        idp.approve(ALICE);
        await server.finish(again.request_id);
      }
      expect(await store.refreshTokens.ofClient(ALICE.email, clock.now())).toHaveLength(1);
    });
  });

  test("a server that finds its claim taken over gives no tokens", async () => {
    const { clock, idp, serverOn } = await made();
    const { store } = subject;
    const recorded = Promise.withResolvers<void>();
    const resume = Promise.withResolvers<void>();
    const clients = override(store.clients, {
      recordLogin: async (...given) => {
        recorded.resolve();
        await resume.promise;
        return store.clients.recordLogin(...given);
      },
    });
    const slow = serverOn({ ...parts(store), clients });
    const { request_id } = await slow.begin();
    idp.approve(ALICE);
    const late = slow.poll(request_id);
    await recorded.promise;
    clock.advance(31);
    await serverOn(store).finish(request_id);
    resume.resolve();
    expect(await (await late).json()).toEqual({ error: "slow_down" });
    expect(await store.refreshTokens.ofClient(ALICE.email, clock.now())).toHaveLength(1);
  });
});

const parts = ({ clients, deviceLogins, browserSessions, refreshTokens, attempts }: Store): Steps => ({
  attempts,
  clients,
  deviceLogins,
  browserSessions,
  refreshTokens,
});

/** The store with some methods replaced. */
function override<Part extends object>(part: Part, methods: Partial<Part>): Part {
  return new Proxy(part, {
    get(target, name) {
      const method = Reflect.get(methods, name) ?? Reflect.get(target, name, target);
      return typeof method === "function" ? method.bind(target) : method;
    },
  });
}

const withLogins = (store: Store, methods: (logins: DeviceLoginStore) => Partial<DeviceLoginStore>): Steps => ({
  ...parts(store),
  deviceLogins: override(store.deviceLogins, methods(store.deviceLogins)),
});
