import { expect, test } from "bun:test";
import { contract } from "./contract.ts";
import { atOnce, START } from "./samples.ts";

contract("clients", (subject) => {
  const create = (id: string, permissions = {}) =>
    subject.store.clients.create({ id, secretHash: "hash", permissions, createdAt: START });

  test("a created client is found by its id", async () => {
    const { clients } = subject.store;
    const permissions = {
      role: "manager",
      max_priority: { "*": 1, "a.b": 2, $q: -3, __proto_: 2 ** 40 },
      max_reservation_time: { q: 86_400 },
      allowed_queues: ["q", "p"],
      email: "lab@example.com",
    };
    expect(await create("lab", permissions)).toBe(true);
    expect(await clients.find("lab")).toEqual({ id: "lab", secretHash: "hash", permissions, createdAt: START });
    expect(await clients.find("LAB")).toBeNull();
    expect(await clients.find("")).toBeNull();
  });

  test("what was not given is absent", async () => {
    const { clients } = subject.store;
    await clients.create({ id: "bare", permissions: {} });
    const bare = (await clients.find("bare"))!;
    expect(Object.keys(bare).sort()).toEqual(["id", "permissions"]);
    expect(Object.keys(bare.permissions).filter((name) => name !== "allowed_queues")).toEqual([]);
  });

  test("an id is taken once", async () => {
    expect(await create("a", { role: "admin" })).toBe(true);
    expect(await create("a", { role: "agent" })).toBe(false);
    expect((await subject.store.clients.find("a"))?.permissions.role).toBe("admin");
    const answers = await atOnce(20, () => create("b"));
    expect(answers.filter(Boolean)).toHaveLength(1);
  });

  test("all clients are listed by id", async () => {
    for (const id of ["b", "a", "C"]) await create(id, { allowed_queues: [`queue-${id}`] });
    const all = await subject.store.clients.list();
    expect(all.map(({ id, permissions }) => [id, permissions.allowed_queues])).toEqual([
      ["C", ["queue-C"]],
      ["a", ["queue-a"]],
      ["b", ["queue-b"]],
    ]);
  });

  test("a role that is none is passed on as stored", async () => {
    await create("a", { role: "wizard" });
    expect((await subject.store.clients.find("a"))?.permissions.role).toBe("wizard");
  });

  test("an update replaces the given fields and no others", async () => {
    const { clients } = subject.store;
    await create("a", { role: "agent", max_priority: { q: 1, p: 2 }, allowed_queues: ["q"], email: "old@example.com" });
    expect(await clients.update("a", { max_priority: { r: 3 }, email: "new@example.com" })).toBe(true);
    expect(await clients.find("a")).toEqual({
      id: "a",
      secretHash: "hash",
      createdAt: START,
      permissions: { role: "agent", max_priority: { r: 3 }, allowed_queues: ["q"], email: "new@example.com" },
    });
    expect(
      await clients.update("a", {
        secretHash: "other",
        role: "admin",
        max_reservation_time: { "*": 5 },
        max_priority: {},
      }),
    ).toBe(true);
    expect(await clients.find("a")).toMatchObject({
      secretHash: "other",
      permissions: { role: "admin", max_reservation_time: { "*": 5 }, max_priority: {} },
    });
    expect((await clients.find("a"))?.permissions.max_priority).toEqual({});
    expect(await clients.update("a", {})).toBe(true);
    expect(await clients.update("unknown", { role: "admin" })).toBe(false);
    expect(await clients.update("unknown", {})).toBe(false);
    expect(await clients.find("unknown")).toBeNull();
  });

  test("changes of different fields at once are all kept", async () => {
    const { clients, queues } = subject.store;
    await create("a");
    await Promise.all([
      clients.update("a", { role: "manager" }),
      clients.update("a", { max_priority: { q: 1 } }),
      queues.restrict("q", "a"),
      clients.update("a", { max_reservation_time: { q: 2 } }),
      queues.restrict("p", "a"),
      clients.update("a", { email: "e@example.com" }),
      clients.update("a", { secretHash: "new" }),
    ]);
    const client = await clients.find("a");
    expect(client?.permissions.allowed_queues?.toSorted()).toEqual(["p", "q"]);
    expect(client).toMatchObject({
      secretHash: "new",
      permissions: { role: "manager", max_priority: { q: 1 }, max_reservation_time: { q: 2 }, email: "e@example.com" },
    });
  });

  test("a secret is replaced if it is still the one that is known, and the client is not disabled", async () => {
    const { clients } = subject.store;
    await create("a", { role: "agent" });
    await create("b");
    expect(await clients.replaceSecret("a", "other", "new")).toBe(false);
    expect(await clients.replaceSecret("unknown", "hash", "new")).toBe(false);
    expect(await clients.replaceSecret("a", "hash", "new")).toBe(true);
    expect(await clients.find("a")).toMatchObject({ secretHash: "new", permissions: { role: "agent" } });
    expect((await clients.find("b"))?.secretHash).toBe("hash");
    await clients.update("b", { disabled: true });
    expect(await clients.replaceSecret("b", "hash", "new")).toBe(false);
    await clients.update("b", { disabled: false });
    expect(await clients.replaceSecret("b", "hash", "new")).toBe(true);
  });

  test("of many replacements of a secret at once one is made", async () => {
    const { clients } = subject.store;
    await create("a");
    const answers = await atOnce(20, (index) => clients.replaceSecret("a", "hash", `new ${index}`));
    expect(answers.filter(Boolean)).toHaveLength(1);
    expect((await clients.find("a"))?.secretHash).toBe(`new ${answers.indexOf(true)}`);
  });

  test("deleting takes refresh tokens, secrets and ownership along; queues stay restricted", async () => {
    const { clients, queues, refreshTokens, secrets } = subject.store;
    await create("a");
    await create("b");
    await queues.restrict("q", "a");
    await queues.restrict("p", "a");
    await queues.restrict("p", "b");
    const record = { issuedAt: START, expiresAt: new Date(+START + 1e6) };
    await refreshTokens.add("token-a", { clientId: "a", ...record });
    await refreshTokens.add("token-b", { clientId: "b", ...record });
    for (const owner of ["a", "b"])
      await secrets.put({ owner, path: "p", sealed: new Uint8Array([1]), keyId: "k", ephemeral: false }, START);

    expect(await clients.delete("a")).toBe(true);
    expect(await clients.find("a")).toBeNull();
    expect(await clients.delete("a")).toBe(false);
    expect(await queues.restricted()).toEqual([
      { queue: "p", owners: ["b"] },
      { queue: "q", owners: [] },
    ]);
    expect(await refreshTokens.find("token-a")).toBeNull();
    expect((await refreshTokens.find("token-b"))?.clientId).toBe("b");
    expect(await secrets.find("a", "p", START)).toBeNull();
    expect(await secrets.find("b", "p", START)).not.toBeNull();

    await create("a");
    expect((await clients.find("a"))?.permissions.allowed_queues ?? []).toEqual([]);
  });

  test("clients are there after a restart", async () => {
    await create("a", { role: "admin", allowed_queues: ["q"] });
    const before = await subject.store.clients.find("a");
    expect(await (await subject.reopen()).clients.find("a")).toEqual(before);
  });
});
