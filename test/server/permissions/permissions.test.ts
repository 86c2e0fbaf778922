import { afterAll, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import type { Role } from "../../../src/shared/roles.ts";
import { type TestApp, testApp } from "../../support/test-app.ts";

const SECRET = "a-long-enough-secret";
let app: TestApp, id: string;

beforeAll(async () => {
  app = await testApp();
});
afterAll(() => app.close());
beforeEach(() => {
  id = `client-${crypto.randomUUID()}`;
  app.lines.length = 0;
});

const call = async (method: string, path: string, as: Role, body?: unknown) =>
  app.fetch(
    new Request(`http://localhost/v1${path}`, {
      method,
      headers: {
        authorization: `Bearer ${await app.token(`the-${as}`, { role: as })}`,
        "content-type": "application/json",
      },
      body: body === undefined ? undefined : JSON.stringify(body),
    }),
  );
const put = (body: unknown, as: Role = "admin", client = id) => call("PUT", `/client-permissions/${client}`, as, body);
const create = (role: Role) =>
  app.store.clients.create({ id, secretHash: "hash", permissions: { role }, createdAt: new Date() });

const events = () =>
  app.lines.flatMap((line) => {
    const event = JSON.parse(line).owasp_event;
    return event ? [[event.level, event.event, event.description] as const] : [];
  });

describe("who may change whom", () => {
  const ranks: Role[] = ["agent", "contributor", "manager", "admin"];
  const cases = (["manager", "admin"] as const).flatMap((caller) =>
    ranks.map((target) => [caller, target, ranks.indexOf(caller) >= ranks.indexOf(target)] as const),
  );

  test.each(cases)("a %s changes a client of role %s: %p", async (caller, target, may) => {
    await create(target);
    const response = await put({ max_priority: { "*": 1 } }, caller);
    expect(response.status).toBe(may ? 200 : 403);
    if (!may) {
      expect(await response.json()).toEqual({
        detail: {},
        message: `the-${caller} has insufficient permissions to modify client '${id}'`,
      });
      expect(events()).toEqual([
        [
          "CRITICAL",
          `authz_fail:the-${caller},/v1/client-permissions/${id}`,
          expect.stringContaining("insufficient permissions"),
        ],
      ]);
    }
    expect((await app.store.clients.find(id))!.permissions).toEqual(
      may ? { role: target, max_priority: { "*": 1 } } : { role: target },
    );
  });

  test.each(cases)("a %s makes a client of role %s: %p", async (caller, role, may) => {
    const response = await put({ client_secret: SECRET, role }, caller);
    expect(response.status).toBe(may ? 200 : 403);
    if (!may)
      expect(await response.json()).toEqual({
        detail: {},
        message: `the-${caller} has insufficient permissions to assign role '${role}' to client '${id}'`,
      });
    expect(Boolean(await app.store.clients.find(id))).toBe(may);
  });

  test("a role of a former database that is none counts as contributor", async () => {
    await app.store.clients.create({ id, permissions: { role: "king" }, createdAt: new Date() });
    expect((await put({ role: "manager" }, "manager")).status).toBe(200);
  });
});

describe("the audit log", () => {
  test("tells of a new client", async () => {
    await put({ client_secret: SECRET });
    expect(events()).toEqual([
      [
        "WARNING",
        `user_created:the-admin,${id},role=contributor,max_priority,max_reservation_time,allowed_queues`,
        expect.stringContaining(`created new client ${id}`),
      ],
    ]);
    expect(app.lines.join()).not.toContain(SECRET);
  });

  test("tells of a changed client, and apart from that of a changed secret", async () => {
    await create("manager");
    await put({ max_priority: { q: 1 } });
    await put({ client_secret: SECRET });
    const updated = [
      "WARNING",
      `user_updated:the-admin,${id},role=manager,max_priority,max_reservation_time,allowed_queues`,
      `Admin the-admin updated permissions for client ${id}`,
    ];
    expect(events() as unknown[]).toEqual([
      updated,
      updated,
      ["INFO", `authn_password_change:${id}`, expect.stringContaining("the-admin")],
    ]);
  });

  test("tells of deleted clients and of attempts", async () => {
    await create("agent");
    for (const client of [id, id, "testflinger-admin"]) await call("DELETE", `/client-permissions/${client}`, "admin");
    expect(events()).toEqual([
      ["INFO", `user_deleted:the-admin,${id}`, expect.stringContaining("deleted")],
      ["INFO", `user_deleted:the-admin,${id}`, expect.stringContaining("attempt")],
      ["INFO", "user_deleted:the-admin,testflinger-admin", expect.stringContaining("attempt")],
    ]);
  });

  test("tells of attempts on the system administrator and of clients without a secret", async () => {
    await put({}, "manager", "testflinger-admin");
    await put({});
    expect(events()).toEqual([
      ["WARNING", "authz_admin:the-manager,set_client_permissions", expect.stringContaining("testflinger-admin")],
      ["WARNING", "authz_admin:the-admin,set_client_permissions", expect.stringContaining("client_secret")],
    ]);
  });

  test("tells of owners of restricted queues", async () => {
    await create("contributor");
    await app.store.agents.report("agent", { queues: [`q-${id}`] }, [], new Date());
    await call("POST", `/restricted-queues/q-${id}`, "manager", { client_id: id });
    await call("DELETE", `/restricted-queues/q-${id}`, "manager", { client_id: id });
    expect(events()).toEqual([
      ["WARNING", `authz_change:${id},q-${id}`, `the-manager made ${id} an owner of restricted queue q-${id}`],
      [
        "WARNING",
        `authz_change:${id},q-${id}`,
        `the-manager removed ${id} from the owners of restricted queue q-${id}`,
      ],
    ]);
  });
});

describe("a client", () => {
  test("is changed field by field, by callers that do not know of each other", async () => {
    await create("contributor");
    await Promise.all([
      put({ role: "manager" }),
      put({ max_priority: { q: 1 } }),
      put({ max_reservation_time: { q: 2 } }),
      put({ email: "a@example.com" }),
    ]);
    expect(await (await call("GET", `/client-permissions/${id}`, "admin")).json()).toEqual({
      client_id: id,
      role: "manager",
      max_priority: { q: 1 },
      max_reservation_time: { q: 2 },
      email: "a@example.com",
    });
  });

  test("that two callers create at once is created once and then updated", async () => {
    const texts = await Promise.all(
      [put({ client_secret: SECRET }), put({ client_secret: SECRET })].map(async (answer) => (await answer).text()),
    );
    expect(texts.sort()).toEqual([`Created permissions for client '${id}'`, `Updated permissions for client '${id}'`]);
  });

  test.each([["x".repeat(73)], ["ü".repeat(37)], ["a-long-enough\0secret"]])(
    "cannot have the secret %p",
    async (client_secret) => {
      const response = await put({ client_secret });
      expect(response.status).toBe(422);
      expect(await response.json()).toEqual({
        detail: { json: { client_secret: [expect.any(String)] } },
        message: "Validation error",
      });
      expect(await app.store.clients.find(id)).toBeNull();
    },
  );

  test("that owned a queue alone leaves it closed when it is deleted, until its last owner is removed", async () => {
    await create("contributor");
    const queue = `q-${id}`;
    await app.store.agents.report("agent", { queues: [queue] }, [], new Date());
    await call("POST", `/restricted-queues/${queue}`, "admin", { client_id: id });
    await call("DELETE", `/client-permissions/${id}`, "admin");
    expect(await (await call("GET", `/restricted-queues/${queue}`, "contributor")).json()).toEqual({
      queue,
      owners: [],
    });
    expect((await call("DELETE", `/restricted-queues/${queue}`, "admin", { client_id: id })).status).toBe(200);
    expect((await call("GET", `/restricted-queues/${queue}`, "contributor")).status).toBe(404);
  });
});
