import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import { ROLES } from "../../../src/shared/roles.ts";
import { type Lab, lab, ORIGIN } from "./lab.ts";

const location = (answer: Response) => [answer.status, answer.headers.get("location")];

describe("cancelling a job without logins", () => {
  let app: Lab, job: string;
  const state = async () => (await app.store.jobs.summary(job))?.state;
  beforeEach(async () => {
    app = await lab();
    job = await app.job();
  });
  afterEach(() => app.close());

  test("is asked before it is done", async () => {
    expect(await app.page(`/jobs/${job}`)).toContain(`href="/jobs/${job}/cancel" id="cancel"`);
    const page = await app.page(`/jobs/${job}/cancel`);
    expect(page).toContain("<h1>Cancel this job?</h1>");
    expect(page).toContain(`<form method="post" action="/jobs/${job}/cancel"`);
    expect(await state()).toBe("waiting");
    expect(location(await app.post(`/jobs/${job}/cancel`))).toEqual([303, `/jobs/${job}`]);
    expect(await state()).toBe("cancelled");
  });

  test("of one that has ended is refused by a page", async () => {
    await app.post(`/jobs/${job}/cancel`);
    const answer = await app.post(`/jobs/${job}/cancel`);
    expect(answer.status).toBe(400);
    expect(answer.headers.get("content-type")).toBe("text/html; charset=utf-8");
    expect(await answer.text()).toContain("The job is already completed or cancelled");
    expect(await app.page(`/jobs/${job}`)).not.toContain('id="cancel"');
  });

  /** Whoever reaches a server without login may cancel jobs, so any page that a person of the lab opens could make their browser do it. */
  test.each([
    ["from another site", { origin: "https://evil.example" }],
    ["from the same name at another port", { origin: "http://localhost:8080" }],
    ["from a sandboxed frame", { origin: "null" }],
    ["from another site by a browser that tells", { "sec-fetch-site": "cross-site", origin: "https://evil.example" }],
    ["from a sibling of the domain", { "sec-fetch-site": "same-site", origin: "http://other.localhost" }],
  ])("%s is refused", async (_, headers) => {
    const answer = await app.post(`/jobs/${job}/cancel`, {}, headers);
    expect(answer.status).toBe(403);
    expect(await answer.text()).toContain("This request came from another site.");
    expect(await state()).toBe("waiting");
  });

  test("by something that does not tell where it comes from is refused", async () => {
    const answer = await app.fetch(new Request(`${ORIGIN}/jobs/${job}/cancel`, { method: "POST" }));
    expect([answer.status, await state()]).toEqual([403, "waiting"]);
  });

  test("by a link is not possible", async () => {
    await app.get(`/jobs/${job}/cancel`);
    expect(await state()).toBe("waiting");
  });

  test("takes a form and nothing else", async () => {
    const send = (body: BodyInit, type: string) =>
      app.fetch(
        new Request(`${ORIGIN}/jobs/${job}/cancel`, {
          method: "POST",
          body,
          headers: { origin: ORIGIN, host: "localhost", "content-type": type },
        }),
      );
    expect((await send("{}", "application/json")).status).toBe(415);
    expect((await send("x".repeat(300_000), "application/x-www-form-urlencoded")).status).toBe(413);
    expect(await state()).toBe("waiting");
  });
});

describe("cancelling a job with logins", () => {
  test.each([...ROLES])("is for people: %s", async (role) => {
    const app = await lab({ oidc: true });
    const job = await app.job();
    const cookie = await app.signIn(role);
    const people = role !== "agent";
    expect((await (await app.get(`/jobs/${job}`, cookie)).text()).includes('id="cancel"')).toBe(people);
    expect((await app.post(`/jobs/${job}/cancel`, {}, cookie)).status).toBe(people ? 303 : 403);
    expect((await app.store.jobs.summary(job))?.state).toBe(people ? "cancelled" : "waiting");
    await app.close();
  });

  test("is refused to those who have not signed in", async () => {
    const app = await lab({ oidc: true });
    const job = await app.job();
    expect((await app.post(`/jobs/${job}/cancel`)).status).toBe(401);
    expect((await app.store.jobs.summary(job))?.state).toBe("waiting");
    await app.close();
  });

  test("follows the ownership that the API enforces", async () => {
    const app = await lab({ oidc: true, env: { JOB_OWNERSHIP: "enforce" } });
    const job = await app.job({ submitter: "ada@example.com" });
    const refused = await app.post(`/jobs/${job}/cancel`, {}, await app.signIn("contributor", "eve@example.com"));
    expect(refused.status).toBe(403);
    expect(await refused.text()).toContain("belongs to another client");
    const own = await app.post(`/jobs/${job}/cancel`, {}, await app.signIn("contributor", "ada@example.com"));
    expect(own.status).toBe(303);
    await app.close();
  });
});

describe("people who are signed in", () => {
  let app: Lab;
  beforeAll(async () => void (app = await lab({ oidc: true })));
  afterAll(() => app.close());

  test("see the lab, their name, and the way out", async () => {
    const page = await (await app.get("/", await app.signIn("contributor", "zoe@example.com"))).text();
    expect(page).toContain("<summary>The &lt;b>contributor&lt;/b></summary>");
    expect(page).toContain('<form method="post" action="/auth/logout">');
    expect(page).toContain('href="/jobs?submitter=zoe%40example.com"');
    expect(page).toContain('<a href="/agents">');
    expect(page).not.toContain("Sign In");
    expect(page).not.toContain("Administration");
  });

  test.each(["/", "/agents", "/jobs", "/queues", "/sessions", "/jobs/unknown", "/agents/unknown"])(
    "see the way out on %s (ASVS 5.0 control 7.4.4)",
    async (path) => {
      const email = `${crypto.randomUUID()}@example.com`;
      const page = await (await app.get(path, await app.signIn("contributor", email))).text();
      expect(page).toContain('<form method="post" action="/auth/logout">');
    },
  );

  test("see their logins and end them, and not those of others", async () => {
    const [ada, eve] = [
      await app.signIn("contributor", "ada@example.com"),
      await app.signIn("contributor", "eve@example.com"),
    ];
    const now = new Date(),
      later = new Date(now.getTime() + 1e6);
    const own = await app.store.refreshTokens.add("own", {
      clientId: "ada@example.com",
      issuedAt: now,
      expiresAt: later,
    });
    const other = await app.store.refreshTokens.add("other", {
      clientId: "eve@example.com",
      issuedAt: now,
      expiresAt: later,
    });
    const page = await (await app.get("/sessions", ada)).text();
    expect(page).toContain("this browser");
    expect(page).toContain(`value="${own.id}"`);
    expect(page).not.toContain(other.id);
    expect(page).not.toContain("session-of-eve");
    for (const form of [
      { id: other.id, place: "command line" },
      { id: "session-of-eve@example.com", place: "browser" },
      { id: "nothing", place: "browser" },
      {},
    ])
      expect((await app.post("/sessions/end", form as Record<string, string>, ada)).status).toBe(404);
    expect(location(await app.post("/sessions/end", { id: own.id, place: "command line" }, ada))).toEqual([
      303,
      "/sessions",
    ]);
    expect((await app.store.refreshTokens.find("own"))?.revoked).toBe(true);
    expect((await app.store.refreshTokens.find("other"))?.revoked).toBe(false);
    await app.post("/sessions/end", { id: "session-of-ada@example.com", place: "browser" }, ada);
    expect((await app.get("/jobs", ada)).status).toBe(401);
    expect((await app.get("/jobs", eve)).status).toBe(200);
  });
});

describe("administration", () => {
  let app: Lab, admin: { cookie: string }, manager: { cookie: string }, contributor: { cookie: string };
  beforeEach(async () => {
    app = await lab({ oidc: true });
    [admin, manager, contributor] = [
      await app.signIn("admin"),
      await app.signIn("manager"),
      await app.signIn("contributor"),
    ];
    await app.store.clients.create({
      id: "robot",
      permissions: { role: "contributor", max_priority: { q: 5, "*": 1 } },
    });
    await app.store.agents.report("a", { queues: ["q"] }, [], new Date());
  });
  afterEach(() => app.close());
  const robot = async () => (await app.store.clients.find("robot"))?.permissions;

  test.each(["/admin/new-client", "/admin/clients/robot"])(
    "%s hides a secret that is typed, and lets password managers fill it in (ASVS 5.0 controls 6.2.6 and 6.2.7)",
    async (path) => {
      const page = await (await app.get(path, admin)).text();
      const [field] = /<input[^>]*name="client_secret"[^>]*>/.exec(page)!;
      for (const attribute of ['type="password"', 'autocomplete="new-password"']) expect(field).toContain(attribute);
      for (const hindrance of ["onpaste", "readonly", "pattern", "maxlength", "value"])
        expect(field.toLowerCase()).not.toContain(` ${hindrance}=`);
    },
  );

  test.each(["/admin", "/admin/new-client", "/admin/clients/robot"])("%s is for managers and admins", async (path) => {
    expect((await app.get(path)).status).toBe(401);
    expect((await app.get(path, contributor)).status).toBe(403);
    expect((await app.get(path, manager)).status).toBe(200);
    expect((await app.get(path, admin)).status).toBe(200);
  });

  test("does not exist where nobody logs in", async () => {
    const open = await lab();
    for (const path of ["/admin", "/sessions"]) expect((await open.get(path)).status).toBe(404);
    await open.close();
  });

  test("lists clients with what they may do", async () => {
    const page = await (await app.get("/admin", manager)).text();
    expect(page).toContain('<a href="/admin/clients/robot">robot</a>');
    expect(page).toContain("q = 5\n* = 1");
    expect(page).toContain("manager@example.com");
    expect(page).toContain('<a href="/admin" aria-current="page">Administration</a>');
    expect(await (await app.get("/admin?search=robot", manager)).text()).not.toContain(">manager@example.com<");
  });

  test("changes permissions as the API does", async () => {
    const form = {
      role: "manager",
      max_priority: "q = 7\n\n*=2\r\na = b = 3",
      max_reservation_time: "q = 12h\n* = 90",
    };
    expect(location(await app.post("/admin/clients/robot", form, admin))).toEqual([303, "/admin/clients/robot"]);
    expect(await robot()).toMatchObject({
      role: "manager",
      max_priority: { q: 7, "*": 2, "a = b": 3 },
      max_reservation_time: { q: 43_200, "*": 90 },
    });
    const page = await (await app.get("/admin/clients/robot", admin)).text();
    expect(page).toContain("q = 12h\n* = 90s");
    expect(page).toContain('<option value="manager" selected>');
  });

  test.each([
    [{ max_priority: "q" }, 422, "Priority: 'q' must have the form 'queue = value'."],
    [{ max_priority: "= 5" }, 422, "must have the form"],
    [{ max_priority: "q = high" }, 422, "'high' is no whole number"],
    [{ max_reservation_time: "q = soon" }, 422, "Invalid duration format"],
    [{ role: "manager", client_secret: "short" }, 422, "client_secret"],
  ] as const)("refuses %j and changes nothing", async (form, status, message) => {
    const before = await robot();
    const answer = await app.post("/admin/clients/robot", form, admin);
    expect(answer.status).toBe(status);
    expect((await answer.text()).replaceAll("&quot;", '"')).toContain(message);
    expect(await robot()).toEqual(before);
  });

  test("gives nobody a role above one's own", async () => {
    const answer = await app.post("/admin/clients/robot", { role: "admin" }, manager);
    expect(answer.status).toBe(403);
    expect((await robot())?.role).toBe("contributor");
  });

  test("creates clients, and not over existing ones", async () => {
    const form = { client_id: "new one", client_secret: "a long enough secret", role: "contributor" };
    expect(location(await app.post("/admin/new-client", form, manager))).toEqual([303, "/admin/clients/new%20one"]);
    expect((await app.store.clients.find("new one"))?.permissions.role).toBe("contributor");
    expect((await app.post("/admin/new-client", { ...form, role: "manager" }, manager)).status).toBe(409);
    expect((await app.post("/admin/new-client", { ...form, client_id: " " }, manager)).status).toBe(422);
  });

  test("deletes clients after asking, if one is an admin", async () => {
    expect((await app.get("/admin/clients/robot/delete", manager)).status).toBe(403);
    expect((await app.post("/admin/clients/robot/delete", {}, manager)).status).toBe(403);
    expect(await (await app.get("/admin/clients/robot", manager)).text()).not.toContain("Delete");
    expect(await (await app.get("/admin/clients/robot/delete", admin)).text()).toContain("Delete the client robot?");
    expect(await robot()).toBeDefined();
    expect(location(await app.post("/admin/clients/robot/delete", {}, admin))).toEqual([303, "/admin"]);
    expect(await robot()).toBeUndefined();
    expect((await app.get("/admin/clients/robot", admin)).status).toBe(404);
  });

  test("restricts queues and opens them again", async () => {
    const change = (what: string, form: Record<string, string>) =>
      app.post(`/admin/queues/${what}-owner`, form, manager);
    expect(location(await change("add", { queue: "q", client_id: "robot" }))).toEqual([
      303,
      "/admin#restricted-queues",
    ]);
    expect(await app.store.queues.owners("q")).toEqual(["robot"]);
    expect(await (await app.get("/admin", manager)).text()).toContain(
      '<input type="hidden" name="client_id" value="robot"/>',
    );
    expect((await change("add", { queue: "q", client_id: "nobody" })).status).toBe(404);
    expect((await change("add", { queue: "unserved", client_id: "robot" })).status).toBe(404);
    expect((await change("remove", { queue: "q", client_id: "robot" })).status).toBe(303);
    expect(await app.store.queues.owners("q")).toBeNull();
  });

  test("lets patterns and groups own queues, and tells who is in by a pattern", async () => {
    const { clients, queues } = app.store;
    await app.post("/admin/queues/add-owner", { queue: "q", client_id: "group:kernel" }, manager);
    const form = { role: "contributor", allowed_queue_patterns: " q* \r\n\nx86-*" };
    await app.post("/admin/clients/robot", form, manager);
    expect((await robot())?.allowed_queue_patterns).toEqual(["q*", "x86-*"]);
    expect(await queues.owners("q")).toEqual(["group:kernel", "robot"]);
    const page = await (await app.get("/admin", manager)).text();
    expect(page).toContain('<input type="hidden" name="client_id" value="group:kernel"/>');
    expect(page).not.toContain('<input type="hidden" name="client_id" value="robot"/>');
    expect(page).toContain('<a href="/admin/clients/robot">robot</a> by a pattern');
    expect((await app.post("/admin/queues/remove-owner", { queue: "q", client_id: "robot" }, manager)).status).toBe(
      409,
    );
    const group = await (await app.get("/admin/clients/group%3Akernel", manager)).text();
    expect(group).not.toContain('name="role"');
    expect(group).not.toContain('name="client_secret"');
    const change = { max_priority: "q = 3", allowed_queue_patterns: "" };
    expect((await app.post("/admin/clients/group%3Akernel", change, manager)).status).toBe(303);
    expect((await clients.find("group:kernel"))?.permissions).toMatchObject({ max_priority: { q: 3 } });
    await app.post("/admin/clients/robot", { role: "contributor", allowed_queue_patterns: "" }, manager);
    expect(await robot()).not.toHaveProperty("allowed_queue_patterns");
    expect(await queues.owners("q")).toEqual(["group:kernel"]);
  });

  test("is not done by forms of other sites", async () => {
    const before = await robot();
    const evil = { ...admin, origin: "https://evil.example" };
    for (const path of [
      "/admin/clients/robot",
      "/admin/clients/robot/delete",
      "/admin/new-client",
      "/admin/queues/add-owner",
      "/sessions/end",
    ])
      expect([path, (await app.post(path, { role: "admin" }, evil)).status]).toEqual([path, 403]);
    expect(await robot()).toEqual(before);
  });
});
