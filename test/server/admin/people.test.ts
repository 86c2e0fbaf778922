import { describe, expect, test } from "bun:test";
import { contract } from "../../contract/contract.ts";
import { at } from "../../contract/samples.ts";
import { TestClock } from "../../support/clock.ts";
import { runAdminCommand } from "./command-line.ts";

const clock = new TestClock();
const OLGA = {
  issuer: "https://idp.example",
  sub: "olga",
  email: "Olga@example.com",
  name: "Olga",
  emailVerified: true,
};

contract("accounts of people", (subject) => {
  const admin = (line: string) => runAdminCommand(line, { ...subject, now: clock.now });
  const find = (id: string) => subject.store.clients.find(id);

  describe("create-person", () => {
    test("makes an account that becomes the person's at the first login", async () => {
      const line = "create-person Olga@example.com --role manager --max-priority *=5 --allowed-queue rq";
      const { status, out, events } = await admin(line);
      expect([status, out]).toEqual([0, expect.stringContaining("account with role manager for Olga@example.com")]);
      expect(events).toEqual([
        "user_created:root,Olga@example.com,role=manager,max_priority,max_reservation_time,allowed_queues",
        "authz_change:Olga@example.com,rq",
      ]);
      expect(JSON.parse((await admin("list-clients --json")).out)).toMatchObject([
        { client_id: "Olga@example.com", kind: "person", expected_email: "olga@example.com" },
      ]);
      expect(await subject.store.clients.recordLogin(OLGA, clock.now())).toMatchObject({
        id: "Olga@example.com",
        subject: { sub: "olga" },
        permissions: { role: "manager", max_priority: { "*": 5 }, allowed_queues: ["rq"] },
      });
    });

    test("makes one that nobody can log in to with a secret", async () => {
      await admin("create-person olga@example.com");
      expect(await find("olga@example.com")).not.toHaveProperty("secretHash");
    });

    test.each([
      ["olga", 2, "'olga' is not an email address"],
      ["", 2, "the name of the client is missing"],
      ["new@example.com --email x@example.com", 2, "--email is for clients with a secret"],
      ["taken@example.com", 1, "client 'taken@example.com' exists already"],
      ["OLGA@example.com", 1, "'waiting' already waits for OLGA@example.com"],
    ])("refuses %p", async (line, status, message) => {
      await subject.store.clients.create({ id: "taken@example.com", permissions: {} });
      await subject.store.clients.create({ id: "waiting", permissions: {}, expectedEmail: "olga@example.com" });
      const outcome = await admin(`create-person ${line}`);
      expect([outcome.status, outcome.err]).toEqual([status, expect.stringContaining(message)]);
      expect(await subject.store.clients.list()).toHaveLength(2);
    });
  });

  describe("link", () => {
    const client = (id: string) =>
      subject.store.clients.create({
        id,
        secretHash: "hash",
        permissions: { role: "manager", max_priority: { q: 1 } },
      });

    test.each(["olga", "Olga@example.com"])("hands the client %s over to a person at their next login", async (id) => {
      await client(id);
      const { status, events } = await admin(`link ${id} olga@example.com`);
      expect([status, events]).toEqual([0, [`authz_change:root,${id},olga@example.com`]]);
      expect(await find(id)).toMatchObject({ secretHash: "hash" });
      expect(await subject.store.clients.recordLogin(OLGA, clock.now())).toMatchObject({
        id: "Olga@example.com",
        permissions: { role: "manager", max_priority: { q: 1 } },
      });
      expect(await find("Olga@example.com")).not.toHaveProperty("secretHash");
      expect(await subject.store.clients.list()).toHaveLength(1);
    });

    test.each([
      ["olga", 2, "a client and the email address of a person are expected"],
      ["olga nobody", 2, "'nobody' is not an email address"],
      ["unknown olga@example.com", 1, "there is no client 'unknown'"],
      ["testflinger-admin olga@example.com", 1, "is nobody's"],
      ["ada@example.com olga@example.com", 1, "belongs to a person already"],
      ["olga ada@example.com", 1, "has logged in and has an account already"],
      ["olga taken@example.com", 1, "'taken@example.com' is the name of another client"],
      ["group:kernel olga@example.com", 1, "'group:kernel' is a group"],
      ["olga waited-for@example.com", 1, "'other' already waits for waited-for@example.com"],
    ])("refuses %p", async (line, status, message) => {
      const { clients } = subject.store;
      for (const id of ["olga", "group:kernel", "testflinger-admin", "taken@example.com", "other"]) await client(id);
      await clients.update("other", { expectedEmail: "waited-for@example.com" });
      await clients.recordLogin({ ...OLGA, sub: "ada", email: "ada@example.com" }, clock.now());
      const before = await clients.list();
      const outcome = await admin(`link ${line}`);
      expect([outcome.status, outcome.err]).toEqual([status, expect.stringContaining(message)]);
      expect(await clients.list()).toEqual(before);
    });
  });

  describe("end-sessions", () => {
    test("logs a client out everywhere, and nobody else", async () => {
      const { refreshTokens, browserSessions } = subject.store;
      const times = { issuedAt: clock.now(), expiresAt: new Date(+clock.now() + 1e9) };
      for (const token of ["one", "two"]) await refreshTokens.add(token, { clientId: "olga", ...times });
      await refreshTokens.add("other", { clientId: "ada", ...times });
      const session = {
        createdAt: clock.now(),
        lastSeenAt: clock.now(),
        idleUntil: times.expiresAt,
        expiresAt: times.expiresAt,
      };
      await browserSessions.add({ id: "1", hash: "h1", clientId: "olga", ...session });
      await browserSessions.add({ id: "2", hash: "h2", clientId: "ada", ...session });
      const { status, out, events } = await admin("end-sessions olga --json");
      expect([status, JSON.parse(out)]).toEqual([0, { client_id: "olga", logins: 2, browser_sessions: 1 }]);
      expect(events).toHaveLength(3);
      expect(await refreshTokens.ofClient("olga", at(0))).toEqual([]);
      expect(await browserSessions.find("h1", clock.now())).toBeNull();
      expect(await refreshTokens.find("other")).toMatchObject({ revoked: false });
      expect(await browserSessions.find("h2", clock.now())).not.toBeNull();
    });

    test("refuses a client that is none", async () => {
      expect(await admin("end-sessions nobody")).toMatchObject({
        status: 1,
        err: expect.stringContaining("no client"),
      });
    });
  });
});
