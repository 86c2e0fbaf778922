import { expect, test } from "bun:test";
import type { BrowserSession } from "../../src/server/store/browser-sessions.ts";
import { contract } from "./contract.ts";
import { at, atOnce, START } from "./samples.ts";

contract("browser sessions", (subject) => {
  const add = async (given: Partial<BrowserSession> = {}): Promise<BrowserSession> => {
    const session = {
      id: crypto.randomUUID(),
      hash: `hash-${crypto.randomUUID()}`,
      clientId: "a",
      createdAt: START,
      lastSeenAt: START,
      idleUntil: at(100),
      expiresAt: at(1000),
      ...given,
    };
    await subject.store.browserSessions.add(session);
    return session;
  };
  const find = ({ hash }: BrowserSession, now = START) => subject.store.browserSessions.find(hash, now);

  test("an added session is found by the hash of its cookie, and by nothing else", async () => {
    const { browserSessions } = subject.store;
    const session = await add({ sealedIdToken: "sealed" });
    expect(await find(session)).toEqual(session);
    expect(await browserSessions.find(session.id, START)).toBeNull();
    expect(await browserSessions.find("", START)).toBeNull();
  });

  test("a session without an ID token has none", async () => {
    expect(await find(await add())).not.toHaveProperty("sealedIdToken");
  });

  test("a session counts until it is idle for too long or its time is over", async () => {
    const session = await add();
    expect(await find(session, at(99))).not.toBeNull();
    expect(await find(session, at(100))).toBeNull();
    await subject.store.browserSessions.touch(session.id, { lastSeenAt: at(99), idleUntil: at(2000) });
    expect(await find(session, at(999))).toEqual({ ...session, lastSeenAt: at(99), idleUntil: at(2000) });
    expect(await find(session, at(1000))).toBeNull();
    await subject.store.browserSessions.touch("unknown", { lastSeenAt: at(99), idleUntil: at(2000) });
  });

  test("a session ends once", async () => {
    const { browserSessions } = subject.store;
    const [session, other] = [await add(), await add()];
    expect(await browserSessions.end(session.id)).toBe(true);
    expect(await browserSessions.end(session.id)).toBe(false);
    expect(await find(session)).toBeNull();
    expect(await find(other)).toEqual(other);
  });

  test("a client's sessions are those that count, the newest first", async () => {
    const { browserSessions } = subject.store;
    const old = await add();
    const young = await add({ createdAt: at(1) });
    await add({ idleUntil: at(2) });
    await add({ expiresAt: at(2) });
    await add({ clientId: "b" });
    expect(await browserSessions.ofClient("a", at(2))).toEqual([young, old]);
    expect(await browserSessions.ofClient("unknown", START)).toEqual([]);
  });

  test("a session is found by its id, while it counts", async () => {
    const { browserSessions } = subject.store;
    const session = await add();
    expect(await browserSessions.living(session.id, at(99))).toEqual(session);
    expect(await browserSessions.living(session.id, at(100))).toBeNull();
    expect(await browserSessions.living(session.hash, START)).toBeNull();
  });

  test("a session tells where it was last used from", async () => {
    const { browserSessions } = subject.store;
    const session = await add({ address: "192.0.2.1" });
    await browserSessions.touch(session.id, { lastSeenAt: at(1), idleUntil: at(101), address: "2001:db8::1" });
    expect((await find(session))?.address).toBe("2001:db8::1");
    await browserSessions.touch(session.id, { lastSeenAt: at(2), idleUntil: at(102) });
    expect((await find(session))?.address).toBe("2001:db8::1");
  });

  test("sessions that are over are removed, each told to one of those who ask at once", async () => {
    const { browserSessions } = subject.store;
    const [living, idle, over] = [await add(), await add({ idleUntil: at(5) }), await add({ expiresAt: at(5) })];
    const told = (await atOnce(10, () => browserSessions.takeExpired(at(5)))).flat();
    expect(told.map(({ id }) => id).toSorted()).toEqual([idle.id, over.id].toSorted());
    expect(told.find(({ id }) => id === idle.id)).toEqual(idle);
    expect([await find(living), await find(idle), await find(over)]).toEqual([living, null, null]);
    expect(await browserSessions.takeExpired(at(5))).toEqual([]);
  });

  test("sessions end with their client, and its id passes none on", async () => {
    const { clients } = subject.store;
    await clients.create({ id: "a", permissions: {} });
    const session = await add();
    await clients.delete("a");
    expect(await find(session)).toBeNull();
    const late = await add();
    await clients.create({ id: "a", permissions: {} });
    expect(await find(late)).toBeNull();
  });

  test("sessions follow a client whose e-mail changes", async () => {
    const { clients } = subject.store;
    const person = { issuer: "i", sub: "s", email: "ada@example.com", name: "Ada" };
    await clients.recordLogin(person, START);
    const session = await add({ clientId: person.email });
    await clients.recordLogin({ ...person, email: "ada@example.org" }, START);
    expect(await find(session)).toEqual({ ...session, clientId: "ada@example.org" });
  });

  test("sessions that are over are swept", async () => {
    const { store } = subject;
    const [living, idle, over] = [await add(), await add({ idleUntil: at(5) }), await add({ expiresAt: at(5) })];
    await store.sweep(at(5));
    // As found by a clock that has not come that far: swept, not only out of date.
    expect([await find(living), await find(idle), await find(over)]).toEqual([living, null, null]);
  });

  test("sessions are there after a restart", async () => {
    const session = await add({ sealedIdToken: "sealed" });
    expect(await (await subject.reopen()).browserSessions.find(session.hash, START)).toEqual(session);
  });
});
