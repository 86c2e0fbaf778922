import { expect, test } from "bun:test";
import type { Client, Person } from "../../src/server/store/clients.ts";
import { contract } from "./contract.ts";
import { at, DAY, newJob, START } from "./samples.ts";

const ada: Person = {
  issuer: "https://idp.example.com",
  sub: "sub-1",
  email: "Ada@example.com",
  name: "Ada",
  emailVerified: true,
};

contract("accounts", (subject) => {
  const login = (person: Partial<Person> = {}, now = START) =>
    subject.store.clients.recordLogin({ ...ada, ...person }, now);
  const find = (id: string) => subject.store.clients.find(id);

  test("are bound to agents and set free again", async () => {
    const { clients } = subject.store;
    await clients.create({ id: "lab", permissions: { role: "agent", allowed_agents: ["lab-*", "rpi"] } });
    expect((await find("lab"))?.permissions.allowed_agents).toEqual(["lab-*", "rpi"]);
    expect(await clients.update("lab", { allowed_agents: ["other"] })).toBe(true);
    expect(await clients.update("lab", { role: "agent" })).toBe(true);
    expect((await find("lab"))?.permissions.allowed_agents).toEqual(["other"]);
    await clients.update("lab", { allowed_agents: [] });
    expect((await find("lab"))?.permissions.allowed_agents).toEqual([]);
    expect(await clients.update("lab", { allowed_agents: null })).toBe(true);
    expect((await find("lab"))?.permissions).toEqual({ role: "agent" });
    expect(await clients.update("unknown", { allowed_agents: null })).toBe(false);
  });

  test("are disabled and enabled", async () => {
    const { clients } = subject.store;
    await clients.create({ id: "ci", permissions: {} });
    expect(await find("ci")).not.toHaveProperty("disabled");
    await clients.update("ci", { disabled: true });
    await clients.update("ci", { role: "manager" });
    expect(await find("ci")).toMatchObject({ disabled: true, permissions: { role: "manager" } });
    await clients.update("ci", { disabled: false });
    expect(await find("ci")).not.toHaveProperty("disabled");
  });

  test("of disabled people are remembered however long they stay away", async () => {
    const { store } = subject;
    await login();
    await login({ sub: "sub-2", email: "bob@example.com" });
    await store.clients.update(ada.email, { disabled: true });
    await store.sweep(at(1000 * DAY));
    expect((await store.clients.list()).map(({ id }) => id)).toEqual([ada.email]);
  });

  test("get the role that the provider's groups give, at every login", async () => {
    expect(await login({ role: "manager" })).toMatchObject({ permissions: { role: "manager" } });
    expect(await login()).toMatchObject({ permissions: { role: "manager" } });
    expect(await login({ role: "contributor" })).toMatchObject({ permissions: { role: "contributor" } });
    expect((await find(ada.email))?.permissions.role).toBe("contributor");
  });

  const waiting = (given: Partial<Client> = {}) =>
    subject.store.clients.create({
      id: "olga",
      secretHash: "hash",
      permissions: { role: "manager", max_priority: { q: 5 }, allowed_queues: ["q"], email: "olga@example.com" },
      createdAt: START,
      expectedEmail: "ada@example.com",
      ...given,
    });

  test("that wait for a person become theirs at the first login, with role, grants and what belongs to them", async () => {
    const { store } = subject;
    await waiting();
    const record = { clientId: "olga", issuedAt: START, expiresAt: at(1000) };
    await store.refreshTokens.add("token", record);
    await store.secrets.put(
      { owner: "olga", path: "p", sealed: new Uint8Array([1]), keyId: "k", ephemeral: false },
      START,
    );
    await store.jobs.submit(newJob({ id: "job", submitter: "olga" }));
    expect(await login({}, at(5))).toEqual({
      id: "Ada@example.com",
      subject: { sub: "sub-1", issuer: "https://idp.example.com" },
      name: "Ada",
      permissions: { role: "manager", max_priority: { q: 5 }, allowed_queues: ["q"] },
      createdAt: START,
      lastLogin: at(5),
    });
    expect(await find("olga")).toBeNull();
    expect(await store.refreshTokens.find("token")).toMatchObject({ clientId: ada.email });
    expect(await store.secrets.find(ada.email, "p", START)).not.toBeNull();
    expect(await store.jobs.find("job")).toMatchObject({ submitter: ada.email });
    expect(await login({}, at(9))).toMatchObject({ id: ada.email, permissions: { role: "manager" } });
  });

  test("that were made in advance under the address itself become the person's too", async () => {
    await waiting({ id: ada.email, secretHash: undefined });
    expect(await login()).toMatchObject({ id: ada.email, permissions: { role: "manager" }, subject: { sub: "sub-1" } });
    expect(await find(ada.email)).not.toHaveProperty("expectedEmail");
  });

  test.each([undefined, false])(
    "that wait become nobody's whose address is not verified: %p",
    async (emailVerified) => {
      await waiting();
      expect(await login({ emailVerified })).toMatchObject({ permissions: { role: "contributor" } });
      expect(await find("olga")).toMatchObject({ secretHash: "hash", expectedEmail: "ada@example.com" });
    },
  );

  // Of the kelvin's sign the small form is a k (Unicode case mapping collisions, CWE-178).
  test("that wait become nobody's whose address only looks the same in small letters", async () => {
    await subject.store.clients.create({
      id: "mike",
      permissions: { role: "admin" },
      expectedEmail: "mike@example.com",
    });
    const email = "mi\u212ae@example.com";
    expect(await login({ email, emailVerified: true })).toMatchObject({
      id: email,
      permissions: { role: "contributor" },
    });
    expect(await login({ sub: "sub-2", email: "Mike@Example.com", emailVerified: true })).toMatchObject({
      permissions: { role: "admin" },
    });
  });

  test("that wait leave a person alone who has an account", async () => {
    await login();
    await waiting();
    expect(await login()).toMatchObject({ permissions: { role: "contributor" } });
    expect(await find("olga")).toMatchObject({ expectedEmail: "ada@example.com" });
  });

  test("that wait are given to one person only", async () => {
    await waiting();
    const outcomes = await Promise.all(["s1", "s2", "s3"].map((sub) => login({ sub })));
    expect(outcomes.filter((outcome) => outcome !== "conflict")).toHaveLength(1);
    expect((await subject.store.clients.list()).map(({ id }) => id)).toEqual([ada.email]);
  });

  test("that wait change nothing when another client has the address as its id", async () => {
    await waiting();
    await subject.store.clients.create({ id: ada.email, permissions: {} });
    const before = await subject.store.clients.list();
    expect(await login()).toBe("conflict");
    expect(await subject.store.clients.list()).toEqual(before);
  });

  test("begin to wait when they are linked", async () => {
    const { clients } = subject.store;
    await clients.create({ id: "olga", secretHash: "hash", permissions: { role: "admin" } });
    await clients.update("olga", { expectedEmail: "ada@example.com" });
    expect(await login()).toMatchObject({ id: ada.email, permissions: { role: "admin" } });
    expect(await find(ada.email)).not.toHaveProperty("secretHash");
  });
});
