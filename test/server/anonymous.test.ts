import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { loadConfig } from "../../src/server/config.ts";
import { type Lab, lab } from "./web/lab.ts";

/** Statuses with `submit` (as in the reference), `read` and `none`. */
const REQUESTS: readonly (readonly [method: string, path: string, body: unknown, statuses: readonly number[]])[] = [
  ["GET", "/v1/job/search?tags=a", undefined, [200, 200, 401]],
  ["GET", "/v1/agents/data", undefined, [200, 200, 401]],
  ["GET", "/v1/job/JOB", undefined, [200, 200, 401]],
  ["GET", "/v1/result/JOB", undefined, [200, 200, 401]],
  ["POST", "/v1/job", { job_queue: "q" }, [200, 401, 401]],
  ["POST", "/v1/job/JOB/action", { action: "cancel" }, [200, 401, 401]],
  ["GET", "/jobs", undefined, [200, 200, 401]],
  ["GET", "/jobs/JOB", undefined, [200, 200, 401]],
  ["GET", "/jobs/JOB/log/output", undefined, [200, 200, 401]],
  ["GET", "/", undefined, [200, 200, 200]],
  ["GET", "/v1", undefined, [200, 200, 200]],
  ["GET", "/healthz", undefined, [200, 200, 200]],
];

/** Auth section 8, no. 12: in the reference whoever reaches a server without logins may do all that contributors may. */
describe.each([
  ["submit", 0],
  ["read", 1],
  ["none", 2],
] as const)("without a login, where ANONYMOUS_ACCESS is %s", (access, column) => {
  let app: Lab;
  beforeAll(async () => void (app = await lab({ env: { ANONYMOUS_ACCESS: access } })));
  afterAll(() => app.close());

  const send = async (method: string, path: string, body?: unknown, headers: Record<string, string> = {}) => {
    const job = path.includes("JOB") ? await app.job({ attachments: undefined }) : "";
    return app.fetch(
      new Request(`http://localhost${path.replace("JOB", job)}`, {
        method,
        headers: { "content-type": "application/json", ...headers },
        body: body === undefined ? undefined : JSON.stringify(body),
      }),
    );
  };

  test.each(REQUESTS)("%s %s", async (method, path, body, statuses) => {
    expect((await send(method, path, body)).status).toBe(statuses[column] as number);
  });

  test("a form of a page", async () => {
    const answer = await app.post(`/jobs/${await app.job()}/cancel`);
    expect(answer.status).toBe([303, 403, 401][column] as number);
  });

  test("the page of a job offers to cancel it, and shows the password of its device, only where that may be done", async () => {
    const provision_data = { url: "http://image" };
    const test_data = { test_username: "ubuntu", test_password: "a-password-of-a-device" };
    const id = await app.job({ definition: { provision_data, test_data } });
    const page = await (await app.get(`/jobs/${id}`)).text();
    expect(page.includes(`/jobs/${id}/cancel`)).toBe(access === "submit");
    expect(page.includes("a-password-of-a-device")).toBe(access === "submit");
  });

  test("a client with a token does what its role may", async () => {
    const authorization = `Bearer ${await app.token("ci", { role: "contributor" })}`;
    for (const [method, path, body] of REQUESTS.filter(([, path]) => path.startsWith("/v1/")))
      expect((await send(method, path, body, { authorization })).status).toBe(200);
  });

  test("clients are told whether to log in first", async () => {
    expect((await (await send("GET", "/v1/server")).json()).auth).toEqual({
      anonymous: access === "submit",
      oidc: false,
    });
    const refused = await send("POST", "/v1/job", { job_queue: "q" });
    if (access !== "submit") expect(refused.headers.get("www-authenticate")).toStartWith("Bearer");
  });
});

test("where people log in nobody is anonymous, whatever ANONYMOUS_ACCESS says", () => {
  const oidc = { OIDC_CLIENT_ID: "c", OIDC_PROVIDER_ISSUER: "https://idp.example", WEB_SECRET_KEY: "k" };
  for (const ANONYMOUS_ACCESS of ["submit", "read", "none"])
    expect(loadConfig({ HOME: "/home/op", ...oidc, ANONYMOUS_ACCESS }).anonymous).toBe("none");
  expect(loadConfig({ HOME: "/home/op" }).anonymous).toBe("submit");
});
