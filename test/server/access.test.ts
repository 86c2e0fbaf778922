import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { ROLES } from "../../src/shared/roles.ts";
import { type TestApp, testApp } from "../support/test-app.ts";

/**
 * Who may call what, written down apart from the route declarations (auth section 4.2). A: admin, M: manager, C: contributor, G: agent.
 * With OIDC off anonymous callers pass where contributors do, except for secrets.
 */
const MATRIX: [string, string][] = [
  ["GET /v1/job", "G"],
  ["GET /v1/job/:job_id/attachments", "G"],
  ["POST /v1/job/:job_id/events", "G"],
  ["POST /v1/job/:job_id/children", "G"],
  ["POST /v1/job/:job_id/children/:child_id/action", "G"],
  ["POST /v1/result/:job_id", "G"],
  ["POST /v1/result/:job_id/artifact", "G"],
  ["POST /v1/result/:job_id/log/:log_type", "G"],
  ["POST /v1/agents/provision_logs/:agent_name", "G"],
  ["POST /v1/agents/data/:agent_name", "AMG"],
  ["POST /v1/agents/images", "AMG"],
  ["POST /v1/agents/queues", "AMG"],
  ["GET /v1/agents/data/:agent_name", "AMCG"],
  ["GET /v1/result/:job_id", "AMCG"],
  ["GET /v1/job/:job_id/state", "AMCG"],
  ["GET /v1/agents/data", "AMC"],
  ["GET /v1/agents/images/:queue", "AMC"],
  ["GET /v1/agents/queues", "AMC"],
  ["POST /v1/job", "AMC"],
  ["GET /v1/job/:job_id", "AMC"],
  ["GET /v1/job/:job_id/position", "AMC"],
  ["GET /v1/job/search", "AMC"],
  ["POST /v1/job/:job_id/action", "AMC"],
  ["POST /v1/job/:job_id/attachments", "AMC"],
  ["POST /v1/job/:job_id/attachments/uploads", "AMC"],
  ["GET /v1/job/:job_id/attachments/uploads/:upload_id", "AMC"],
  ["PATCH /v1/job/:job_id/attachments/uploads/:upload_id", "AMC"],
  ["POST /v1/job/:job_id/attachments/uploads/:upload_id/complete", "AMC"],
  ["GET /v1/result/:job_id/artifact", "AMC"],
  ["GET /v1/result/:job_id/log/:log_type", "AMC"],
  ["GET /v1/result/:job_id/log/:log_type/stream", "AMC"],
  ["GET /v1/queues/wait_times", "AMC"],
  ["GET /v1/queues/:queue_name/agents", "AMC"],
  ["GET /v1/queues/:queue_name/jobs", "AMC"],
  ["GET /v1/restricted-queues", "AMC"],
  ["GET /v1/restricted-queues/:queue_name", "AMC"],
  ["PUT /v1/secrets/:client_id/*", "AMC"],
  ["DELETE /v1/secrets/:client_id/*", "AMC"],
  ["POST /v1/restricted-queues/:queue_name", "AM"],
  ["DELETE /v1/restricted-queues/:queue_name", "AM"],
  ["GET /v1/client-permissions", "AM"],
  ["GET /v1/client-permissions/:client_id", "AM"],
  ["PUT /v1/client-permissions/:client_id", "AM"],
  ["DELETE /v1/client-permissions/:client_id", "A"],
  ["GET /v1/oauth2/sessions", "AMCG"],
  ["DELETE /v1/oauth2/sessions/:id", "AMCG"],
  ["POST /v1/oauth2/revoke", "A"],
];

/** Open on purpose; each says why in its declaration. */
const OPEN = [
  "GET /v1",
  "GET /v1/server",
  "GET /healthz",
  "GET /readyz",
  "POST /v1/oauth2/token",
  "POST /v1/oauth2/refresh",
  "POST /v1/oauth2/secret",
  "POST /oidc/auth-init",
  "POST /oidc/auth-poll/:request_id",
  "GET /auth/login",
  "GET /auth/authorize",
  "POST /auth/authorize",
  "POST /v1/oauth2/code",
  "GET /auth/callback",
  "GET /auth/logout",
  "POST /auth/logout",
  "GET /openapi.json",
  "GET /docs",
  "GET /docs/oauth2-redirect",
];

const LETTER = { admin: "A", manager: "M", contributor: "C", agent: "G" } as const;

describe.each([false, true])("with OIDC on: %p", (oidc) => {
  let app: TestApp;
  beforeAll(async () => {
    app = await testApp({ oidc });
  });
  afterAll(() => app.close());

  test("every route is in the matrix or in the list of open ones, and none is missing", () => {
    const known = [
      ...MATRIX.map(([name]) => name),
      ...OPEN.filter((name) => oidc || !/\/(oidc|auth|oauth2\/code)\b/.test(name)),
    ];
    // Pages look at the browser's session: test/server/web/access.test.ts.
    const declared = app.routes
      .filter(({ tag }) => tag !== "Pages")
      .map(({ method, path }) => `${method} ${path}`)
      .filter((name) => !name.includes("/docs/"));
    expect(declared.toSorted()).toEqual(known.filter((name) => !name.includes("/docs/")).toSorted());
  });

  test("open routes read no large bodies", () => {
    for (const { access, body, maxBody, path } of app.routes)
      if ("open" in access && body) expect([path, maxBody]).toEqual([path, 16 * 1024]);
  });

  test("open routes say why they may be open", () => {
    for (const { access } of app.routes) if ("open" in access) expect(access.open.length).toBeGreaterThan(10);
  });

  describe.each(MATRIX)("%s", (name, letters) => {
    const [method = "", path = ""] = name.split(" ");
    const url = path.replace(":log_type", "output").replace(/:\w+|\*/g, "x");
    const call = (headers: Record<string, string> = {}) =>
      app.fetch(new Request(`http://localhost${url}`, { method, headers }));

    test.each([...ROLES])("%s", async (role) => {
      const answer = await call({ authorization: `Bearer ${await app.token(`some-${role}`, { role })}` });
      const { message } = (await answer.json().catch(() => ({}))) as { message?: unknown };
      if (letters.includes(LETTER[role])) expect(String(message)).not.toStartWith("Specified action requires role");
      else
        expect([answer.status, String(message)]).toEqual([
          403,
          expect.stringContaining("Specified action requires role: "),
        ]);
    });

    test("nobody in particular", async () => {
      const answer = await call();
      const { message } = (await answer.json().catch(() => ({}))) as { message?: unknown };
      if (oidc) {
        expect([answer.status, message]).toEqual([401, "Authentication is required for specified endpoint"]);
        expect(answer.headers.get("www-authenticate")).toStartWith("Bearer ");
      } else if (letters.includes("C")) expect(String(message)).not.toStartWith("Specified action requires role");
      else expect(answer.status).toBe(403);
    });
  });
});
