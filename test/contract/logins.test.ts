import { expect, test } from "bun:test";
import type { Person } from "../../src/server/store/clients.ts";
import { contract } from "./contract.ts";
import { at, atOnce, newJob, START } from "./samples.ts";

const ada: Person = { issuer: "https://idp.example.com", sub: "sub-1", email: "ada@example.com", name: "Ada" };

contract("logins of people", (subject) => {
  const login = (person: Partial<Person> = {}, now = START) =>
    subject.store.clients.recordLogin({ ...ada, ...person }, now);

  test("the first one creates a contributor", async () => {
    const expected = {
      id: "ada@example.com",
      subject: { sub: "sub-1", issuer: "https://idp.example.com" },
      name: "Ada",
      permissions: { role: "contributor" },
      createdAt: START,
      lastLogin: START,
    };
    expect(await login()).toEqual(expected);
    expect(await subject.store.clients.find("ada@example.com")).toEqual(expected);
  });

  test("later ones keep role and grants", async () => {
    const { clients, queues } = subject.store;
    await login();
    await clients.update("ada@example.com", { role: "admin", max_priority: { q: 3 } });
    await queues.restrict("q", "ada@example.com");
    const again = await login({ name: "Ada L." }, at(50));
    expect(again).toEqual({
      id: "ada@example.com",
      subject: { sub: "sub-1", issuer: "https://idp.example.com" },
      name: "Ada L.",
      permissions: { role: "admin", max_priority: { q: 3 }, allowed_queues: ["q"] },
      createdAt: START,
      lastLogin: at(50),
    });
    expect(await clients.find("ada@example.com")).toEqual(again as Exclude<typeof again, "conflict">);
  });

  test("each renew the groups: who is in none any more has none", async () => {
    const { clients } = subject.store;
    const groups = async () => (await clients.find("ada@example.com"))?.groups;
    expect(await login({ groups: ["devs", "/lab/$x.y"] })).toMatchObject({ groups: ["devs", "/lab/$x.y"] });
    expect(await groups()).toEqual(["devs", "/lab/$x.y"]);
    expect(await login({ groups: ["ops"] })).toMatchObject({ groups: ["ops"] });
    expect(await groups()).toEqual(["ops"]);
    expect(await login({ groups: [] })).not.toHaveProperty("groups");
    expect(await groups()).toBeUndefined();
    await login({ groups: ["ops"] });
    expect(await login()).not.toHaveProperty("groups");
    expect(await groups()).toBeUndefined();
  });

  /** ASVS 5.0 control 6.8.1. */
  test("the same sub of another issuer is another person", async () => {
    await login();
    expect(await login({ issuer: "https://other.example.com" })).toBe("conflict");
    expect(await login({ issuer: "https://other.example.com", email: "eve@example.com" })).toMatchObject({
      id: "eve@example.com",
    });
    expect(await subject.store.clients.list()).toHaveLength(2);
  });

  test.each([
    [
      "a password client's id",
      (id: string) => subject.store.clients.create({ id, secretHash: "h", permissions: { role: "admin" } }),
    ],
    [
      "another person's e-mail",
      (id: string) => subject.store.clients.recordLogin({ ...ada, sub: "sub-2", email: id }, START),
    ],
  ])("a first login with %s is a conflict and changes nothing", async (_, occupy) => {
    await occupy("ada@example.com");
    const before = await subject.store.clients.list();
    expect(await login({}, at(9))).toBe("conflict");
    expect(await subject.store.clients.list()).toEqual(before);
  });

  test("a change to an e-mail that is taken is a conflict and changes nothing", async () => {
    await login();
    await subject.store.clients.create({ id: "taken@example.com", secretHash: "h", permissions: {} });
    const before = await subject.store.clients.list();
    expect(await login({ email: "taken@example.com", name: "Other" }, at(9))).toBe("conflict");
    expect(await subject.store.clients.list()).toEqual(before);
  });

  test("a changed e-mail renames the account; grants, refresh tokens, secrets and jobs follow", async () => {
    const { clients, jobs, queues, refreshTokens, secrets } = subject.store;
    await login();
    await clients.update("ada@example.com", { role: "manager" });
    await queues.restrict("q", "ada@example.com");
    await refreshTokens.add("token", { clientId: "ada@example.com", issuedAt: START, expiresAt: at(1000) });
    await secrets.put(
      { owner: "ada@example.com", path: "p", sealed: new Uint8Array([1, 2]), keyId: "k", ephemeral: false },
      START,
    );
    const job = newJob({ submitter: "ada@example.com", secretsOwner: "ada@example.com" });
    await jobs.submit(job);

    expect(await login({ email: "lovelace@example.com" }, at(9))).toMatchObject({
      id: "lovelace@example.com",
      permissions: { role: "manager", allowed_queues: ["q"] },
      createdAt: START,
      lastLogin: at(9),
    });
    expect((await clients.list()).map(({ id }) => id)).toEqual(["lovelace@example.com"]);
    expect(await queues.owners("q")).toEqual(["lovelace@example.com"]);
    expect((await refreshTokens.find("token"))?.clientId).toBe("lovelace@example.com");
    expect(await refreshTokens.ofClient("ada@example.com", START)).toEqual([]);
    expect(await secrets.find("ada@example.com", "p", START)).toBeNull();
    expect((await secrets.find("lovelace@example.com", "p", START))?.sealed).toEqual(new Uint8Array([1, 2]));
    expect(await jobs.find(job.id)).toMatchObject({
      submitter: "lovelace@example.com",
      secretsOwner: "lovelace@example.com",
    });
  });

  test("secrets that a former holder of the new e-mail left behind are not inherited", async () => {
    const { secrets } = subject.store;
    const left = { owner: "new@example.com", sealed: new Uint8Array([9]), keyId: "k", ephemeral: false };
    await secrets.put({ ...left, path: "p" }, START);
    await secrets.put({ ...left, path: "only-there" }, START);
    await login();
    await secrets.put({ ...left, owner: "ada@example.com", path: "p", sealed: new Uint8Array([1]) }, START);
    await login({ email: "new@example.com" });
    expect((await secrets.find("new@example.com", "p", START))?.sealed).toEqual(new Uint8Array([1]));
    expect(await secrets.find("new@example.com", "only-there", START)).toBeNull();
  });

  test("two people can exchange their e-mails one after the other", async () => {
    await login();
    await login({ sub: "sub-2", email: "bob@example.com" });
    await login({ email: "third@example.com" });
    expect(await login({ sub: "sub-2", email: "ada@example.com" })).toMatchObject({
      id: "ada@example.com",
      subject: { sub: "sub-2" },
    });
    expect(await login({ email: "bob@example.com" })).toMatchObject({
      id: "bob@example.com",
      subject: { sub: "sub-1" },
    });
  });

  test("many at once make one account", async () => {
    const answers = await atOnce(50, (index) => login({}, at(index)));
    expect(answers).not.toContain("conflict");
    expect(await subject.store.clients.list()).toHaveLength(1);
  });

  test("of two people who claim one e-mail at once one gets it", async () => {
    const answers = await atOnce(20, (index) => login({ sub: `sub-${index}` }));
    expect(answers.filter((answer) => answer === "conflict")).toHaveLength(19);
    expect(await subject.store.clients.list()).toHaveLength(1);
  });

  test("at the same time as a grant lose nothing", async () => {
    const { clients, queues } = subject.store;
    await login();
    await Promise.all([
      login({}, at(1)),
      queues.restrict("q", "ada@example.com"),
      clients.update("ada@example.com", { role: "manager" }),
      login({}, at(1)),
      clients.update("ada@example.com", { max_priority: { q: 1 } }),
    ]);
    expect(await clients.find("ada@example.com")).toMatchObject({
      permissions: { role: "manager", max_priority: { q: 1 }, allowed_queues: ["q"] },
      lastLogin: at(1),
    });
  });

  test("a person who was deleted starts again as a contributor", async () => {
    const { clients } = subject.store;
    await login();
    await clients.update("ada@example.com", { role: "admin" });
    await clients.delete("ada@example.com");
    expect(await login({}, at(5))).toMatchObject({ permissions: { role: "contributor" }, createdAt: at(5) });
  });
});
