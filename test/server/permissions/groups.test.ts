import { afterEach, beforeEach, expect, test } from "bun:test";
import { decodeJwt } from "jose";
import { hashSecret } from "../../../src/server/tokens/client-secret.ts";
import { contract } from "../../contract/contract.ts";
import { TestClock } from "../../support/clock.ts";
import { type TestApp, testApp } from "../../support/test-app.ts";

const ADA = "ada@example.com";
const GROUP = "/v1/client-permissions/group:kernel";
const QUEUE = "/v1/restricted-queues/rpi4-1";

contract("a group of the identity provider", (subject) => {
  let app: TestApp, clock: TestClock, refreshToken: string;
  beforeEach(async () => {
    clock = new TestClock();
    app = await testApp({ on: subject, now: clock.now });
    await logIn("kernel", "other");
    refreshToken = `token-${crypto.randomUUID()}`;
    await loginOf(ADA, refreshToken);
    await subject.store.agents.report("agent", { queues: ["rpi4-1"] }, [], clock.now());
  });
  afterEach(() => app.close());

  const logIn = (...groups: string[]) =>
    subject.store.clients.recordLogin({ issuer: "i", sub: "ada", email: ADA, name: "Ada", groups }, clock.now());
  const loginOf = (clientId: string, token: string) =>
    subject.store.refreshTokens.add(token, {
      clientId,
      issuedAt: clock.now(),
      expiresAt: new Date(clock.now().getTime() + 1e8),
    });
  const send = async (method: string, path: string, authorization: string, body?: unknown) => {
    const headers = { authorization, ...(body === undefined ? {} : { "content-type": "application/json" }) };
    return app.fetch(
      new Request(`http://localhost${path}`, {
        method,
        headers,
        body: body === undefined ? undefined : JSON.stringify(body),
      }),
    );
  };
  const as = async (role: "admin" | "manager" | "contributor", method: string, path: string, body?: unknown) =>
    send(method, path, `Bearer ${await app.token(`the-${role}`, { role })}`, body);
  const refresh = async (): Promise<string> => {
    const answer = await send("POST", "/v1/oauth2/refresh", "", { refresh_token: refreshToken });
    return ((await answer.json()) as { access_token: string }).access_token;
  };
  const granted = async () => decodeJwt<{ permissions: Record<string, unknown> }>(await refresh()).permissions;
  const submit = async (token: string) =>
    (await send("POST", "/v1/job", `Bearer ${token}`, { job_queue: "rpi4-1" })).status;

  test("owns a queue: its members may submit with their next token, and nobody else, admins included", async () => {
    const early = await refresh();
    expect((await as("manager", "POST", QUEUE, { client_id: "group:kernel" })).status).toBe(200);
    expect(await (await as("contributor", "GET", QUEUE)).json()).toEqual({
      queue: "rpi4-1",
      owners: ["group:kernel"],
    });
    expect(await submit(early)).toBe(403);
    expect(await submit(await refresh())).toBe(200);
    expect(await submit(await app.token("the-admin", { role: "admin" }))).toBe(403);
    expect((await as("manager", "DELETE", QUEUE, { client_id: "group:kernel" })).status).toBe(200);
    expect((await as("contributor", "GET", QUEUE)).status).toBe(404);
  });

  test("is left with the next login: then the token gives nothing of it", async () => {
    await as("manager", "POST", QUEUE, { client_id: "group:kernel" });
    expect(await granted()).toMatchObject({ allowed_queues: ["rpi4-1"] });
    await logIn("other");
    expect(await granted()).not.toHaveProperty("allowed_queues");
    expect(await submit(await refresh())).toBe(403);
  });

  test("carries limits and patterns, which add to those of its members", async () => {
    const permissions = {
      max_priority: { "*": 5, rpi4: 50 },
      max_reservation_time: { rpi4: 90_000 },
      allowed_queue_patterns: ["rpi4-*"],
    };
    const created = await as("manager", "PUT", GROUP, permissions);
    expect(await created.text()).toBe("Created permissions for client 'group:kernel'");
    await as("manager", "PUT", "/v1/client-permissions/group:other", { max_priority: { "*": 7 } });
    const own = { max_priority: { rpi4: 60, x86: 1 }, allowed_queue_patterns: ["x86-*"] };
    expect((await as("admin", "PUT", `/v1/client-permissions/${ADA}`, own)).status).toBe(200);
    expect(await granted()).toEqual({
      client_id: ADA,
      role: "contributor",
      max_priority: { "*": 7, rpi4: 60, x86: 1 },
      max_reservation_time: { rpi4: 90_000 },
      allowed_queue_patterns: ["x86-*", "rpi4-*"],
    });
    await subject.store.clients.create({ id: "owner", permissions: {} });
    await as("manager", "POST", QUEUE, { client_id: "owner" });
    expect(await (await as("contributor", "GET", QUEUE)).json()).toMatchObject({ owners: ["group:kernel", "owner"] });
    expect(await submit(await refresh())).toBe(200);
    await as("manager", "PUT", GROUP, { allowed_queue_patterns: [] });
    expect(await submit(await refresh())).toBe(403);
  });

  test("is told with the permissions of its members, who keep their own", async () => {
    await as("manager", "PUT", GROUP, { max_priority: { "*": 5 } });
    expect(await (await as("manager", "GET", `/v1/client-permissions/${ADA}`)).json()).toEqual({
      client_id: ADA,
      role: "contributor",
      groups: ["kernel", "other"],
    });
  });

  test("is deleted like a client: its queues stay restricted, and its members are out", async () => {
    await as("manager", "POST", QUEUE, { client_id: "group:kernel" });
    expect((await as("admin", "DELETE", GROUP)).status).toBe(200);
    expect(await (await as("contributor", "GET", QUEUE)).json()).toEqual({ queue: "rpi4-1", owners: [] });
    expect(await submit(await refresh())).toBe(403);
  });

  test.each([
    [{ client_secret: "a-long-enough-secret" }, "client_secret"],
    [{ role: "admin" }, "role"],
    [{ email: "a@example.com" }, "email"],
    [{ allowed_agents: ["a"] }, "allowed_agents"],
    [{ disabled: true }, "disabled"],
  ])("has no %j", async (change, field) => {
    const answer = await as("admin", "PUT", GROUP, change);
    expect(answer.status).toBe(422);
    expect(await answer.json()).toMatchObject({ detail: { json: { [field]: [expect.stringContaining("group")] } } });
    expect(await subject.store.clients.find("group:kernel")).toBeNull();
  });

  test.each(["group:", `group:${"x".repeat(201)}`, "group:a\u0007", "group:a\u202eb"])(
    "is not called %j",
    async (id) => {
      expect((await as("manager", "POST", QUEUE, { client_id: id })).status).toBe(422);
      expect((await as("manager", "PUT", `/v1/client-permissions/${encodeURIComponent(id)}`, {})).status).toBe(422);
      expect(await subject.store.queues.owners("rpi4-1")).toBeNull();
      expect(await subject.store.clients.list()).toHaveLength(1);
    },
  );

  test("may have a path as its name", async () => {
    await logIn("/lab/x");
    expect((await as("manager", "POST", QUEUE, { client_id: "group:/lab/x" })).status).toBe(200);
    expect(await submit(await refresh())).toBe(200);
  });

  /** The reference would let a client take the name; whoever knew its secret would then speak for the group. */
  test("is nobody who logs in, also where a database of the reference has a client of that name", async () => {
    const secret = "a-long-enough-secret";
    await subject.store.clients.create({ id: "group:kernel", secretHash: await hashSecret(secret), permissions: {} });
    await loginOf("group:kernel", "left-over");
    expect((await send("POST", "/v1/oauth2/token", `Basic ${btoa(`group:kernel:${secret}`)}`)).status).toBe(401);
    expect((await send("POST", "/v1/oauth2/refresh", "", { refresh_token: "left-over" })).status).toBe(400);
  });
});

contract("an owner by a pattern", (subject) => {
  let app: TestApp;
  beforeEach(async () => {
    app = await testApp({ on: subject });
    await subject.store.clients.create({ id: "ci", permissions: { allowed_queue_patterns: ["rpi4-*"] } });
    await subject.store.clients.create({ id: "named", permissions: {} });
    await subject.store.queues.restrict("rpi4-1", "named");
  });
  afterEach(() => app.close());

  const call = async (method: string, path: string, body?: unknown) =>
    app.fetch(
      new Request(`http://localhost${path}`, {
        method,
        headers: {
          authorization: `Bearer ${await app.token("the-admin", { role: "admin" })}`,
          "content-type": "application/json",
        },
        body: body === undefined ? undefined : JSON.stringify(body),
      }),
    );

  test("is not removed from one queue, which would change nothing; the answer names the pattern", async () => {
    const answer = await call("DELETE", QUEUE, { client_id: "ci" });
    expect(answer.status).toBe(409);
    expect(((await answer.json()) as { message: string }).message).toContain("by the pattern 'rpi4-*'");
    expect(await subject.store.queues.owners("rpi4-1")).toEqual(["ci", "named"]);
  });

  test("keeps the queue restricted when nobody else owns it", async () => {
    expect((await call("DELETE", QUEUE, { client_id: "named" })).status).toBe(200);
    expect(await (await call("GET", QUEUE)).json()).toEqual({ queue: "rpi4-1", owners: ["ci"] });
  });

  test("is told to agents of the queue, which then take its jobs first", async () => {
    await subject.store.agents.report("a", { state: "waiting", queues: ["rpi4-1"] }, [], new Date());
    expect(await (await call("GET", "/v1/agents/data/a")).json()).toMatchObject({
      restricted_to: { "rpi4-1": ["ci", "named"] },
    });
  });

  test.each([[[""]], [["x".repeat(201)]], [Array<string>(101).fill("a*")], ["rpi4-*"]])(
    "cannot have the patterns %j",
    async (allowed_queue_patterns) => {
      const answer = await call("PUT", "/v1/client-permissions/ci", { allowed_queue_patterns });
      expect(answer.status).toBe(422);
      expect(await answer.json()).toHaveProperty("detail.json.allowed_queue_patterns");
    },
  );
});
